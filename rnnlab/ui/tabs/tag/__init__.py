"""Tagging: tag every word of a sentence; train a tagger, and see what context and spelling are worth."""

from rnnlab.ui.tabs.tag.layout import build_tab
from rnnlab.ui.tabs.tag.training.payload import VIEW

__all__ = ["VIEW", "build_tab"]
