"""Options of the page's events, and the events of components.

app.load(handler, None, panel, **QUIET)
button.click(handler, inputs, panel, **REFUSING)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from gradio.components import Component

# At once, and the page shows nothing of it.
QUIET: Mapping[str, Any] = MappingProxyType({"queue": False, "show_progress": "hidden", "api_visibility": "private"})

# A handler that can refuse goes through the queue: outside of it Gradio answers an error with status 500, no message.
REFUSING: Mapping[str, Any] = MappingProxyType(
    {"concurrency_limit": None, "show_progress": "hidden", "api_visibility": "private"}
)


def changes_of(components: Iterable[Component]) -> list[Any]:
    """Return the `change` event of each component."""
    return [component.change for component in components]  # type: ignore[attr-defined]  # Gradio's metaclass adds it
