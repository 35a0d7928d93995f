"""Measure what recording costs a training: two runs of `quick` take turns, epoch by epoch, one of them recorded."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rnnlab.devices import tune_thread
from rnnlab.experiments.language_model import Config, Epoch, Finished, Trainer
from rnnlab.experiments.language_model.recording import Recorder, Recording, replay


def measure_recording(repeats: int = 5) -> dict[str, Any]:
    """Return the seconds of all epochs with and without recording, their ratio, and those of going back.

    `repeats` whole runs each; an epoch has its evaluation and its songs, as on the page.
    """
    tune_thread(1)
    seconds = {False: 0.0, True: 0.0}
    with TemporaryDirectory() as folder:
        for repeat in range(repeats):
            recording = Recording(Path(folder) / str(repeat))
            runs = {recorded: _epochs(Recorder(recording) if recorded else None) for recorded in seconds}
            for turn in range(Config().epochs + 1):
                for recorded in sorted(seconds, reverse=bool(turn % 2)):  # each is first as often as second
                    seconds[recorded] += next(runs[recorded])
        back = [_seconds_back(recording, epoch) for epoch in recording.epochs]
        return {
            "seconds_without": seconds[False] / repeats,
            "seconds_with": seconds[True] / repeats,
            "ratio": seconds[True] / seconds[False],
            "megabytes": recording.nbytes / 1e6,
            "milliseconds_to_a_recorded_epoch": 1000 * max(recorded for recorded, _ in back),
            "milliseconds_to_exact_weights": 1000 * max(exact for _, exact in back),
            "repeats": repeats,
        }


def _epochs(recorder: Recorder | None) -> Iterator[float]:
    """Yield the seconds from one epoch's event to the next, the first from the beginning; recording comes after it."""
    began = time.perf_counter()
    for event in Trainer(Config(), device="cpu", recorder=recorder).events():
        if isinstance(event, Epoch | Finished):
            yield time.perf_counter() - began
            began = time.perf_counter()


def _seconds_back(recording: Recording, epoch: int) -> tuple[float, float]:
    """Return the seconds to read what is recorded of an epoch, and to have its exact weights."""
    began = time.perf_counter()
    recording.epoch(epoch)
    read = time.perf_counter()
    replay(recording, epoch)
    return read - began, time.perf_counter() - read
