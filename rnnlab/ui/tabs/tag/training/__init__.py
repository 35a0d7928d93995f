"""The second part of the Tagging tab: a tagger is trained."""
