"""Perplexity: among how many equally likely characters the model hesitates.

    perplexity = exp( -1/N · Σ log p(x_t | x_1 … x_{t-1}) )

It is 1 when every character is foretold with certainty, and V when the model knows nothing and spreads
its bets evenly over a vocabulary of V (Jurafsky & Martin, *Speech and Language Processing*, ch. 3.3).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

LARGEST_EXPONENT = 700.0  # e^709 is the largest float


def perplexity(total_nll: float, tokens: int) -> float:
    """exp(total negative log-likelihood in nats / number of predicted tokens); inf when it is beyond a float.

    >>> perplexity(3 * math.log(4), 3)   # three characters, each foretold with probability 1/4
    4.0
    >>> perplexity(1e9, 1)
    inf
    """
    mean = total_nll / tokens
    return math.exp(mean) if mean < LARGEST_EXPONENT else math.inf


def unigram_perplexity(ids: Tensor) -> float:
    """The perplexity of guessing each of `ids` (N,) by how often it occurs among them, without any context.

    It is e to the entropy of the character frequencies: what a network must beat to have used its memory.

    >>> unigram_perplexity(torch.tensor([0, 0, 1, 1]))   # two characters, equally frequent
    2.0
    """
    counts = torch.bincount(ids).double()
    counts = counts[counts > 0]
    return perplexity(float(-(counts * (counts / counts.sum()).log()).sum()), int(counts.sum()))
