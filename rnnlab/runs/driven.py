"""A run as the thread sees it that computes it: it asks the experiment for events until it ends or is told to stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator, Iterable

from rnnlab.experiments.event import Event
from rnnlab.hosting import line
from rnnlab.runs.history import History, Row
from rnnlab.runs.states import (
    DIVERGED,
    ENDED,
    FAILED,
    FINISHED,
    PAUSED,
    QUEUED,
    RUNNING,
    STOPPED,
    EventToRow,
    Experiment,
)
from rnnlab.runs.watched import Watched

log = logging.getLogger("rnnlab.runs")


class Driven(Watched):
    """An experiment with its log, in one of the states; `run.py` has what a visitor asks of it."""

    key: str = ""  # by which it is kept

    def __init__(self, experiment: Experiment, record: EventToRow, log: Iterable[Row], state: str) -> None:
        super().__init__()
        self.experiment = experiment
        self.error: BaseException | None = None
        self._record, self._log = record, History(log)
        self._state = state
        self._asked: str | None = None  # PAUSED or STOPPED: what the thread that drives it is to bring about
        self._events: Generator[Event, None, None] | None = None  # while it runs, and while it is paused
        self._extended = False  # by somebody, since the experiment was last asked for an event
        self._changed = threading.Condition()  # guards the state

    @property
    def state(self) -> str:
        """What it is told to be it is at once; its thread follows when the minibatch is done that it computes."""
        return self._state if self.over else self._asked or self._state

    @property
    def ended(self) -> bool:
        """Whether it has ended for whoever asks; its thread may still be on its way."""
        return self.state in ENDED

    @property
    def over(self) -> bool:
        """Whether it has ended and nothing computes it any more."""
        return self._state in ENDED

    @property
    def driven(self) -> bool:
        """Whether a thread computes it at this moment, be it only until the end of a minibatch."""
        return self._state == RUNNING

    @property
    def name(self) -> str:
        """What the server's log calls it."""
        return self.key[:6]

    def note(self, row: Row) -> None:
        """Add a row to the log."""
        with self._changed:
            self._log.append(row)

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the run is over; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self.over, timeout)

    def wait_until_still(self, timeout: float) -> bool:
        """Block until no thread computes it; whether none does."""
        with self._changed:
            return self._changed.wait_for(lambda: not self.driven, timeout)

    def drive(self) -> None:
        """Run the experiment in the calling thread until it ends or is paused."""
        with self._changed:
            if self._state != QUEUED:  # stopped or paused while it waited
                return
            self._state, self._asked = RUNNING, None
        while not self._accept(self._consume()):
            pass

    def _consume(self) -> str:
        """History the experiment's events until it ends or is told to; return how it ended, or PAUSED."""
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
