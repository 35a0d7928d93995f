"""Let counting write: an n-gram model as a decoder, which `generate` samples from like from a network."""

from __future__ import annotations

from copy import copy

import numpy as np
from numpy.typing import NDArray

from rnnlab.models import NGrams
from rnnlab.models.ngram import Level
from rnnlab.validation import Integer

COUNTING = {"uniform": 0, "2-gram": 2, "5-gram": 5}  # models that need no training, and their n


class NGramDecoder:
    """The n-gram model of `ngrams` with this n; n = 0 is the uniform guess. It sees the last n - 1 tokens.

    It gives log probabilities for logits: `NGrams.probabilities` for all tokens at once.
    """

    def __init__(self, ngrams: NGrams, n: int) -> None:
        self.ngrams, self.n = ngrams, Integer(0, ngrams.longest).require("n", n)
        self.context: tuple[int, ...] = ()

    def fork(self) -> NGramDecoder:
        """Return a decoder that has read the same text."""
        return copy(self)

    def read(self, ids: list[int]) -> NDArray[np.float32]:
        """Return the log probabilities (V,) of the token after `ids`, which follow those read before."""
        reach = max(0, self.n - 1)
        self.context = (*self.context, *ids)[-reach:] if reach else ()
        probabilities = np.full(self.ngrams.vocab_size, 1 / self.ngrams.vocab_size)
        for length in range(self.n):
            longest = length == self.n - 1
            level = self.ngrams.own[length] if longest else self.ngrams.below[length]
            context = self.context[max(0, len(self.context) - length) :]
            probabilities = _interpolated(level, context, probabilities)
        return np.log(probabilities).astype(np.float32)


def _interpolated(level: Level, context: tuple[int, ...], shorter: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return p(· | context) (V,), interpolated with `shorter`, the probabilities by the shorter context."""
    if context not in level.follows:
        return shorter
    counts, total = level.follows[context]
    probabilities: NDArray[np.float64] = level.discount * len(counts) / total * shorter
    tokens = np.fromiter(counts.keys(), np.intp, len(counts))
    times = np.fromiter(counts.values(), np.float64, len(counts))
    probabilities[tokens] += np.maximum(times - level.discount, 0.0) / total
    return probabilities
