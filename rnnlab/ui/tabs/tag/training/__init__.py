"""The second part of the Tagging tab: train a tagger."""
