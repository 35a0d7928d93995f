"""The events of experiments: frozen, plain data, one at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Event:
    """Base of every event. Fields are floats, ints, strings, tuples of these, or NumPy arrays."""

    kind: ClassVar[str] = "event"  # names the event in a row: the class's name in lower case, unless it gives another

    def __init_subclass__(cls, kind: str | None = None) -> None:
        cls.kind = kind or cls.__name__.lower()

    def to_dict(self) -> dict[str, Any]:
        """Return the fields with values that JSON can write; infinite and undefined numbers become None."""
        return {name: plain(value) for name, value in asdict(self).items()}


@dataclass(frozen=True, kw_only=True)
class Started(Event):
    """The first event of every experiment; each adds the constants of its run."""

    parameters: int  # of one network: numbers that training changes


def row(event: Event) -> dict[str, Any]:
    """Return `event` with its kind, as a history keeps it, a command prints it, and a page receives it."""
    return {"kind": event.kind, **event.to_dict()}


def plain(value: Any) -> Any:
    """Return `value` as JSON can write it.

    inf and NaN become None, tuples and arrays become lists, and NumPy's numbers become Python's.
    """
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    return value
