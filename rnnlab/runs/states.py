"""Name the states of a run, and define what a viewer reads of a run at one moment."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from rnnlab.runs.history import Row

QUEUED, RUNNING, PAUSED = "queued", "running", "paused"
FINISHED, STOPPED, DIVERGED, FAILED = "finished", "stopped", "diverged", "failed"
ENDED = frozenset({FINISHED, STOPPED, DIVERGED, FAILED})

UNSEEN, RESTARTED = "unseen", "restarted"  # reasons of a pause that no visitor asked for

TRAINING, LESSON = "training", "lesson"  # the scheduler's pools: a lesson of a second never waits for a long training


@dataclass(frozen=True)
class Snapshot:
    """What a viewer reads of a run at one moment: new rows, the next cursor, and the run's state."""

    rows: tuple[Row, ...]
    cursor: int
    state: str
    position: int  # place in the queue, from 1; 0 when the run does not wait
    over: bool  # no thread drives the run any more and `rows` has its last ones; a stopped run may still add some


def key_of(run_id: str) -> str:
    """Return the key under which a run is kept: a hash, from which nobody can learn the id."""
    return hashlib.sha256(run_id.encode("utf-8", "replace")).hexdigest()
