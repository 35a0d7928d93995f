"""One run: an experiment that a thread drives and any number of viewers read.

What has happened is an append-only log of plain rows, so a viewer needs to remember only how far it has read:
`run.since(cursor)` never loses a row and never gives one twice, after a reload or a dropped connection included.

    queued ──► running ──► finished, stopped, diverged, failed
       ▲          │                        │
       └─ paused ◄┘      (+ N epochs) ─────┘─► queued

A paused run needs no thread: the experiment's generator is kept where it stands, and whichever thread drives the run
next goes on with it. One that is paused for longer sleeps: of a training only its last whole epoch is kept.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from typing import Any

from rnnlab.checkpoints import Checkpoint
from rnnlab.runs.driven import Driven
from rnnlab.runs.history import Row
from rnnlab.runs.states import (
    PAUSED,
    QUEUED,
    RUNNING,
    STOPPED,
    TRAINING,
    EventToRow,
    Experiment,
    Snapshot,
)


def key_of(run_id: str) -> str:
    """The name by which a run is kept: from it nobody learns the id."""
    return hashlib.sha256(run_id.encode("utf-8", "replace")).hexdigest()


class Run(Driven):
    """One experiment in the background. All methods may be called from any thread."""

    def __init__(
        self,
        experiment: Experiment,
        record: EventToRow,
        log: Iterable[Row] = (),
        pool: str = TRAINING,
        *,
        owner: str = "",
        key: str | None = None,
        state: str = QUEUED,
        why: str = "",
    ) -> None:
        """`owner` says whose it is, where runs are shared out among visitors; nobody's is as if each were another's.

        `key`: of a run that was read from a store, where neither its id nor its owner is written.
        """
        super().__init__(experiment, record, log, state)
        # Who knows the id may see and steer the run, so it cannot be guessed.
        self.id = secrets.token_urlsafe(16) if key is None else ""
        self.key = key or key_of(self.id)
        self.pool, self.owner = pool, owner or self.key
        self.why = why
        self.not_saved = ""  # why the last try to save it failed

    # what is so

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

    def since(self, cursor: int, position: int = 0) -> Snapshot:
        """The rows from number `cursor` on. A cursor that is beyond the log starts again from nothing."""
        over, state = (
            self.over,
            self.state,
        )  # in this order and before the rows: the end has all of them
        return Snapshot(*self._log.since(cursor), state, position, over)

    def last(self, kind: str) -> Row | None:
        """The latest row of this kind."""
        return self._log.last(kind)

    # what it is told

    def stop(self) -> bool:
        """End the run; whether it was over at once, because no thread had to be told.

        One that computes is over within a minibatch. What it has learned stays usable.
        """
        with self._changed:
            if self.driven:
                self._asked, self.why = STOPPED, ""
                self._last_seen = self._clock()
            elif not self.over:
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
            from_here = self.ended  # asked once more, it has not ended, and will end later still
            if self.over:
                self.release()  # whatever it has ended with, it begins afresh from its last whole epoch
            self.experiment.extend(epochs, from_here)
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
            before = self.config.learning_rate
            epoch, step = self.experiment.change(learning_rate)
            row = {"kind": "changed", "epoch": epoch, "step": step, "learning_rate": float(learning_rate)}
            self._log.append({**row, "before": before})

    def release(self, *arguments: Any) -> None:
        """When it is over, or not yet begun, keep of the experiment only what going on needs, if it can do that."""
        with self._changed:
            idle = self.over or (self._state == QUEUED and self._events is None)
            if idle and hasattr(self.experiment, "sleep"):
                self.experiment.sleep(*arguments)
            elif self.over and hasattr(self.experiment, "release"):  # what cannot sleep needs all of it to begin
                self.experiment.release()

    def sleep(self, *arguments: Any) -> None:
        """When it is paused, keep of the experiment only what going on needs: the epoch in progress is begun anew."""
        with self._changed:
            if self._state == PAUSED:
                self._close_events()
                self.experiment.sleep(*arguments)
