"""One run: an experiment that one thread drives and any number of viewers read.

What has happened is an append-only log of plain rows, so a viewer needs to remember only how far it has read:
`run.since(cursor)` never loses a row and never gives one twice, after a reload or a dropped connection included.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from rnnlab.experiments.event import Event, plain

log = logging.getLogger(__name__)

QUEUED, RUNNING, PAUSED = "queued", "running", "paused"
FINISHED, STOPPED, DIVERGED, FAILED = "finished", "stopped", "diverged", "failed"
ENDED = frozenset({FINISHED, STOPPED, DIVERGED, FAILED})

UNSEEN_GRACE = 60.0  # seconds without a viewer after which a run stops
TRAINING, LESSON = "training", "lesson"  # the two pools of places: a lesson of a second never waits for a long training

Row = dict[str, Any]


class Experiment(Protocol):
    """What can run in the background: something that yields events. Some can be asked to `extend(epochs)`, too."""

    def events(self) -> Generator[Event, None, None]: ...


Recorder = Callable[[Event], Row | None]


@dataclass(frozen=True)
class Snapshot:
    """What a viewer learns: the rows since its cursor, the new cursor, and how the run stands."""

    rows: tuple[Row, ...]
    cursor: int
    state: str
    position: int  # place in the queue, from 1; 0 when it is not waiting


class Run:
    """One experiment in the background. All methods may be called from any thread."""

    def __init__(
        self, experiment: Experiment, record: Recorder, log: tuple[Row, ...] = (), pool: str = TRAINING
    ) -> None:
        self.id = secrets.token_urlsafe(16)  # who knows it may see and steer the run, so it cannot be guessed
        self.pool = pool
        self.experiment = experiment
        self.error: BaseException | None = None
        self._record, self._log = record, list(log)
        self._state = QUEUED
        self._stop, self._go = threading.Event(), threading.Event()
        self._go.set()
        self._extended = False  # by somebody, since the experiment was last asked for an event
        self._viewers, self._last_seen = 0, time.monotonic()
        self._changed = threading.Condition()  # guards the state

    @property
    def state(self) -> str:
        state = self._state
        return PAUSED if state == RUNNING and not self._go.is_set() else state

    @property
    def ended(self) -> bool:
        return self._state in ENDED

    def since(self, cursor: int, position: int = 0) -> Snapshot:
        """The rows from number `cursor` on. A cursor that is beyond the log starts again from nothing."""
        state = self.state  # before the rows: whoever sees the end has seen every row
        start = cursor if 0 <= cursor <= len(self._log) else 0
        rows = tuple(self._log[start:])
        return Snapshot(rows, start + len(rows), state, position)

    def stop(self) -> None:
        """End the run within one minibatch, at once if it still waits; what it has learned stays usable."""
        with self._changed:
            self._stop.set()
            self._go.set()
            if self._state == QUEUED:
                self._end(STOPPED)

    def pause(self) -> None:
        with self._changed:
            if not self.ended and not self._stop.is_set():
                self._go.clear()

    def resume(self) -> None:
        self._go.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the run has ended; whether it has."""
        with self._changed:
            return self._changed.wait_for(lambda: self.ended, timeout)

    @contextmanager
    def viewer(self) -> Iterator[None]:
        """While somebody looks. A run that nobody has looked at for UNSEEN_GRACE stops by itself."""
        with self._changed:
            self._viewers += 1
        try:
            yield
        finally:
            with self._changed:
                self._viewers -= 1
                self._last_seen = time.monotonic()

    @property
    def abandoned(self) -> bool:
        return self._viewers == 0 and time.monotonic() - self._last_seen > UNSEEN_GRACE

    def extend(self, epochs: int) -> bool:
        """Let the experiment go on for longer, whatever was asked before; whether the run must be queued again."""
        with self._changed:
            self.experiment.extend(epochs)
            self._stop.clear()
            self._go.set()
            self._last_seen = time.monotonic()
            self._extended = True
            if not self.ended:
                return False
            self._state, self.error = QUEUED, None
            return True

    def drive(self) -> None:
        """Run the experiment to its end in the calling thread."""
        with self._changed:
            if self._state != QUEUED:  # stopped while it waited
                return
            self._state = RUNNING
        while not self._finish(self._consume()):
            pass

    def _consume(self) -> str:
        """Log the experiment's events until it ends or is told to; return how it ended."""
        try:
            with closing(self.experiment.events()) as events:
                while not self._stop.is_set():
                    self._extended = False  # what is asked from here on, the experiment may see too late
                    event = next(events, None)
                    if event is None:
                        return FINISHED
                    row = self._record(event)
                    if row is not None:
                        self._log.append(plain_row(row))
                        if row.get("kind") in (FINISHED, DIVERGED):
                            return row["kind"]
                    self._wait_while_paused()
        except Exception as error:  # a thread has nobody to raise to: the run carries its failure to the viewers
            log.exception("run %s failed", self.id)
            self.error = error
            return FAILED
        return STOPPED

    def _wait_while_paused(self) -> None:
        while not self._go.wait(timeout=1.0) and not self.abandoned:
            pass
        if self.abandoned:
            self._stop.set()

    def _finish(self, state: str) -> bool:
        """End the run, unless somebody has extended it just when the experiment had decided to end."""
        with self._changed:
            if self._extended and not self._stop.is_set() and state in (FINISHED, STOPPED):
                return False
            self._end(state)
            return True

    def _end(self, state: str) -> None:
        self._state = state
        self._changed.notify_all()


def plain_row(row: Row) -> Row:
    """`row` as JSON takes it."""
    return {name: plain(value) for name, value in row.items()}
