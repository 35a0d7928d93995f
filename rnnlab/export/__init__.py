"""Take a run along."""
