"""Compute perplexity, the exponential of the mean negative log-likelihood.

    perplexity = exp( -1/N · Σ log p(x_t | x_1 … x_{t-1}) )

It is the number of equally likely characters with the same uncertainty: 1 if every character is predicted with
certainty, and V for a uniform prediction over a vocabulary of V (Jurafsky & Martin, *Speech and Language Processing*,
ch. 3.3).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

MAX_EXPONENT = 700.0  # e^709 is the largest float


def perplexity(total_nll: float, tokens: int) -> float:
    """Return exp(total_nll / tokens), or inf if that is beyond a float.

    total_nll: the sum of the negative log-likelihoods of the predicted tokens, in nats.

    >>> perplexity(3 * math.log(4), 3)   # three characters, each predicted with probability 1/4
    4.0
    >>> perplexity(1e9, 1)
    inf
    """
    mean = total_nll / tokens
    return math.exp(mean) if mean < MAX_EXPONENT else math.inf


def bits(value: float | None) -> float | None:
    """Return the bits per token of a perplexity: its log2. None, which stands for no number, stays None.

    A token is a character, unless a tokenizer cuts words.

    >>> bits(8.0), bits(None)
    (3.0, None)
    """
    return None if value is None else math.log2(value)


def with_bits(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of an epoch with the bits per token of its two perplexities.

    >>> with_bits({"epoch": 1, "perplexity": 4.0, "held_out_perplexity": None})["bits_per_token"]
    2.0
    """
    return {
        **row,
        "bits_per_token": bits(row["perplexity"]),
        "held_out_bits_per_token": bits(row["held_out_perplexity"]),
    }


def unigram_perplexity(ids: Tensor) -> float:
    """Return the perplexity of predicting each of `ids` (N,) by its frequency among them, without context.

    It is e to the entropy of the frequencies. A network with a lower perplexity has used the context.

    >>> unigram_perplexity(torch.tensor([0, 0, 1, 1]))   # two characters, equally frequent
    2.0
    """
    counts = torch.bincount(ids).double()
    counts = counts[counts > 0]
    return perplexity(float(-(counts * (counts / counts.sum()).log()).sum()), int(counts.sum()))
