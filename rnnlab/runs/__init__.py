"""Run experiments in the background: start, stop, pause, resume, extend, follow, find again.

run.py            one run: its states and requests; history.py its rows, viewers.py its viewers,
                  event_stream.py its thread
runner.py         keeps and drives the runs; scheduler.py is its fair queue
supervisor.py     the thread that pauses, ends and forgets runs; autosave.py saves them, eviction.py picks those to drop
training.py       the main experiment as a run holds it, with its resume_point.py
store.py          the files that survive the process; serialization.py their rows, stored_lessons.py those of a race
watching.py       the key by which others may watch a run
protocols.py      what a run needs of its experiment; states.py the names of the states
"""

from rnnlab.runs.history import EventToRow, Row, plain_row
from rnnlab.runs.protocols import Experiment, HasMemoryEstimate, Releasable
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
    Snapshot,
)
from rnnlab.runs.store import Store
from rnnlab.runs.training import Training, training_run
from rnnlab.runs.watching import find_watched, watch_key_of

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
    "HasMemoryEstimate",
    "Releasable",
    "Row",
    "Run",
    "Runner",
    "Snapshot",
    "Store",
    "Training",
    "find_watched",
    "plain_row",
    "training_run",
    "watch_key_of",
]  # fmt: skip
