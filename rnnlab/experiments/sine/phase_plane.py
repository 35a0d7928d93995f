"""Measure the phase plane of a network of the sine experiment, after some windows of its training.

A measurement asks two questions at the end of a window: where do the hidden states go while the sine goes on, and where
do they go when the network reads its own output, as in the free run? Both begin in the state that the network is in.
Only memories that carry their state have an answer: a network that is reset starts each window from zero, so its states
can go round no loop.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from rnnlab.experiments.sine.config import Config
from rnnlab.experiments.sine.events import MAX_EIGENVALUES, PhasePlane
from rnnlab.experiments.sine.learner import MAX_FREE_INPUT, Learner
from rnnlab.inspection.phase_plane import (
    Array,
    Axes,
    ClosedLoop,
    Feedback,
    RegressorStep,
    eigenvalues,
    principal_axes,
    spectral_radius,
)
from rnnlab.limits import MAX_PHASE_PLANES
from rnnlab.recurrent import cell_spec
from rnnlab.validation import InvalidInput

DRIVEN_WINDOWS = 2  # one turn
ALONE_WINDOWS = 8  # four turns; after the last window of training as many as the free run has, if that is more
MAX_POINTS = 120  # of each way; of a longer one every second, third, … step
ON_THE_CIRCLE = 0.002  # of a radius from 1, at which a run of seconds shows neither growth nor decay
# All phase planes of a run take this many seconds at most, or MIN_PLANES of them. Measured on one core: n³ for the
# eigenvalues of matrices (n, n), and a step of the network; the rest changes little.
MAX_SECONDS = 4.0
SECONDS_OF_EIGENVALUES, SECONDS_OF_STEP, SECONDS_OF_REST = 4e-9, 4e-5, 5e-3
MIN_PLANES = 3


def measured_memories(config: Config) -> tuple[str, ...]:
    """Return the memories of a run that carry their state."""
    return tuple(memory for memory in config.memories if memory != "reset")


def check_carries(config: Config) -> None:
    """Raise InvalidInput if no memory of a run carries its state."""
    if not measured_memories(config):
        raise InvalidInput("phase_plane_of_reset", "memory")


def measured_windows(config: Config) -> frozenset[int]:
    """Return the windows after which phase planes are measured: the first, the last, and more of the early ones.

    Of P planes over W windows the k-th, from 0, is after window 1 + (W - 1) (k / (P - 1))²: networks change most in
    the beginning.
    """
    size = config.hidden_size * cell_spec(config.model).state_size
    steps = (DRIVEN_WINDOWS + ALONE_WINDOWS) * config.points
    seconds = SECONDS_OF_EIGENVALUES * size**3 + SECONDS_OF_STEP * steps + SECONDS_OF_REST
    affordable = int(MAX_SECONDS / (seconds * max(1, len(measured_memories(config)))))
    planes = max(MIN_PLANES, min(MAX_PHASE_PLANES, affordable))
    return frozenset(1 + round((config.windows - 1) * (k / (planes - 1)) ** 2) for k in range(planes))


def feedback_of(config: Config, step: float) -> Feedback:
    """Return how the next input follows from the last one x and the output y, as in `Learner.free_run`.

    With cos t = (y + x sin φ) / cos φ the next input is x cos Δ + cos t · sin Δ, Δ being `step` in radians.
    """
    of_output = math.sin(step) / math.cos(config.phase)
    return Feedback(math.cos(step) + of_output * math.sin(config.phase), of_output, MAX_FREE_INPUT)


def phase_plane(config: Config, learner: Learner, window: int, memory: str) -> PhasePlane:
    """Measure the network of `learner`, which has just learned from `window`; its state is left as it is."""
    cell = RegressorStep(learner.model, config.model)
    start = cell.state_of(learner.now)
    t = np.concatenate([_times(config, window + k) for k in range(1, DRIVEN_WINDOWS + 1)])
    driven = np.vstack([start, cell.walk(start, np.sin(t).tolist())])
    around = np.column_stack([np.cos(t), np.sin(t)])  # where the states would lie if they followed the sine at once
    axes = principal_axes(driven[1:, : cell.hidden_size], around)
    windows = max(ALONE_WINDOWS, config.free_run) if window == config.windows else ALONE_WINDOWS
    alone = _walk_alone(config, cell, start, learner.last_input, windows)
    stride = math.ceil(len(alone) / MAX_POINTS)
    jacobian = cell.jacobian(driven[-2], math.sin(t[-1]))[:, : cell.size]
    return PhasePlane(
        window=window,
        memory=memory,
        driven=axes.project(driven[:: math.ceil(len(driven) / MAX_POINTS), : cell.hidden_size]),
        alone=axes.project(alone[::stride, : cell.hidden_size]),
        alone_per_window=config.points / stride,
        explained=axes.explained,
        driven_radius=spectral_radius(jacobian),
        driven_eigenvalues=_upper_half(jacobian),
        **_at_rest(config, cell, alone, axes),
    )


def plane_if_there_is_one(config: Config, learner: Learner, window: int, memory: str) -> PhasePlane | None:
    """Return `phase_plane`, or None where its linear algebra fails: of a saturated network no eigenvalues may be found.

    The training goes on without the plane of that window.
    """
    try:
        return phase_plane(config, learner, window, memory)
    except (torch.linalg.LinAlgError, np.linalg.LinAlgError):
        return None


def verdict_of(step_radius: float, window_radius: float) -> str:
    """Return what becomes of a small disturbance of the fixed point.

    "in": it dies away; "out": it grows; "edge": too near the unit circle to tell. A window has one step in which t
    stands still (see `Learner.free_run`), hence two radii, each per step: they have to agree.
    """
    if max(step_radius, window_radius) < 1 - ON_THE_CIRCLE:
        return "in"
    return "out" if min(step_radius, window_radius) > 1 + ON_THE_CIRCLE else "edge"


def _at_rest(config: Config, cell: RegressorStep, alone: Array, axes: Axes) -> dict[str, Any]:
    """Return what a phase plane has from the fixed point that the way `alone` (Q, n + 1) goes round."""
    step = math.pi / (config.points - 1)
    loop = ClosedLoop(cell, feedback_of(config, step))
    last = alone[-2 * config.points :]
    rest = loop.fixed_point(last.mean(axis=0))
    if rest is None:
        return {"rest": (), "rest_radius": None, "verdict": "none", "rest_eigenvalues": np.empty((0, 2))}
    jacobian = loop.jacobian(rest)
    standing = ClosedLoop(cell, feedback_of(config, 0.0)).jacobian(rest)
    step_radius = spectral_radius(jacobian)
    return {
        "rest": tuple(axes.project(rest[: cell.hidden_size]).tolist()),
        "rest_radius": step_radius,
        "verdict": verdict_of(step_radius, _radius_of_window(jacobian, standing, config.points)),
        "rest_eigenvalues": _upper_half(jacobian),
    }


def _radius_of_window(moving: Array, standing: Array, points: int) -> float:
    """Return the spectral radius of a window's steps, per step: that of standing · moving^(points - 1), to 1 / points.

    The power is that of `moving` divided by its own radius, because a power of large eigenvalues may be infinite.
    """
    radius = spectral_radius(moving)
    if radius == 0:
        return 0.0
    power = torch.from_numpy(moving / radius).matrix_power(points - 1)
    scaled = spectral_radius((torch.from_numpy(standing) @ power).numpy())
    return float(scaled ** (1 / points) * radius ** (1 - 1 / points))


def _walk_alone(config: Config, cell: RegressorStep, start: Array, x: float, windows: int) -> Array:
    """Return the points (Q, n + 1) of a free run of `windows` windows, from the state `start` with the input `x` on."""
    step = math.pi / (config.points - 1)
    moving, standing = (ClosedLoop(cell, feedback_of(config, size)) for size in (step, 0.0))
    points = [np.append(start, x)]
    for _ in range(windows):
        for _ in range(config.points - 1):
            points.append(moving.step(points[-1]))
        points.append(standing.step(points[-1]))  # the last sample of a window is the first of the next one
    return np.array(points)


def _times(config: Config, window: int) -> Array:
    return np.linspace((window - 1) * np.pi, window * np.pi, config.points)


def _upper_half(matrix: Array) -> Array:
    """Return the largest eigenvalues of `matrix` with an imaginary part ≥ 0, as pairs of numbers."""
    found = eigenvalues(matrix)
    found = found[found.imag >= 0][:MAX_EIGENVALUES]
    return np.column_stack([found.real, found.imag])
