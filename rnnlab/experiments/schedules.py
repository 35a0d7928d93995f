"""Schedules: the learning rate of each minibatch, from the epochs before it.

A schedule multiplies the learning rate η of the settings. η may change during the run; the schedule goes on from where
it stands. e is the number of whole epochs so far, γ `schedule_factor`, s `schedule_every`, a `schedule_after`:

    constant      η
    exponential   η · γ^max(0, e + 1 - a)
    step          η · γ^⌈max(0, e + 1 - a) / s⌉
    plateau       η · γ^r, r the number of times that the held-out perplexity was in s successive epochs not below its
                  lowest so far; the count of epochs begins anew after each time
    cosine        η · (1 + cos(π p)) / 2, p the share of all minibatches that are done

An empty a is s, for exponential 1. Then the rates are those of `torch.optim.lr_scheduler`: ExponentialLR, StepLR,
ReduceLROnPlateau (patience s - 1, threshold 0) and CosineAnnealingLR (η_min 0, stepped after each minibatch);
`tests/experiments/test_schedules.py` compares them. Sources: char-rnn (Karpathy 2015) multiplies by 0.97 after each
epoch from the tenth on, and Karpathy, Johnson & Fei-Fei 2015 by 0.95: exponential, a = 10. PyTorch's
word_language_model divides by 4 after each epoch whose held-out loss is not the lowest so far: plateau, γ = 0.25. The
cosine is that of Loshchilov & Hutter 2017.

Nothing of it is stored: a resumed run computes the same rates. A cosine runs to the end of all planned epochs; epochs
that are added later lengthen it, and the rate goes on from its place on the longer cosine.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

SCHEDULES = ("constant", "step", "exponential", "cosine", "plateau")


class ScheduleSettings(Protocol):
    """The settings of a schedule, as a configuration has them."""

    @property
    def learning_rate(self) -> float: ...
    @property
    def epochs(self) -> int: ...
    @property
    def schedule(self) -> str: ...
    @property
    def schedule_factor(self) -> float: ...
    @property
    def schedule_every(self) -> int: ...
    @property
    def schedule_after(self) -> int | None: ...


def reductions(config: ScheduleSettings, epoch: int, history: Sequence[Mapping[str, Any]]) -> int:
    """Return how often the schedule has multiplied the learning rate by its factor before `epoch`, from 1.

    history: the whole epochs so far, with their perplexities.
    """
    if config.schedule == "plateau":
        return count_plateaus(watched_perplexities(history), config.schedule_every)
    if config.schedule not in ("step", "exponential"):
        return 0
    every = config.schedule_every if config.schedule == "step" else 1
    after = every if config.schedule_after is None else config.schedule_after
    return math.ceil(max(0, epoch - after) / every)


def scheduled_rate(config: ScheduleSettings, reduced: int, done: float) -> float:
    """Return the learning rate after `reduced` reductions and `done` epochs, the present one's share included."""
    if config.schedule == "cosine":
        return config.learning_rate * (1 + math.cos(math.pi * min(1.0, done / config.epochs))) / 2
    return config.learning_rate * config.schedule_factor**reduced


def watched_perplexities(history: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return each epoch's held-out perplexity; of a run without held-out text, its training perplexity.

    One beyond a float's range is None in a history, and infinite here.
    """
    for name in ("held_out_perplexity", "perplexity"):
        values = [row.get(name) for row in history]
        if any(value is not None for value in values):
            return [math.inf if value is None else float(value) for value in values]
    return []


def count_plateaus(perplexities: Sequence[float], patience: int) -> int:
    """Return how often `patience` successive values were not below the lowest one before them.

    >>> count_plateaus([9.0, 7.0, 8.0, 7.5, 7.2, 6.0], patience=2)
    1
    """
    lowest, waited, count = math.inf, 0, 0
    for value in perplexities:
        waited = 0 if value < lowest else waited + 1
        lowest = min(lowest, value)
        if waited == patience:
            waited, count = 0, count + 1
    return count
