"""Tagging: tag every word of a sentence; train a tagger, and compare it with one that sees no context."""

from rnnlab.ui.tabs.tag.layout import build_tab
from rnnlab.ui.tabs.tag.training.payload import VIEW

__all__ = ["VIEW", "build_tab"]
