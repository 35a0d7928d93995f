"""The songs of epochs that a run's history no longer has, from its recording."""

from __future__ import annotations

from typing import Any

from rnnlab.experiments.event import plain
from rnnlab.runs import Run, Training
from rnnlab.validation import InvalidInput

MAX_TRIES = 50  # recorded epochs without songs that are passed over


def recorded_row(run: Run, epoch: int) -> dict[str, Any] | None:
    """Return the row of the last epoch up to `epoch` whose songs are recorded; None if there is none."""
    training = run.experiment
    recording = training.recording if isinstance(training, Training) else None
    if recording is None:
        return None
    for number in [known for known in reversed(recording.epochs) if known <= epoch][:MAX_TRIES]:
        try:
            row = recording.epoch(number).row
        except InvalidInput:  # it was dropped meanwhile
            continue
        if row.get("samples"):
            return {name: plain(value) for name, value in row.items()}
    return None
