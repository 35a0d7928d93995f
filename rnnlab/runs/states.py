"""What a run can be, and what it is to whoever runs or watches it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol

from rnnlab.experiments.event import Event
from rnnlab.runs.history import Row

QUEUED, RUNNING, PAUSED = "queued", "running", "paused"
FINISHED, STOPPED, DIVERGED, FAILED = "finished", "stopped", "diverged", "failed"
ENDED = frozenset({FINISHED, STOPPED, DIVERGED, FAILED})

UNSEEN, RESTARTED = "unseen", "restarted"  # why a run is paused that nobody has paused

TRAINING, LESSON = "training", "lesson"  # the two pools of places: a lesson of a second never waits for a long training


class Experiment(Protocol):
    """What can run in the background: something that yields events.

    Some can be asked to `extend(epochs, from_here)` or to `change(learning_rate)`; some have a `latest` checkpoint.
    Some can `sleep` until they are asked for events again; some, when they have ended, `release` of what they needed.
    """

    def events(self) -> Generator[Event, None, None]: ...


EventToRow = Callable[[Event], Row | None]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Snapshot:
    """What a viewer learns: the rows since its cursor, the new cursor, and how the run stands."""

    rows: tuple[Row, ...]
    cursor: int
    state: str
    position: int  # place in the queue, from 1; 0 when it is not waiting
    over: bool  # it has ended, and these were its last rows: one that is told to stop may still add some
