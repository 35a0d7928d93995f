"""From sin to cos: a network hears sin t, sample by sample, and must say cos t.

One sample of a sine cannot tell its cosine: where sin t is 0, cos t may be +1 or -1. Only memory knows which.

    for event in run(Config(memory="all")):
        if isinstance(event, Window):
            print(event.window, event.memory, event.loss)
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from statistics import fmean

import numpy as np

from rnnlab.experiments.event import Event
from rnnlab.experiments.sine.config import ALL, MEMORIES, Comparison, Config
from rnnlab.experiments.sine.events import LAST, Diverged, Finished, FreeRun, Started, Wave, Window
from rnnlab.experiments.sine.learner import Learner, NotFinite, make_learner

__all__ = [
    "ALL", "LAST", "MEMORIES", "Comparison", "Config", "Diverged", "Event", "Finished", "FreeRun", "Learner",
    "Started", "Wave", "Window", "compare", "loss_floor", "make_learner", "run", "window_of",
]  # fmt: skip


def compare(config: Config) -> Iterator[Event]:
    """Run all three memories side by side, whatever `config.memory` says."""
    yield from run(replace(config, memory=ALL))


def run(config: Config) -> Iterator[Event]:
    """Train on one window after the other, every memory on the same ones and from the same initial weights.

    A Window per window and memory, the memories taking turns; then a FreeRun per window and memory.
    """
    learners = {memory: make_learner(config, memory) for memory in config.memories}
    parameters = learners[config.memories[0]].model.count_parameters()
    yield Started(config.memories, config.points, config.windows, config.free_run, parameters, floor=loss_floor(config))
    losses = {memory: deque(maxlen=LAST) for memory in learners}
    noise = np.random.default_rng((config.seed, 1))  # not the numbers that the weights are drawn from
    for window in range(1, config.windows + 1):
        t, target = window_of(config, window)
        heard = np.sin(t) + config.noise * noise.standard_normal(config.points)
        for memory, learner in learners.items():
            try:
                prediction, loss = learner.learn(heard, target)
            except NotFinite:
                yield Diverged(window, memory)
                return
            losses[memory].append(loss)
            yield Window(window, memory, t, heard, target, prediction, loss, fmean(losses[memory]))
    mean_errors = yield from _free_run(config, learners)
    yield Finished(config.windows, config.memories, tuple(map(fmean, losses.values())), mean_errors)


def _free_run(config: Config, learners: Mapping[str, Learner]) -> Generator[Event, None, tuple[float, ...]]:
    """Let each network go on alone; return its mean error, of each memory, or nothing if there are no such windows."""
    errors = {memory: [] for memory in learners}
    for window in range(config.windows + 1, config.windows + config.free_run + 1):
        t, target = window_of(config, window)
        for memory, learner in learners.items():
            heard, prediction = learner.go_on_alone(t)
            errors[memory].append(float(np.mean((prediction - target) ** 2)))
            yield FreeRun(window, memory, t, heard, target, prediction, errors[memory][-1])
    return tuple(map(fmean, errors.values())) if config.free_run else ()


def window_of(config: Config, window: int) -> tuple[np.ndarray, np.ndarray]:
    """The times of a window, counted from 1, and the target at each: t and cos(t + φ), both (T,).

    The first window with three points:  t = 0, π/2, π;  target = 1, 0, -1  if φ = 0
    """
    t = np.linspace((window - 1) * np.pi, window * np.pi, config.points)
    return t, np.cos(t + config.phase)


def loss_floor(config: Config) -> float:
    """The loss below which nobody gets, on average, who forgets everything between two windows.

    A window begins at t = nπ. There sin t = 0 whether n is even or odd, but the target is cos φ or -cos φ. The best
    answer to both is 0, which costs cos² φ; the second sample tells them apart. So the mean over T samples is at
    least cos² φ / T, or cos² φ if T is 2, because both samples are at a zero of the sine.
    """
    unclear = config.points if config.points == 2 else 1
    return unclear * math.cos(config.phase) ** 2 / config.points
