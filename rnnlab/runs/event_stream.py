"""Drive a run in the calling thread: read the experiment's events until it ends, pauses or is stopped.

`Drivable` declares what this needs of a run; `run.py` implements it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Protocol

from rnnlab.experiments.event import Event
from rnnlab.hosting import line
from rnnlab.runs.history import EventToRow, Row
from rnnlab.runs.logger import logger
from rnnlab.runs.protocols import Experiment, HasPartialEpoch
from rnnlab.runs.states import DIVERGED, FAILED, FINISHED


class EventStream:
    """The events of an experiment as rows.

    It stays open while the run is paused, and any thread may go on with it.
    """

    def __init__(self, experiment: Experiment, record: EventToRow) -> None:
        self._experiment, self.record = experiment, record
        self._events: Iterator[Event] | None = None
        self.extended = False  # whether the experiment was extended since its last event was requested

    @property
    def is_open(self) -> bool:
        """Return whether the experiment has begun and can go on from where it stands."""
        return self._events is not None

    def next(self) -> tuple[Event | None, Row | None]:
        """Return the next event and its row; no event after the last one. Begins anew after `close`."""
        if self._events is None:
            self._events = self._experiment.events()
        self.extended = False  # an extension from here on may come too late for the experiment to notice
        event = next(self._events, None)
        return event, None if event is None else self.record(event)

    def keep_place(self) -> None:
        """Let the experiment note where it stands within an epoch, if it can: the run pauses."""
        if isinstance(self._experiment, HasPartialEpoch):
            self._experiment.take_partial()

    def close(self, name: str) -> None:
        """Close the iterator, and log an exception: it must not keep the run `name` from ending."""
        events, self._events = self._events, None
        try:
            if isinstance(events, Generator):  # a plain iterator has nothing to close
                events.close()
        except Exception:
            logger.exception(line("run_not_closed", run=name))


class Drivable(Protocol):
    """What `read_events` needs of a run."""

    name: str  # in the server's log
    error: BaseException | None
    requested: str | None

    def note(self, row: Row) -> None: ...


def read_events(run: Drivable, stream: EventStream) -> str:
    """Add a row per event to the run's history; return the final state, or the requested one."""
    try:
        while (requested := run.requested) is None:
            event, row = stream.next()
            if event is None:
                return FINISHED
            if row is not None:
                run.note(row)
                if row.get("kind") in (FINISHED, DIVERGED):
                    return str(row["kind"])
        stream.keep_place()
        return requested
    except Exception as error:  # a thread has no caller to raise to: viewers read the failure from the run
        logger.exception(line("run_failed", run=run.name))
        error.__context__ = error.__cause__ = None
        run.error = error.with_traceback(None)  # its frames would keep the whole experiment in memory
        return FAILED
