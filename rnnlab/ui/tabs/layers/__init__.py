"""Layers: a recurrent layer with every shape, parameter count and product."""

from rnnlab.ui.tabs.layers.layout import build_tab

__all__ = ["build_tab"]
