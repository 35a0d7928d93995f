"""One run: an experiment that a thread drives and any number of viewers read.

What has happened is an append-only log of plain rows, so a viewer needs to remember only how far it has read:
`run.since(cursor)` never loses a row and never gives one twice, after a reload or a dropped connection included.

    queued ──► running ──► finished, stopped, diverged, failed
       ▲          │                        │
       └─ paused ◄┘      (+ N epochs) ─────┘─► queued

A paused run needs no thread: the experiment's generator is kept where it stands, and whichever thread drives the run
next goes on with it.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
from collections.abc import Generator, Iterable
from typing import Any

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.event import Event
from rnnlab.operating import line
from rnnlab.runs.log import Log, Row
from rnnlab.runs.states import (
    DIVERGED,
    ENDED,
    FAILED,
    FINISHED,
    PAUSED,
    QUEUED,
    RUNNING,
    STOPPED,
    TRAINING,
    Experiment,
    Recorder,
    Snapshot,
)
from rnnlab.runs.watched import Watched

log = logging.getLogger("rnnlab.runs")


def key_of(run_id: str) -> str:
    """The name by which a run is kept: from it nobody learns the id."""
    return hashlib.sha256(run_id.encode("utf-8", "replace")).hexdigest()


class Run(Watched):
    """One experiment in the background. All methods may be called from any thread."""

    def __init__(
        self,
        experiment: Experiment,
        record: Recorder,
        log: Iterable[Row] = (),
        pool: str = TRAINING,
        *,
        key: str | None = None,
        state: str = QUEUED,
        why: str = "",
    ) -> None:
        """`key`: of a run that was read from a store, where its id is not written."""
        super().__init__()
        # Who knows the id may see and steer the run, so it cannot be guessed.
        self.id = secrets.token_urlsafe(16) if key is None else ""
        self.key = key or key_of(self.id)
        self.pool = pool
        self.experiment = experiment
        self.why = why
        self.not_saved = ""  # why the last try to save it failed
        self.error: BaseException | None = None
        self._record, self._log = record, Log(log)
        self._state = state
        self._asked: str | None = None  # PAUSED or STOPPED: what the thread that drives it is to do
        self._events: Generator[Event, None, None] | None = None  # while it runs, and while it is paused
        self._extended = False  # by somebody, since the experiment was last asked for an event
        self._changed = threading.Condition()  # guards the state

    # what is so

    @property
    def state(self) -> str:
        state = self._state
        return PAUSED if state == RUNNING and self._asked == PAUSED else state

    @property
    def ended(self) -> bool:
        return self._state in ENDED

    @property
    def driven(self) -> bool:
        """Whether a thread computes it at this moment, be it only until the end of a minibatch."""
        return self._state == RUNNING

    @property
    def config(self) -> Any:
        return self.experiment.config

    @property
    def latest(self) -> Checkpoint | None:
        """The last whole epoch of a language model, while it trains and after; None for any other experiment."""
        return getattr(self.experiment, "latest", None)

    @property
    def nbytes(self) -> int:
        """About what it takes in memory."""
        return self._log.nbytes + getattr(self.experiment, "nbytes", 0)

    @property
    def name(self) -> str:
        """What the server's log calls it."""
        return self.key[:6]

    def since(self, cursor: int, position: int = 0) -> Snapshot:
        """The rows from number `cursor` on. A cursor that is beyond the log starts again from nothing."""
        state = self.state  # before the rows: whoever sees the end has seen every row
        return Snapshot(*self._log.since(cursor), state, position)

    def last(self, kind: str) -> Row | None:
        """The latest row of this kind."""
        return self._log.last(kind)

    def note(self, row: Row) -> None:
        """Add a row to the log."""
        with self._changed:
            self._log.append(row)

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the run has ended; whether it has."""
        with self._changed:
            return self._changed.wait_for(lambda: self.ended, timeout)

    def wait_until_still(self, timeout: float) -> bool:
        """Block until no thread computes it; whether none does."""
        with self._changed:
            return self._changed.wait_for(lambda: not self.driven, timeout)

    # what it is told

    def stop(self) -> bool:
        """End the run within one minibatch; at once if it waits or is paused, and whether it did that now.

        What it has learned stays usable.
        """
        with self._changed:
            if self.driven:
                self._asked = STOPPED
            elif not self.ended:
                self._end(STOPPED)
                return True
            return False

    def pause(self, why: str = "") -> None:
        """Let go of its place within one minibatch, at once if it waits."""
        with self._changed:
            if self._state == QUEUED:
                self._rest()
            elif self._state == RUNNING and self._asked is None:
                self._asked = PAUSED
            elif self.state != PAUSED:
                return
            elif why:
                return  # it keeps its reason
            self.why, self._paused_at = why, self._clock()

    def resume(self) -> bool:
        """Go on; whether it must be queued for that, because it has let go of its place."""
        with self._changed:
            if self.state != PAUSED:
                return False
            self.why = ""
            if self.driven:
                self._asked = None
                return False
            self._state = QUEUED
            return True

    def extend(self, epochs: int) -> bool:
        """Let the experiment go on for longer, whatever was asked before; whether the run must be queued for that."""
        with self._changed:
            if self.ended:
                self.let_go()  # from now on it has not ended: to be extended once more is to end later still
            self.experiment.extend(epochs)
            self._asked, self.why = None, ""
            self._last_seen = self._clock()
            self._extended = True
            if self._state in (RUNNING, QUEUED):
                return False
            self._state, self.error = QUEUED, None
            return True

    def change(self, learning_rate: float) -> None:
        """Train with another learning rate from the next minibatch on. Raises InvalidInput."""
        with self._changed:
            epoch, step = self.experiment.change(learning_rate)
            self._log.append({"kind": "changed", "epoch": epoch, "step": step, "learning_rate": float(learning_rate)})

    def let_go(self, *arguments: Any) -> None:
        """When it has ended, or not yet begun, keep of the experiment only what going on needs, if it can do that."""
        with self._changed:
            idle = self.ended or (self._state == QUEUED and self._events is None)
            if idle and hasattr(self.experiment, "let_go"):
                self.experiment.let_go(self.ended, *arguments)

    # what drives it

    def drive(self) -> None:
        """Run the experiment in the calling thread until it ends or is paused."""
        with self._changed:
            if self._state != QUEUED:  # stopped or paused while it waited
                return
            self._state, self._asked = RUNNING, None
        while not self._accept(self._consume()):
            pass

    def _consume(self) -> str:
        """Log the experiment's events until it ends or is told to; return how it ended, or PAUSED."""
        try:
            if self._events is None:
                self._events = self.experiment.events()
            while (asked := self._asked) is None:
                self._extended = False  # what is asked from here on, the experiment may see too late
                event = next(self._events, None)
                if event is None:
                    return FINISHED
                row = self._record(event)
                if row is not None:
                    self.note(row)
                    if row.get("kind") in (FINISHED, DIVERGED):
                        return row["kind"]
            return asked
        except Exception as error:  # a thread has nobody to raise to: the run carries its failure to the viewers
            log.exception(line("run_failed", run=self.name))
            error.__context__ = error.__cause__ = None
            self.error = error.with_traceback(None)  # its frames would keep all of the experiment in memory
            return FAILED

    def _accept(self, outcome: str) -> bool:
        """End or rest, unless somebody has asked for something else in the very moment; whether that was done."""
        with self._changed:
            if outcome == PAUSED:
                if self._asked != PAUSED:
                    return False
                self._rest()
            elif self._extended and self._asked is None and outcome in (FINISHED, STOPPED):
                self._close_events()
                return False
            else:
                self._end(outcome)
            return True

    def _rest(self) -> None:
        self._state, self._asked = PAUSED, None
        self._changed.notify_all()

    def _end(self, state: str) -> None:
        self._close_events()
        self._state, self._asked, self.why = state, None, ""
        self._last_seen = self._clock()
        self._changed.notify_all()

    def _close_events(self) -> None:
        """What fails here must not keep the run from ending, or its place would never be free again."""
        events, self._events = self._events, None
        try:
            if hasattr(events, "close"):  # an iterator that is no generator has nothing to close
                events.close()
        except Exception:
            log.exception(line("run_not_closed", run=self.name))
