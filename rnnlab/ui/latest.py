"""Latest: the values that were asked for last, within a number, for each owner too, a number of bytes, and an age."""

from __future__ import annotations

import time
import weakref
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

from rnnlab.limits import MAX_UNUSED_SECONDS

Key = TypeVar("Key")
Value = TypeVar("Value")

_all: weakref.WeakSet[Latest[Any, Any]] = weakref.WeakSet()


@dataclass
class _Kept(Generic[Value]):
    value: Value
    used: float  # when it was asked for last
    owner: str  # "" is nobody


class Latest(Generic[Key, Value]):
    """The values that were asked for last. The newest one stays, however large it is, until it is too old.

    texts = Latest(8, nbytes=lambda text: len(text), max_bytes=64 * MIB)
    text = texts.get(run.id, lambda: read(run))
    """

    def __init__(
        self,
        number: int,
        *,
        nbytes: Callable[[Value], int] | None = None,
        max_bytes: int | None = None,
        each: int | None = None,
        seconds: float = MAX_UNUSED_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep at most `number` values of at most `max_bytes` together, each for `seconds` after its last use.

        each: at most so many of one owner.
        nbytes: the size of a value, which may grow while it is kept; called often, so it must be quick.
        """
        self._number, self._nbytes, self._max_bytes, self._each = number, nbytes, max_bytes, each
        self._seconds, self._clock = seconds, clock
        self._known: OrderedDict[Key, _Kept[Value]] = OrderedDict()  # the latest last
        self._lock = Lock()
        _all.add(self)

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return the value of `key`; `make` it where it is not known. Two threads may make the same one."""
        with self._lock:
            if key in self._known:
                return self._use(key)
        made = make()
        self.keep(key, made)
        return made

    def known(self, key: Key) -> Value | None:
        """Return the value of `key` if it is kept."""
        with self._lock:
            return self._use(key) if key in self._known else None

    def keep(self, key: Key, value: Value, owner: str = "") -> None:
        """Keep a value, in place of one that was kept under this key, and drop others where there is no room."""
        with self._lock:
            self._known[key] = _Kept(value, self._clock(), owner)
            self._known.move_to_end(key)
            own = [other for other, kept in self._known.items() if owner and kept.owner == owner]
            for other in own[: -self._each] if self._each else ():
                del self._known[other]
            self._forget()

    def drop(self, key: Key) -> None:
        """Forget a value, if it is known."""
        with self._lock:
            self._known.pop(key, None)

    def forget_unused(self) -> None:
        """Forget the values that nobody has asked for within the last seconds."""
        with self._lock:
            self._forget()

    def clear(self) -> None:
        """Forget all values."""
        with self._lock:
            self._known.clear()

    def _use(self, key: Key) -> Value:
        kept = self._known[key]
        kept.used = self._clock()
        self._known.move_to_end(key)
        self._forget()
        return kept.value

    def _forget(self) -> None:
        while self._known and next(iter(self._known.values())).used < self._clock() - self._seconds:
            self._known.popitem(last=False)
        while len(self._known) > 1 and (len(self._known) > self._number or self._is_large()):
            self._known.popitem(last=False)

    def _is_large(self) -> bool:
        if self._nbytes is None or self._max_bytes is None:
            return False
        return sum(self._nbytes(kept.value) for kept in self._known.values()) > self._max_bytes


def forget_unused() -> None:
    """Forget the values of every `Latest` that nobody has asked for within its last seconds."""
    for latest in list(_all):
        latest.forget_unused()


def forget_all() -> None:
    """Forget the values of every `Latest`; a measurement then finds nothing kept."""
    for latest in list(_all):
        latest.clear()
