"""RNNCell: hello → ohlol, one step of the cell at a time."""

from rnnlab.ui.tabs.hello.layout import build_tab
from rnnlab.ui.tabs.hello.payload import VIEW

__all__ = ["VIEW", "build_tab"]
