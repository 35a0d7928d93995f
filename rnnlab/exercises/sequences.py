"""Exercises on sequences of unequal length, as a tagger reads them."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Draw, Exercise


def _real(lengths: Tensor, width: int) -> Tensor:
    """Return where the words are (B, T); the rest is padding."""
    return torch.arange(width) < lengths[:, None]


def tag_accuracy(scores: Tensor, tags: Tensor, lengths: Tensor) -> float:
    """Return the share of the words whose best tag is right; padding does not count."""
    return float((scores.argmax(2) == tags)[_real(lengths, tags.shape[1])].double().mean())


def _with_padding(scores: Tensor, tags: Tensor, lengths: Tensor) -> float:
    return float((scores.argmax(2) == tags).double().mean())


def _mean_of_sentences(scores: Tensor, tags: Tensor, lengths: Tensor) -> float:
    right = (scores.argmax(2) == tags) & _real(lengths, tags.shape[1])
    return float((right.sum(1) / lengths).double().mean())


def _whole_sentences(scores: Tensor, tags: Tensor, lengths: Tensor) -> float:
    right = (scores.argmax(2) == tags) | ~_real(lengths, tags.shape[1])
    return float(right.all(1).double().mean())


def _padding_below(scores: Tensor, tags: Tensor, lengths: Tensor) -> float:
    right = (scores.argmax(2) == tags) & _real(lengths, tags.shape[1])
    return float(right.sum() / tags.numel())


def _scored() -> list[Arguments]:
    draw = Draw(51)
    made = []
    for sentences, words, kinds in ((2, 3, 2), (5, 7, 4)):
        scores, lengths = draw.normal(sentences, words, kinds), 1 + draw.integers(words, sentences)
        lengths[0] = words
        best = scores.argmax(2)
        tags = torch.where(draw.normal(sentences, words) < 0.6, best, (best + 1) % kinds)
        made.append((scores, torch.where(_real(lengths, words), tags, 0), lengths))
    return list(made)


def reverse_padded(x: Tensor, lengths: Tensor) -> Tensor:
    """Reverse each sequence within its length; padding stays where it is."""
    places = torch.arange(x.shape[1]).expand(x.shape[:2])
    order = torch.where(_real(lengths, x.shape[1]), lengths[:, None] - 1 - places, places)
    return x.gather(1, order[..., None].expand_as(x))


def _sequences() -> list[Arguments]:
    draw = Draw(52)
    first = torch.arange(1.0, 7.0, dtype=torch.float64).view(2, 3, 1)
    first[1, 2] = 0
    return [(first, torch.tensor([3, 2])), (draw.normal(4, 6, 3), torch.tensor([6, 1, 4, 3]))]


TAG_ACCURACY = Exercise(
    "tag_accuracy",
    {"scores": "(B, T, K)", "tags": "(B, T)", "lengths": "(B,)"},
    {"accuracy": ""},
    tag_accuracy,
    _scored,
    {
        "padding_counted": _with_padding,
        "mean_of_sentences": _mean_of_sentences,
        "whole_sentences": _whole_sentences,
        "padding_below": _padding_below,
    },
)
REVERSE_PADDED = Exercise(
    "reverse_padded",
    {"x": "(B, T, F)", "lengths": "(B,)"},
    {"reversed": "BTF"},
    reverse_padded,
    _sequences,
    {
        "padding_reversed": lambda x, lengths: x.flip(1),
        "batch_reversed": lambda x, lengths: x.flip(0),
        "features_reversed": lambda x, lengths: x.flip(2),
        "not_reversed": lambda x, lengths: x,
    },
)
