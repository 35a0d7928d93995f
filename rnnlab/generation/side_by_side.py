"""Write the same beginning on at several temperatures, with the same random numbers at all of them.

for column in side_by_side(model, vocab, Generation(prefix="雨", length=50), (0.0, 0.8, 1.6)):
    print(column.temperature, column.text, column.departs)

Place k of every column is drawn by the same uniform number u_k from the inverse of its distribution (common random
numbers), so the columns agree until the temperature decides, and differ by nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.generation.decoder import Decoder, decoder_of
from rnnlab.generation.generate import generate
from rnnlab.generation.sampling import Generation, SampledToken
from rnnlab.models import LanguageModel
from rnnlab.text import Vocab
from rnnlab.validation import InvalidInput, Real, rule_of

TEMPERATURES = (0.0, 0.4, 0.8, 1.2, 1.6)
MAX_COLUMNS = 5


@dataclass(frozen=True)
class Column:
    """What a model writes at one temperature."""

    temperature: float
    tokens: tuple[SampledToken, ...]  # without alternatives
    text: str  # of the tokens, without the prefix
    departs: int | None  # place of the first token that differs from the column before; None without one
    entropy: float  # bits: the mean, over the places, of the entropy of the model's own distribution
    distinct: int  # different tokens


def side_by_side(
    model: LanguageModel | Callable[[], Decoder],
    vocab: Vocab,
    how: Generation,
    temperatures: Sequence[float] = TEMPERATURES,
) -> Iterator[Column]:
    """Yield a column for each of `temperatures`; the other settings are those of `how`, whose own is not used.

    model: a network, or a function that makes a decoder which has read nothing yet. Raises InvalidInput for more than
        MAX_COLUMNS temperatures.
    """
    checked = check_temperatures(temperatures)
    generator = torch.Generator().manual_seed(how.seed)
    uniforms = torch.rand(how.length, generator=generator, dtype=torch.float64).tolist()
    before: tuple[SampledToken, ...] | None = None
    for temperature in checked:
        meter = EntropyMeter(decoder_of(model) if isinstance(model, LanguageModel) else model())
        settings = replace(how, temperature=temperature)
        tokens = tuple(generate(meter, vocab, settings, alternatives=0, uniforms=uniforms))
        yield Column(
            temperature=temperature,
            tokens=tokens,
            text="".join(token.text for token in tokens),
            departs=first_difference(before, tokens),
            entropy=meter.total / how.length,
            distinct=len({token.token for token in tokens}),
        )
        before = tokens


def first_difference(before: Sequence[SampledToken] | None, tokens: Sequence[SampledToken]) -> int | None:
    """Return the first place where the tokens differ; None without a column before, or if none does."""
    if before is None:
        return None
    pairs = zip(before, tokens, strict=True)
    return next((place for place, (left, right) in enumerate(pairs) if left.token != right.token), None)


class EntropyMeter:
    """A decoder that adds up the entropy of every distribution that it gives, in bits (`total`)."""

    def __init__(self, decoder: Decoder) -> None:
        self.decoder, self.total = decoder, 0.0

    def read(self, ids: list[int]) -> NDArray[np.float32]:
        """Return the logits (V,) of the decoder."""
        logits = self.decoder.read(ids)
        self.total += entropy_of(logits)
        return logits


def entropy_of(logits: NDArray[np.float32]) -> float:
    """Return the entropy in bits of the softmax of `logits` (V,); a diverged model's as `generate` reads them.

    H = log Σ exp(x) - Σ p x, with x = logit - max
    """
    x = logits.astype(np.float64)
    highest = x.max()
    if not np.isfinite(highest):
        x = np.nan_to_num(x)
        highest = x.max()
    x -= highest
    powers = np.exp(x)
    total = powers.sum()
    return float((np.log(total) - powers.dot(x) / total) / np.log(2))


def check_temperatures(value: Any) -> tuple[float, ...]:
    """Return a list of temperatures, or those of a text such as "0, 0.5, 1", as numbers.

    Raises InvalidInput for none, for more than MAX_COLUMNS, and for one that a Generation could not have.
    """
    rule = rule_of(Generation.__dataclass_fields__["temperature"])
    assert isinstance(rule, Real)
    if isinstance(value, str):
        words = [word for word in re.split(r"[\s,;|，；、]+", value) if word]
        value = [rule.parse("temperatures", word) for word in words]
    if not isinstance(value, list | tuple):
        value = [value]
    if not value:
        raise InvalidInput("empty", "temperatures", low=1)
    if len(value) > MAX_COLUMNS:
        raise InvalidInput("too_many_items", "temperatures", length=len(value), high=MAX_COLUMNS)
    return tuple(rule.require("temperatures", item) for item in value)
