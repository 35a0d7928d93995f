"""AwakeClock: a clock for durations that does not count the time in which the process was stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

MAX_STEP = 5.0  # seconds that two readings may be apart; beyond it the process was stopped
TICK = 1.0  # seconds between two readings of the ticking thread


class AwakeClock:
    """Count the seconds for which this process ran.

    `time.monotonic` goes on while a process is stopped (SIGSTOP, a frozen container), so afterwards all visitors seem
    to have been away for as long. This clock counts at most MAX_STEP seconds of such a time. Some thread has to read
    it more often than that; `tick` starts one. May be read from any thread.
    """

    def __init__(self, source: Callable[[], float] = time.monotonic) -> None:
        self._source, self._last, self._counted = source, source(), 0.0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        with self._lock:
            now = self._source()
            self._counted += min(max(now - self._last, 0.0), MAX_STEP)
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
