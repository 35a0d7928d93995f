"""The events of the sine experiment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnlab.experiments import divergence, event
from rnnlab.experiments.event import Event

LAST = 20  # windows over which `mean_loss` averages
DIGITS = 4  # decimals of a sample in a row: finer than a pixel, and a third of the bytes
MAX_EIGENVALUES = 24  # of a phase plane that are kept; of a pair only the one with the positive imaginary part
COORDINATES = ("driven", "alone", "driven_eigenvalues", "rest_eigenvalues")  # of a phase plane
COORDINATE_DIGITS = 3  # decimals of these in a row


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
class PhasePlane(Event):
    """One network after a window of training: its hidden states in two principal axes, and eigenvalues of a step.

    Coordinates are in the plane of the two principal axes of the driven states, turned to where right is cos t = 1 and
    up is sin t = 1 (`rnnlab.inspection.phase_plane`). At the fixed point a network stays that reads its own output.
    Without one its radius is None, and it has no eigenvalues.
    """

    window: int  # of training, after whose update this was measured
    memory: str
    driven: np.ndarray  # (P, 2): the states while the sine goes on for two windows; the first is the start
    alone: np.ndarray  # (Q, 2): the states from there on when the network reads its own output
    alone_per_window: float  # points of `alone` in a window
    explained: tuple[float, float]  # share of the variance of `driven` along each principal axis
    rest: tuple[float, ...]  # (2,): the fixed point; empty without one
    driven_radius: float | None  # spectral radius of ∂h_t/∂h_{t-1} at the last driven state, the input given
    rest_radius: float | None  # of ∂(h, x)_t/∂(h, x)_{t-1} at the fixed point, the input x being the output fed back
    verdict: str  # in, out, edge or none, see `verdict_of`
    driven_eigenvalues: np.ndarray  # (≤ MAX_EIGENVALUES, 2): real and imaginary part ≥ 0, the largest first
    rest_eigenvalues: np.ndarray  # the same at the fixed point

    def to_dict(self) -> dict[str, Any]:
        """Return the fields with values that JSON can write, coordinates and eigenvalues to few decimals."""
        fields = super().to_dict()
        for name in COORDINATES:
            fields[name] = [[None if x is None else round(x, COORDINATE_DIGITS) for x in pair] for pair in fields[name]]
        return fields


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
