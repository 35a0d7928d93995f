"""Who looks at a run, and since when nobody does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rnnlab.runs.states import UNSEEN, Clock


class Watched:
    """What can be looked at. All methods may be called from any thread."""

    why: str = ""  # it is paused: UNSEEN, RESTARTED, or "" when somebody has paused it

    def __init__(self) -> None:
        self._viewers, self._counting = 0, threading.Lock()
        self.watched(time.monotonic, lambda: None)

    def watched(self, clock: Clock, seen: Callable[[], None]) -> None:
        """Whose clock counts while nobody looks, and who is told when somebody looks again."""
        self._clock, self._on_seen = clock, seen
        self._last_seen = self._paused_at = clock()

    @contextmanager
    def viewer(self) -> Iterator[None]:
        """While somebody looks."""
        with self._counting:
            self._viewers += 1
        self.visit()
        try:
            yield
        finally:
            with self._counting:
                self._viewers -= 1
                self._last_seen = self._clock()

    def visit(self) -> None:
        """Somebody has asked for it."""
        self._last_seen = self._clock()
        if self.why == UNSEEN:
            self._on_seen()

    @property
    def unseen_for(self) -> float:
        """Seconds since somebody looked at it; for what has ended, since then or since its end."""
        return 0.0 if self._viewers else self._clock() - self._last_seen

    @property
    def paused_for(self) -> float:
        """Seconds since it was paused last."""
        return self._clock() - self._paused_at

    @property
    def seen_again(self) -> bool:
        """Whether somebody has looked since it was paused."""
        return self._viewers > 0 or self._last_seen > self._paused_at
