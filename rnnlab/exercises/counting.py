"""Exercises on counting: a 2-gram model."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Draw, Exercise


def bigram_counts(ids: Tensor, vocab_size: int) -> Tensor:
    """Count how often each token follows each other one: counts[a, b] of b after a."""
    return torch.bincount(ids[:-1] * vocab_size + ids[1:], minlength=vocab_size**2).view(vocab_size, vocab_size)


def _around_the_end(ids: Tensor, vocab_size: int) -> Tensor:
    return bigram_counts(torch.cat((ids, ids[:1])), vocab_size)


def _pairs_apart(ids: Tensor, vocab_size: int) -> Tensor:
    """Count the pairs 0-1, 2-3, 4-5, which share no token."""
    pairs = ids[: len(ids) // 2 * 2].view(-1, 2)
    return torch.bincount(pairs[:, 0] * vocab_size + pairs[:, 1], minlength=vocab_size**2).view(vocab_size, vocab_size)


def _texts() -> list[Arguments]:
    draw = Draw(1)
    return [(torch.tensor([0, 1, 0, 2, 0, 1]), 3), (draw.integers(4, 25), 5), (draw.integers(9, 60), 9)]


def smoothed_probabilities(counts: Tensor, alpha: float) -> Tensor:
    """Turn counts into probabilities with `alpha` added to each: p[a, b] of b after a."""
    raised = counts.double() + alpha
    return raised / raised.sum(1, keepdim=True)


def _by_column(counts: Tensor, alpha: float) -> Tensor:
    raised = counts.double() + alpha
    return raised / raised.sum(0, keepdim=True)


def _of_all(counts: Tensor, alpha: float) -> Tensor:
    raised = counts.double() + alpha
    return raised / raised.sum()


def _not_below(counts: Tensor, alpha: float) -> Tensor:
    return (counts + alpha) / counts.sum(1, keepdim=True)


def _alpha_once_below(counts: Tensor, alpha: float) -> Tensor:
    return (counts + alpha) / (counts.sum(1, keepdim=True) + alpha)


def _tables() -> list[Arguments]:
    draw = Draw(2)
    return [(torch.tensor([[0, 2, 1], [2, 0, 0], [1, 0, 3]]), 1.0), (draw.integers(6, 5, 5) + torch.eye(5).long(), 0.1)]


BIGRAM_COUNTS = Exercise(
    "bigram_counts",
    {"ids": "(N,)", "vocab_size": "V"},
    {"counts": "VV"},
    bigram_counts,
    _texts,
    {
        "rows_and_columns": lambda ids, vocab_size: bigram_counts(ids, vocab_size).T,
        "around_the_end": _around_the_end,
        "pairs_apart": _pairs_apart,
    },
)
SMOOTHED_PROBABILITIES = Exercise(
    "smoothed_probabilities",
    {"counts": "(V, V)", "alpha": "float"},
    {"probabilities": "VV"},
    smoothed_probabilities,
    _tables,
    {
        "no_smoothing": lambda counts, alpha: smoothed_probabilities(counts, 0.0),
        "sum_of_column": _by_column,
        "sum_of_all": _of_all,
        "alpha_not_below": _not_below,
        "alpha_once_below": _alpha_once_below,
    },
)
