"""What an experiment tells the world: frozen, plain data, one event at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    """Base of every event. Fields are floats, ints, strings, tuples of these, or numpy arrays; never tensors."""

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON takes them; what is infinite or undefined becomes None."""
        return {name: plain(value) for name, value in asdict(self).items()}


def row(event: Event) -> dict[str, Any]:
    """`event` with its kind: what a run logs, a command prints, a page is told."""
    return {"kind": type(event).__name__.lower(), **event.to_dict()}


def plain(value: Any) -> Any:
    """`value` as JSON writes it: inf and NaN become None, tuples and numpy arrays lists, numpy numbers numbers."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    return value
