"""Clocks for durations: neither a process that was stopped nor a wall clock that was set counts as time that passed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

GAP = 5.0  # seconds between two readings at most; beyond it the process was stopped
TICK = 1.0  # seconds between two readings of the ticking thread
JUMP = 5.0  # seconds by which the wall clock may differ from the monotonic one and has not been set


class AwakeClock:
    """Count the seconds for which this process ran.

    `time.monotonic` goes on while a process is stopped (SIGSTOP, a frozen container), so afterwards everybody seems to
    have been away for as long. This clock counts GAP seconds of such a time at most. Someone has to read it more often
    than that, which `tick` sees to. May be read from any thread.
    """

    def __init__(self, source: Callable[[], float] = time.monotonic) -> None:
        self._source, self._last, self._counted = source, source(), 0.0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        with self._lock:
            now = self._source()
            self._counted += min(max(now - self._last, 0.0), GAP)
            self._last = now
            return self._counted

    def tick(self) -> AwakeClock:
        """Read the clock once a second from now on, in a thread that ends with the process."""
        threading.Thread(target=self._tick, name="awake-clock", daemon=True).start()
        return self

    def _tick(self) -> None:
        while True:
            time.sleep(TICK)
            self()


class WallClock:
    """Tell whether the wall clock was set; times that were taken from it before then mean nothing."""

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._offset = wall() - monotonic()

    def was_set(self) -> bool:
        """Return whether the clock was set since the last call, or since it was made."""
        before, self._offset = self._offset, self._wall() - self._monotonic()
        return abs(self._offset - before) > JUMP
