"""Generate: a trained model continues a prefix, character by character."""

from rnnlab.ui.tabs.generate.layout import build_tab

__all__ = ["build_tab"]
