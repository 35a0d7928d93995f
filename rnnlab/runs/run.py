"""One run: an experiment that a thread drives and any number of viewers read.

The history of a run is an append-only list of plain rows, so a viewer needs to remember only how far it has read:
`run.since(cursor)` never loses a row and never returns one twice, after a reload or a dropped connection included.

    queued ──► running ──► finished, stopped, diverged, failed
       ▲          │                        │
       └─ paused ◄┘      (+ N epochs) ─────┘─► queued

A paused run needs no thread: its event stream stays open, and the thread that drives the run next goes on with it.
After a longer pause the run is suspended: of a training only its resume point is kept (see `Training.suspend`).
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from rnnlab.checkpoints import Checkpoint
from rnnlab.runs import protocols
from rnnlab.runs.event_stream import EventStream, read_events
from rnnlab.runs.history import EventToRow, History, Row
from rnnlab.runs.protocols import Experiment
from rnnlab.runs.resume_point import Place, ReadResumePoint
from rnnlab.runs.states import ENDED, FINISHED, PAUSED, QUEUED, RUNNING, STOPPED, TRAINING, UNSEEN, Snapshot, key_of
from rnnlab.runs.viewers import Clock, Viewers


class Run:
    """One experiment in the background. All methods may be called from any thread."""

    def __init__(
        self,
        experiment: Experiment,
        record: EventToRow,
        rows: Iterable[Row] = (),
        pool: str = TRAINING,
        *,
        owner: str = "",
        key: str | None = None,
        state: str = QUEUED,
        why: str = "",
    ) -> None:
        """Make a run in `state`, with a history that begins with `rows`; `record` turns an event into a row.

        `owner`: the client among whom the scheduler shares places; "" counts as an owner of its own.
        `key`: of a run that was read from a store, which holds neither its id nor its owner.
        `why`: the reason of a pause (UNSEEN, RESTARTED), or "" when a visitor has paused the run.
        """
        self.id = secrets.token_urlsafe(16) if key is None else ""  # grants access to the run: not to be guessed
        self.key = key or key_of(self.id)
        self.name = self.key[:6]  # in the server's log
        self.experiment, self.pool, self.owner, self.why = experiment, pool, owner or self.key, why
        self.not_saved = ""  # why the last try to save the run failed
        self.error: BaseException | None = None
        self.stream, self.viewers, self._history = EventStream(experiment, record), Viewers(), History(rows)
        self._state = state
        self.requested: str | None = None  # PAUSED or STOPPED, until the thread has brought it about
        self._changed = threading.Condition()  # guards the state
        self.attach(time.monotonic, lambda: None)

    @property
    def state(self) -> str:
        """Return the requested state at once; the thread follows at the end of its current minibatch."""
        return self._state if self.over else self.requested or self._state

    @property
    def ended(self) -> bool:
        """Return whether the run has ended or will end with the current minibatch."""
        return self.state in ENDED

    @property
    def over(self) -> bool:
        """Return whether the run has ended and no thread drives it any more."""
        return self._state in ENDED

    @property
    def driven(self) -> bool:
        """Return whether a thread drives the run at this moment."""
        return self._state == RUNNING

    @property
    def config(self) -> Any:
        """Return the experiment's configuration; None for an experiment without one."""
        return self.experiment.config if isinstance(self.experiment, protocols.Configured) else None

    @property
    def latest(self) -> Checkpoint | None:
        """Return a training's last whole epoch, while it trains and after; None for any other experiment."""
        return self.experiment.checkpoint() if isinstance(self.experiment, protocols.HasCheckpoint) else None

    @property
    def nbytes(self) -> int:
        """Estimate the memory that the run takes, in bytes."""
        own = self.experiment.nbytes if isinstance(self.experiment, protocols.HasMemoryEstimate) else 0
        return self._history.nbytes + own

    def since(self, cursor: int, position: int = 0) -> Snapshot:
        """Return the rows from number `cursor` on; a cursor beyond the last row starts again from the first."""
        over, state = self.over, self.state  # in this order and before the rows: the end has all of them
        return Snapshot(*self._history.since(cursor), state, position, over)

    def last(self, kind: str) -> Row | None:
        """Return the latest row of this kind."""
        return self._history.last(kind)

    def note(self, row: Row) -> None:
        """Add a row to the history."""
        with self._changed:
            self._history.append(row)

    def attach(self, clock: Clock, on_return: Callable[[], None]) -> None:
        """Measure pauses by `clock`; call `on_return` when an UNSEEN run is visited."""
        self._clock, self.paused_at = clock, clock()
        self.viewers.attach(clock, lambda: on_return() if self.why == UNSEEN else None)

    @property
    def paused_for(self) -> float:
        """Return the seconds since the run was paused last."""
        return self._clock() - self.paused_at

    def stop(self) -> bool:
        """End the run; return whether it ended at once, because no thread drives it.

        A driven run ends within a minibatch. What it has learned stays usable.
        """
        with self._changed:
            if self.driven:
                self.requested, self.why = STOPPED, ""
                self.viewers.restart_timer()
            elif not self.over:
                self._end(STOPPED)
                return True
            return False

    def pause(self, why: str = "") -> None:
        """Free the run's place: within one minibatch, or at once if the run waits in the queue."""
        with self._changed:
            if self._state == QUEUED:
                self._pause_now()
            elif self._state == RUNNING and self.requested is None:
                self.requested = PAUSED
            elif self.state != PAUSED or why:  # a paused run keeps its first reason, unless a visitor pauses it
                return
            self.why, self.paused_at = why, self._clock()

    def resume(self) -> bool:
        """Go on after a pause; return whether the run must be queued, because it has freed its place."""
        with self._changed:
            if self.state != PAUSED:
                return False
            self.why = ""
            if self.driven:
                self.requested = None
                return False
            self._state = QUEUED
            return True

    def extend(self, epochs: int) -> bool:
        """Train for more epochs, whatever was requested before; return whether the run must be queued.

        A run that has ended counts `epochs` from its last whole epoch, any other from its planned end.
        Raises InvalidInput.
        """
        if not isinstance(self.experiment, protocols.Extendable):
            raise TypeError(f"{type(self.experiment).__name__} is not Extendable")
        with self._changed:
            from_here = self.ended  # only now: once extended, the run has not ended any more
            if self.over:
                self.release()  # however it ended, it goes on from its resume point
            self.experiment.extend(epochs, from_here)
            self.requested, self.why = None, ""
            self.viewers.restart_timer()
            self.stream.extended = True
            if self._state in (RUNNING, QUEUED):
                return False
            self._state, self.error = QUEUED, None
            return True

    def change(self, learning_rate: float) -> None:
        """Train with another learning rate from the next minibatch on. Raises InvalidInput."""
        if not isinstance(self.experiment, protocols.Adjustable):
            raise TypeError(f"{type(self.experiment).__name__} is not Adjustable")
        with self._changed:
            before = self.config.learning_rate
            epoch, step = self.experiment.change(learning_rate)
            row = {"epoch": epoch, "step": step, "learning_rate": float(learning_rate), "before": before}
            self._history.append({"kind": "changed", **row})

    def release(self, read: ReadResumePoint | None = None, place: Place | None = None) -> None:
        """Free memory of a run that has ended or not begun; see `Suspendable.suspend` for the arguments."""
        with self._changed:
            idle = self.over or (self._state == QUEUED and not self.stream.is_open)
            if idle and isinstance(self.experiment, protocols.Suspendable):
                self.experiment.suspend(read, place)
            elif self.over and isinstance(self.experiment, protocols.Releasable):  # before its start it needs all of it
                self.experiment.release()

    def suspend(self, read: ReadResumePoint | None = None, place: Place | None = None) -> None:
        """Free memory of a paused run; see `Suspendable.suspend`."""
        with self._changed:
            if self._state == PAUSED and isinstance(self.experiment, protocols.Suspendable):
                self.stream.close(self.name)
                self.experiment.suspend(read, place)

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the run is over; return whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self.over, timeout)

    def wait_until_still(self, timeout: float) -> bool:
        """Block until no thread drives the run; return whether none does."""
        with self._changed:
            return self._changed.wait_for(lambda: not self.driven, timeout)

    def drive(self) -> None:
        """Run the experiment in the calling thread until it ends or is paused."""
        with self._changed:
            if self._state != QUEUED:  # stopped or paused while it waited
                return
            self._state, self.requested = RUNNING, None
        while not self._accept(read_events(self, self.stream)):
            pass

    def _accept(self, outcome: str) -> bool:
        """Pause or end the run; return False if another request came in the same moment, which goes first."""
        with self._changed:
            if outcome == PAUSED:
                if self.requested != PAUSED:
                    return False
                self._pause_now()
            elif self.stream.extended and self.requested is None and outcome in (FINISHED, STOPPED):
                self.stream.close(self.name)
                return False
            else:
                self._end(outcome)
            return True

    def _pause_now(self) -> None:
        self._state, self.requested = PAUSED, None
        self._changed.notify_all()

    def _end(self, state: str) -> None:
        self.stream.close(self.name)
        self._state, self.requested, self.why = state, None, ""
        self.viewers.restart_timer()
        self._changed.notify_all()
