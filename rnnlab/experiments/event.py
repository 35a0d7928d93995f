"""What an experiment tells the world: frozen, plain data, one event at a time."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    """Base of every event. Fields are floats, ints, strings, tuples of these, or numpy arrays; never tensors."""

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON takes them; what is infinite or undefined becomes None."""
        return {name: plain(value) for name, value in asdict(self).items()}


def plain(value: Any) -> Any:
    """`value` without what JSON cannot write: inf and NaN become None, tuples become lists."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value
