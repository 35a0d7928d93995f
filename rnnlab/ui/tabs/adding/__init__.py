"""Memory: which network can add two numbers that stand far apart in a row?

A tab of its own and no part of sin → cos: it compares cells and not memories between windows, and its settings,
command and endpoint have nothing in common with those of the sine.
"""

from rnnlab.ui.tabs.adding.layout import build_tab
from rnnlab.ui.tabs.adding.payload import VIEW

__all__ = ["VIEW", "build_tab"]
