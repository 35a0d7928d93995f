"""What the sine experiment tells as it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnlab.experiments.event import Event

LAST = 20  # windows whose mean loss says how well a memory has learned
DIGITS = 4  # decimals of a sample in a row: finer than a pixel, and a third of the bytes


@dataclass(frozen=True)
class Started(Event):
    """The run's constants."""

    memories: tuple[str, ...]  # those that are compared
    points: int  # samples per window
    windows: int
    free_run: int  # windows after training
    parameters: int  # of one model
    floor: float  # the loss that a model without memory of earlier windows cannot get below, see `loss_floor`


@dataclass(frozen=True)
class Wave(Event):
    """A window of π as one model saw it: all arrays have shape (T,)."""

    window: int  # from 1; it covers t from (window - 1)·π to window·π
    memory: str
    t: np.ndarray  # radians
    input: np.ndarray  # sin t, and the noise
    target: np.ndarray  # cos(t + φ)
    prediction: np.ndarray

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON takes them, samples to DIGITS decimals."""
        fields = super().to_dict()
        for name in ("t", "input", "target", "prediction"):
            fields[name] = [None if value is None else round(value, DIGITS) for value in fields[name]]
        return fields


@dataclass(frozen=True)
class Window(Wave):
    """One window of training, which is one update: the smallest unit of a run. The prediction is before the update."""

    loss: float  # mean squared error
    mean_loss: float  # over this window and the ones before it, LAST at most


@dataclass(frozen=True)
class FreeRun(Wave):
    """One window after training; `input` is what the model has made of its own answers."""

    error: float  # mean squared error


@dataclass(frozen=True)
class Diverged(Event):
    """A loss or a gradient was no longer finite, which ends the run."""

    window: int
    memory: str


@dataclass(frozen=True)
class Finished(Event):
    """The run is over."""

    windows: int
    memories: tuple[str, ...]
    mean_losses: tuple[float, ...]  # of each memory, over its LAST windows
    mean_errors: tuple[float, ...]  # of each memory, over the free run; empty without one
