"""The events of the sine experiment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnlab.experiments import divergence, event
from rnnlab.experiments.event import Event

LAST = 20  # windows over which `mean_loss` averages
DIGITS = 4  # decimals of a sample in a row: finer than a pixel, and a third of the bytes


@dataclass(frozen=True)
class Started(event.Started):
    """The run's constants."""

    memories: tuple[str, ...]  # that are compared
    points: int  # samples per window
    windows: int
    free_run: int  # windows after training
    floor: float  # lower bound of the loss of a model without memory of earlier windows, see `loss_floor`


@dataclass(frozen=True)
class Wave(Event):
    """One model on a window of π. All arrays have shape (T,)."""

    window: int  # from 1; it covers t from (window - 1)·π to window·π
    memory: str
    t: np.ndarray  # radians
    input: np.ndarray  # sin t, and the noise
    target: np.ndarray  # cos(t + φ)
    prediction: np.ndarray

    def to_dict(self) -> dict[str, Any]:
        """Return the fields with values that JSON can write, samples to DIGITS decimals."""
        fields = super().to_dict()
        for name in ("t", "input", "target", "prediction"):
            fields[name] = [None if value is None else round(value, DIGITS) for value in fields[name]]
        return fields


@dataclass(frozen=True)
class Window(Wave):
    """One window of training, predicted before the update that ends it: the smallest unit of a run."""

    loss: float  # mean squared error
    mean_loss: float  # over this window and the ones before it, LAST at most


@dataclass(frozen=True)
class FreeRun(Wave):
    """One window after training; `input` is computed from the model's own predictions."""

    error: float  # mean squared error


@dataclass(frozen=True)
class WindowDiverged(divergence.Diverged, kind="diverged"):
    """Diverged while training on a window."""

    window: int
    memory: str


@dataclass(frozen=True)
class Finished(Event):
    """The run is over."""

    windows: int
    memories: tuple[str, ...]
    mean_losses: tuple[float, ...]  # of each memory, over its LAST windows
    mean_errors: tuple[float, ...]  # of each memory, over the free run; empty without one
