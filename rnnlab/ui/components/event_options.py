"""How the events of a page reach their handlers.

app.load(handler, None, panel, **QUIET)
button.click(handler, inputs, panel, **REFUSING)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

# At once, and the page shows nothing of it.
QUIET: Mapping[str, Any] = MappingProxyType({"queue": False, "show_progress": "hidden", "api_visibility": "private"})

# What can refuse goes through the queue: outside of it Gradio answers an error with status 500 and no message.
REFUSING: Mapping[str, Any] = MappingProxyType(
    {"concurrency_limit": None, "show_progress": "hidden", "api_visibility": "private"}
)
