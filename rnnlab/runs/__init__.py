"""Runs in the background: start, stop, pause, resume, go on, follow. No screen is known here."""

from rnnlab.runs.run import (
    DIVERGED,
    ENDED,
    FAILED,
    FINISHED,
    LESSON,
    PAUSED,
    QUEUED,
    RUNNING,
    STOPPED,
    TRAINING,
    Experiment,
    Recorder,
    Row,
    Run,
    Snapshot,
    plain_row,
)
from rnnlab.runs.runner import Runner

__all__ = [
    "DIVERGED", "ENDED", "FAILED", "FINISHED", "LESSON", "PAUSED", "QUEUED", "RUNNING", "STOPPED", "TRAINING",
    "Experiment", "Recorder", "Row", "Run", "Runner", "Snapshot", "plain_row",
]  # fmt: skip
