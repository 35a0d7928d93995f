"""What belongs to one visitor: state, uploads, runs; how they are found again after a reload, and when they go."""
