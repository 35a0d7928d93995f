"""Sampling from logits: temperature, top-k, top-p."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.validation import Config, Integer, Real, Text, setting


@dataclass(frozen=True)
class Generation(Config):
    """Settings of generation: `temperature` 0 is greedy, `top_k` and `top_p` restrict the draw."""

    prefix: str = setting(
        "", Text(0, 200), "what the song begins with, ↵ or \\n for a line's end; empty starts a new line"
    )
    length: int = setting(200, Integer(1, 2000), "characters to generate, or words with a model of words")
    temperature: float = setting(0.8, Real(0.0, 5.0), "0 always takes the likeliest; 1 draws as the model believes")
    top_k: int | None = setting(None, Integer(1, 10_000, optional=True), "draw from the k likeliest tokens only")
    top_p: float | None = setting(
        None, Real(0.01, 1.0, optional=True), "draw from the likeliest tokens that together reach this probability"
    )
    seed: int = setting(1, Integer(0, 2**31 - 1), "of the draw: the same seed gives the same song")


@dataclass(frozen=True)
class SampledToken:
    """One generated token, its probability, and the likeliest tokens at that position, best first.

    token: a character or a word, as the vocabulary has it.
    text: what it adds to the text: a character itself, a word with the space before it, a line end for `<eos>`. The
        texts of all tokens, one after the other, continue the prefix.

    Probabilities are the model's own (temperature 1, no token excluded), so they compare across strategies.
    """

    token: str
    text: str
    probability: float
    alternatives: tuple[tuple[str, float], ...]


def sample_token(logits: NDArray[np.float32], how: Generation, generator: torch.Generator) -> int:
    """Draw an id from `logits` (V,) by the settings `how`.

    temperature τ:  p_i ∝ exp(logit_i / τ)                      τ → 0 is the argmax
    top-k:          only the k largest stay
    top-p:          the smallest set whose probabilities reach p stays (Holtzman et al. 2020, "nucleus sampling")
    """
    if how.temperature == 0.0:
        return int(logits.argmax())
    ordered, order = _kept(logits, how)
    return int(order[torch.multinomial(ordered, 1, generator=generator)])


def skip_draws(generator: torch.Generator, count: int, vocab_size: int, how: Generation) -> None:
    """Advance `generator` as `count` calls of `sample_token` do, whatever the logits.

    `torch.multinomial` draws one sample by an exponential number for each of the V weights (torch 2.13 and 2.14; a test
    compares the two states), so the numbers of place t depend on the seed, t and V alone. `temperature` 0 draws none.
    """
    if how.temperature == 0.0:
        return
    numbers = torch.empty(vocab_size, dtype=torch.float64)
    for _ in range(count):
        numbers.exponential_(1, generator=generator)


def drawn_from(logits: NDArray[np.float32], how: Generation) -> NDArray[np.float64]:
    """Return the probability (V,) with which `sample_token` draws each id: 0 for what top-k and top-p leave out."""
    probabilities = np.zeros(len(logits))
    if how.temperature == 0.0:
        probabilities[logits.argmax()] = 1.0
        return probabilities
    ordered, order = _kept(logits, how)
    probabilities[order.numpy()] = (ordered / ordered.sum()).numpy()
    return probabilities


def token_at(logits: NDArray[np.float32], how: Generation, uniform: float) -> int:
    """Return the id that the number `uniform` in [0, 1) draws from `logits` (V,): the inverse of the CDF.

    The distribution is that of `sample_token`, its ids in the order of their probability, likeliest first. That order
    is the same at every temperature, so a higher temperature never draws a likelier id by the same number.
    """
    if how.temperature == 0.0:
        return int(logits.argmax())
    ordered, order = _kept(logits, how)
    cumulative = ordered.cumsum(0)
    place = int(torch.searchsorted(cumulative, uniform * cumulative[-1], right=True))
    return int(order[min(place, int((ordered > 0).sum()) - 1)])  # rounding must not draw what is left out


def _kept(logits: NDArray[np.float32], how: Generation) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the weights to draw by (V,), largest first and 0 for what top-k and top-p leave out, and their ids."""
    scores = torch.from_numpy(logits).double()
    probabilities = torch.softmax((scores - scores.max()) / how.temperature, dim=0)
    ordered, order = probabilities.sort(descending=True, stable=True)
    if how.top_k is not None:
        ordered[how.top_k :] = 0.0
    if how.top_p is not None:
        before = ordered.cumsum(0) - ordered  # the sum of all larger ones
        ordered[before >= how.top_p * ordered.sum()] = 0.0
    return ordered, order
