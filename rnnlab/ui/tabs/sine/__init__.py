"""sin → cos: what the state carried between windows is worth."""

from rnnlab.ui.tabs.sine.payload import VIEW

__all__ = ["VIEW"]
