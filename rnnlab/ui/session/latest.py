"""Keep the values that were used last, within a number, a size in bytes, and a number for each owner."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True)
class _Kept(Generic[Value]):
    value: Value
    nbytes: int
    owner: str


class Latest(Generic[Key, Value]):
    """The values that were used last: at most `number`, and `each` of one owner; the latest is always kept.

    max_bytes: of all values together, as `nbytes` counts them.
    """

    def __init__(
        self,
        number: int,
        max_bytes: int | None = None,
        nbytes: Callable[[Value], int] = lambda value: 0,
        each: int | None = None,
    ) -> None:
        self._number, self._max_bytes, self._nbytes_of, self._each = number, max_bytes, nbytes, each
        self._known, self._lock = OrderedDict[Key, _Kept[Value]](), Lock()  # the latest last

    def __len__(self) -> int:
        return len(self._known)

    @property
    def nbytes(self) -> int:
        """The bytes of all values together."""
        with self._lock:
            return sum(kept.nbytes for kept in self._known.values())

    def find(self, key: Key) -> Value | None:
        """Return the value of `key` and count it as used; None if it is not kept."""
        kept = self._use(key)
        return None if kept is None else kept.value

    def keep(self, key: Key, value: Value, owner: str = "") -> None:
        """Keep a value, and drop those that were used longest ago where there is no room. "" is nobody."""
        kept = _Kept(value, self._nbytes_of(value), owner)
        with self._lock:
            self._known[key] = kept
            self._known.move_to_end(key)
            own = [other for other, of in self._known.items() if owner and of.owner == owner]
            for other in own[: len(own) - self._each] if self._each else ():
                del self._known[other]
            while len(self._known) > 1 and self._is_full():
                self._known.popitem(last=False)

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return the value of `key`; `make` it where it is not kept. Two threads may make the same one."""
        kept = self._use(key)
        if kept is not None:
            return kept.value
        made = make()
        self.keep(key, made)
        return made

    def _use(self, key: Key) -> _Kept[Value] | None:
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def _is_full(self) -> bool:
        total = sum(kept.nbytes for kept in self._known.values())
        return len(self._known) > self._number or (self._max_bytes is not None and total > self._max_bytes)
