"""Count the viewers of a run, and measure for how long it has had none."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Clock = Callable[[], float]  # seconds


class Viewers:
    """The viewers of one run. All methods may be called from any thread."""

    def __init__(self) -> None:
        self._count, self._lock = 0, threading.Lock()
        self.attach(time.monotonic, lambda: None)

    def attach(self, clock: Clock, on_visit: Callable[[], None]) -> None:
        """Measure time by `clock` from now on, and call `on_visit` at each visit."""
        self._clock, self._on_visit = clock, on_visit
        self.restart_timer()

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Count one more viewer inside the `with` block."""
        with self._lock:
            self._count += 1
        self.visit()
        try:
            yield
        finally:
            with self._lock:
                self._count -= 1
                self.restart_timer()

    def visit(self) -> None:
        """Note that somebody has requested the run."""
        self.restart_timer()
        self._on_visit()

    def restart_timer(self) -> None:
        """Measure `unseen_for` from now on."""
        self._last_seen = self._clock()

    @property
    def count(self) -> int:
        """Return the number of viewers."""
        return self._count

    @property
    def unseen_for(self) -> float:
        """Return the seconds without a viewer: since the last visit, or since the timer was restarted."""
        return 0.0 if self._count else self._clock() - self._last_seen

    def seen_since(self, moment: float) -> bool:
        """Return whether somebody has watched or visited after `moment`, a time of the clock."""
        return self._count > 0 or self._last_seen > moment
