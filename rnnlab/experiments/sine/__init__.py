"""From sin to cos: a network reads sin t, sample by sample, and must predict cos t.

One sample of a sine does not determine its cosine: where sin t is 0, cos t may be +1 or -1. Only a memory of earlier
samples decides which.

    for event in run(Config(memory="all")):
        if isinstance(event, Window):
            print(event.window, event.memory, event.loss)
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Container, Generator, Iterator, Mapping
from dataclasses import replace
from statistics import fmean

import numpy as np

from rnnlab.experiments.divergence import Diverged, NotFinite
from rnnlab.experiments.event import Event
from rnnlab.experiments.sine.config import ALL, MEMORIES, PRESETS, ComparisonConfig, Config, preset
from rnnlab.experiments.sine.events import (
    LAST,
    Finished,
    FreeRun,
    PhasePlane,
    Started,
    Wave,
    Window,
    WindowDiverged,
)
from rnnlab.experiments.sine.learner import Learner, make_learner
from rnnlab.experiments.sine.phase_plane import (
    check_carries,
    measured_memories,
    measured_windows,
    phase_plane,
    plane_if_there_is_one,
)

__all__ = [
    "ALL", "LAST", "MEMORIES", "PRESETS", "ComparisonConfig", "Config", "Diverged", "Event", "Finished", "FreeRun",
    "Learner", "PhasePlane", "Started", "Wave", "Window", "WindowDiverged", "check_carries", "compare", "loss_floor",
    "make_learner", "measured_memories", "measured_windows", "phase_plane", "preset", "run",
    "run_with_phase_planes", "window_of",
]  # fmt: skip


def compare(config: Config) -> Iterator[Event]:
    """Run all three memories side by side, whatever `config.memory` says."""
    yield from run(replace(config, memory=ALL))


def run_with_phase_planes(config: Config) -> Iterator[Event]:
    """Run as `run` does, and yield a PhasePlane after some windows, of each memory that carries its state."""
    yield from run(config, planes=measured_windows(config))


def run(config: Config, planes: Container[int] = ()) -> Iterator[Event]:
    """Train on one window after the other.

    Every memory gets the same windows and the same initial weights. Yields a Window per window and memory, the memories
    taking turns; then a FreeRun per window and memory. After each window in `planes` there is a PhasePlane per memory
    that carries its state, if there is one (`plane_if_there_is_one`).
    """
    learners = {memory: make_learner(config, memory) for memory in config.memories}
    parameters = learners[config.memories[0]].model.count_parameters()
    sizes = (config.points, config.windows, config.free_run)
    yield Started(config.memories, *sizes, floor=loss_floor(config), parameters=parameters)
    losses: dict[str, deque[float]] = {memory: deque(maxlen=LAST) for memory in learners}
    noise = np.random.default_rng((config.seed, 1))  # other numbers than those of the weights
    for window in range(1, config.windows + 1):
        t, target = window_of(config, window)
        input = np.sin(t) + config.noise * noise.standard_normal(config.points)
        for memory, learner in learners.items():
            try:
                prediction, loss = learner.learn(input, target)
            except NotFinite:
                yield WindowDiverged(window, memory)
                return
            losses[memory].append(loss)
            yield Window(window, memory, t, input, target, prediction, loss, fmean(losses[memory]))
            if window in planes and learner.carries:
                plane = plane_if_there_is_one(config, learner, window, memory)
                if plane is not None:
                    yield plane
    mean_errors = yield from _free_run(config, learners)
    yield Finished(config.windows, config.memories, tuple(map(fmean, losses.values())), mean_errors)


def _free_run(config: Config, learners: Mapping[str, Learner]) -> Generator[Event, None, tuple[float, ...]]:
    """Yield the windows of the free run; return the mean error of each memory, () without a free run."""
    errors: dict[str, list[float]] = {memory: [] for memory in learners}
    for window in range(config.windows + 1, config.windows + config.free_run + 1):
        t, target = window_of(config, window)
        for memory, learner in learners.items():
            input, prediction = learner.free_run(t)
            errors[memory].append(float(np.mean((prediction - target) ** 2)))
            yield FreeRun(window, memory, t, input, target, prediction, errors[memory][-1])
    return tuple(map(fmean, errors.values())) if config.free_run else ()


def window_of(config: Config, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Return times and targets of a window, counted from 1: t and cos(t + φ), both (T,).

    The first window with three points:  t = 0, π/2, π;  target = 1, 0, -1  if φ = 0
    """
    t = np.linspace((window - 1) * np.pi, window * np.pi, config.points)
    return t, np.cos(t + config.phase)


def loss_floor(config: Config) -> float:
    """Return the lower bound of the mean loss of a network without memory between windows.

    A window begins at t = nπ. There sin t = 0 whether n is even or odd, but the target is cos φ or -cos φ. The best
    prediction for both is 0, which costs cos² φ; the second sample distinguishes them. So the mean over T samples is at
    least cos² φ / T, or cos² φ if T is 2, because both samples are at a zero of the sine.
    """
    unclear = config.points if config.points == 2 else 1
    return unclear * math.cos(config.phase) ** 2 / config.points
