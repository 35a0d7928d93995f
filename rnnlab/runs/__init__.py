"""Runs in the background: start, stop, pause, resume, go on, follow, and find again. No screen is known here.

`run.py` is one run, `driven.py` what its thread does, `history.py` its rows, `watched.py` who looks at it;
`runner.py` keeps and drives the runs, `scheduler.py` says whose turn it is; `training.py` is the main experiment as a
run holds it; `supervisor.py` looks after runs while nobody does, `eviction.py` says who gives way when there is none;
`store.py` is what survives the process, with `serialization.py` for its curve.
"""

from rnnlab.runs.history import Row, plain_row
from rnnlab.runs.run import Run
from rnnlab.runs.runner import Runner
from rnnlab.runs.states import (
    DIVERGED,
    ENDED,
    FAILED,
    FINISHED,
    LESSON,
    PAUSED,
    QUEUED,
    RESTARTED,
    RUNNING,
    STOPPED,
    TRAINING,
    UNSEEN,
    EventToRow,
    Experiment,
    Snapshot,
)
from rnnlab.runs.store import Store
from rnnlab.runs.training import Training, training_run

__all__ = [
    "DIVERGED",
    "ENDED",
    "FAILED",
    "FINISHED",
    "LESSON",
    "PAUSED",
    "QUEUED",
    "RESTARTED",
    "RUNNING",
    "STOPPED",
    "TRAINING",
    "UNSEEN",
    "EventToRow",
    "Experiment",
    "Row",
    "Run",
    "Runner",
    "Snapshot",
    "Store",
    "Training",
    "plain_row",
    "training_run",
]  # fmt: skip
