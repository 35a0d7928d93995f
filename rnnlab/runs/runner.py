"""The runner: keeps runs by id, gives them places, and has the others wait in order."""

from __future__ import annotations

import os
import threading
import time

from rnnlab.devices import tune_thread
from rnnlab.runs.run import LESSON, QUEUED, TRAINING, Run, Snapshot
from rnnlab.validation import InvalidInput

KEPT_RUNS = 64  # how many ended runs stay readable
MAX_WAITING = 100  # runs in the queue
MAX_LESSONS = 4  # lessons that compute at once


class Runner:
    """Keeps runs by id and lets at most `max_running` of them train at once; the others wait in order.

    `max_running` None: as many as the machine has cores. Lessons have MAX_LESSONS places of their own. Each run
    computes with `threads` threads (see `tune_thread`).
    """

    def __init__(self, max_running: int | None = None, threads: int = 1) -> None:
        self.places = {TRAINING: max_running or os.cpu_count() or 1, LESSON: MAX_LESSONS}
        self.threads = threads
        self._runs: dict[str, Run] = {}
        self._waiting: list[Run] = []
        self._running = dict.fromkeys(self.places, 0)
        self._closed = False
        self._lock = threading.Lock()

    def start(self, run: Run) -> Run:
        """Queue `run`; it begins as soon as a place is free. Raises InvalidInput when too many wait."""
        with self._lock:
            if self._closed:
                run.stop()
            elif len(self._queue()) >= MAX_WAITING:
                run.stop()
                raise InvalidInput("queue_full", "train", high=MAX_WAITING)
            self._runs.pop(run.id, None)
            self._runs[run.id] = run
            self._waiting = [*(other for other in self._queue() if other is not run), run]
            self._forget_oldest()
            self._fill()
        return run

    def go_on(self, run: Run, epochs: int) -> None:
        """Let an ended run train for `epochs` more, or a running one end that much later."""
        if run.extend(epochs):
            self.start(run)

    def get(self, run_id: str | None) -> Run | None:
        return self._runs.get(run_id or "")

    def forget(self, run: Run) -> None:
        """Stop `run` and keep it no longer: nobody will ask for it again."""
        run.stop()
        with self._lock:
            self._runs.pop(run.id, None)

    def ids(self) -> tuple[str, ...]:
        """The runs that are kept, the latest last."""
        with self._lock:
            return tuple(self._runs)

    def follow(self, run: Run, cursor: int = 0) -> Snapshot:
        """`run.since(cursor)` with the run's place in the queue."""
        with self._lock:
            queue = [other for other in self._queue() if other.pool == run.pool]
        return run.since(cursor, queue.index(run) + 1 if run in queue else 0)

    def close(self, timeout: float = 5.0) -> None:
        """Stop every run and wait for them, at most `timeout` seconds in all. Later ones are stopped at once."""
        with self._lock:
            self._closed = True
            runs = list(self._runs.values())
        until = time.monotonic() + timeout
        for run in runs:
            run.stop()
        for run in runs:
            run.wait(max(0.0, until - time.monotonic()))

    def _queue(self) -> list[Run]:
        """The runs that wait for a place, in order, without those that were stopped meanwhile."""
        return [run for run in self._waiting if run.state == QUEUED]

    def _fill(self) -> None:
        """Give the free places to the first in the queue. The lock is held."""
        waiting = []
        for run in self._queue():
            if self._running[run.pool] < self.places[run.pool]:
                self._running[run.pool] += 1
                threading.Thread(target=self._drive, args=(run,), name=f"run-{run.id}", daemon=True).start()
            else:
                waiting.append(run)
        self._waiting = waiting

    def _drive(self, run: Run) -> None:
        tune_thread(self.threads)
        try:
            run.drive()
        finally:
            with self._lock:
                self._running[run.pool] -= 1
                self._fill()

    def _forget_oldest(self) -> None:
        ended = [run_id for run_id, run in self._runs.items() if run.ended]
        for run_id in ended[: max(0, len(ended) - KEPT_RUNS)]:
            del self._runs[run_id]
