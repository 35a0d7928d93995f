"""The first part of the Tagging tab: tag a sentence."""
