"""Exercises on sampling: temperature and top-p. Our own numbers are those that songs are drawn from."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Draw, Exercise
from rnnlab.generation import Generation
from rnnlab.generation.sampling import drawn_from


def temperature_probabilities(logits: Tensor, temperature: float) -> Tensor:
    """Return the probabilities (V,) at a temperature; at 0 all of it is on the largest logit."""
    return torch.from_numpy(drawn_from(logits.numpy(), Generation(temperature=temperature)))


def _after_the_softmax(logits: Tensor, temperature: float) -> Tensor:
    return logits.softmax(0) / (temperature or 1.0)


def _twice(logits: Tensor, temperature: float) -> Tensor:
    return (logits.softmax(0) / (temperature or 1e-12)).softmax(0)


def _times(logits: Tensor, temperature: float) -> Tensor:
    return (logits * temperature).softmax(0)


def _ignored(logits: Tensor, temperature: float) -> Tensor:
    return logits.softmax(0)


def _zero_is_one(logits: Tensor, temperature: float) -> Tensor:
    return temperature_probabilities(logits, temperature or 1.0)


def _logits() -> list[Arguments]:
    draw = Draw(41)
    first = torch.tensor([2.0, 1.0, 0.0], dtype=torch.float64)
    return [(first, 0.5), (first, 2.0), (draw.normal(6, scale=2), 0.8), (draw.normal(4), 0.0)]


def top_p_probabilities(probabilities: Tensor, p: float) -> Tensor:
    """Keep the likeliest that together reach p, the one that reaches it included; the rest is 0, the sum 1."""
    return torch.from_numpy(drawn_from(probabilities.log().numpy(), Generation(temperature=1.0, top_p=p)))


def _kept(probabilities: Tensor, keep: Tensor) -> Tensor:
    """Return the probabilities of those that are kept, in the order of the vocabulary, without the common sum."""
    return torch.where(keep, probabilities, torch.zeros_like(probabilities))


def _before(probabilities: Tensor) -> Tensor:
    """Return, of each, the sum of all larger ones."""
    ordered, order = probabilities.sort(descending=True, stable=True)
    return (ordered.cumsum(0) - ordered)[order.argsort()]


def _one_too_few(probabilities: Tensor, p: float) -> Tensor:
    kept = _kept(probabilities, _before(probabilities) + probabilities <= p)
    return kept / kept.sum()


def _not_renormalised(probabilities: Tensor, p: float) -> Tensor:
    return _kept(probabilities, _before(probabilities) < p)


def _sorted(probabilities: Tensor, p: float) -> Tensor:
    return top_p_probabilities(probabilities, p).sort(descending=True).values


def _not_sorted(probabilities: Tensor, p: float) -> Tensor:
    """Add up in the order of the vocabulary."""
    kept = _kept(probabilities, probabilities.cumsum(0) - probabilities < p)
    return kept / kept.sum()


def _distributions() -> list[Arguments]:
    draw = Draw(42)
    first = torch.tensor([0.1, 0.5, 0.15, 0.25], dtype=torch.float64)
    return [(first, 0.7), (first, 0.45), (draw.normal(7, scale=1.5).softmax(0), 0.8), (draw.normal(5).softmax(0), 0.95)]


TEMPERATURE_PROBABILITIES = Exercise(
    "temperature_probabilities",
    {"logits": "(V,)", "temperature": "float"},
    {"probabilities": "V"},
    temperature_probabilities,
    _logits,
    {
        "zero_not_greedy": _zero_is_one,
        "divided_after_softmax": _after_the_softmax,
        "softmax_twice": _twice,
        "multiplied_by_temperature": _times,
        "temperature_ignored": _ignored,
    },
)
TOP_P_PROBABILITIES = Exercise(
    "top_p_probabilities",
    {"probabilities": "(V,)", "p": "float"},
    {"probabilities": "V"},
    top_p_probabilities,
    _distributions,
    {
        "one_too_few": _one_too_few,
        "not_renormalised": _not_renormalised,
        "left_sorted": _sorted,
        "added_unsorted": _not_sorted,
    },
)
