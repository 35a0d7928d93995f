"""Runs in the background: start, stop, pause, resume, go on, follow, and find again. No screen is known here.

`run.py` is one run, `driven.py` what its thread does, `log.py` what happened in it, `watched.py` who looks at it;
`runner.py` keeps the runs and drives them, `places.py` says whose turn it is; `training.py` is the main experiment as a
run holds it; `keeper.py` looks after runs while nobody does, `room.py` says who gives way when there is none;
`store.py` is what survives the process, with `rows.py` for its curve.
"""

from rnnlab.runs.log import Row, plain_row
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
    Experiment,
    Recorder,
    Snapshot,
)
from rnnlab.runs.store import Store
from rnnlab.runs.training import Training, training_run

__all__ = [
    "DIVERGED", "ENDED", "FAILED", "FINISHED", "LESSON", "PAUSED", "QUEUED", "RESTARTED", "RUNNING", "STOPPED",
    "TRAINING", "UNSEEN", "Experiment", "Recorder", "Row", "Run", "Runner", "Snapshot", "Store", "Training",
    "plain_row", "training_run",
]  # fmt: skip
