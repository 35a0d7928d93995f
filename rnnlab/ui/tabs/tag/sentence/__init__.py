"""The first part of the Tagging tab: a sentence is tagged."""
