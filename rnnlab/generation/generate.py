"""Singing: warm the state up on a prefix, then draw one character after the other."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.generation.decoder import decoder_of
from rnnlab.generation.prefix import fit_prefix, line_break
from rnnlab.generation.sampling import Generation, SampledToken, sample_token
from rnnlab.models import LanguageModel
from rnnlab.text import Vocab
from rnnlab.validation import InvalidInput


def generate(model: LanguageModel, vocab: Vocab, how: Generation, alternatives: int = 5) -> Iterator[SampledToken]:
    """Yield `how.length` choices that continue `how.prefix`. The model is left in the mode that it was in.

    Characters of the prefix that the vocabulary lacks are skipped (`fit_prefix` names them).
    """
    generator = torch.Generator().manual_seed(how.seed)
    unsung = _unsung(vocab)
    unread = vocab.encode(fit_prefix(how.prefix, vocab).text) or [_beginning(vocab, unsung)]
    reader = decoder_of(model)
    shown = min(alternatives, len(vocab) - len(unsung))
    ones = np.ones(len(vocab), np.float32)  # a sum as a product, which is three times as fast as `sum`
    for _ in range(how.length):
        logits = reader.read(unread)  # (V,)
        logits[unsung] = -np.inf
        highest = _highest(logits)
        if not math.isfinite(highest):  # a model that exploded sings noise, but it sings
            logits = np.nan_to_num(logits)
            logits[unsung] = -np.inf
            highest = _highest(logits)
        chosen = sample_token(logits, how, generator)
        logits -= highest
        powers = np.exp(logits, out=logits)  # softmax: p = powers / total
        total = powers.dot(ones)
        best = _largest(powers, shown) if shown else ()
        yield SampledToken(
            vocab.tokens[chosen],
            float(powers[chosen] / total),
            tuple((vocab.tokens[number], float(powers[number] / total)) for number in best),
        )
        unread = [chosen]


def _highest(logits: NDArray[np.float32]) -> np.float32:
    """The highest one; NaN if any is. Looking for its place is four times as fast as `max`."""
    return logits[logits.argmax()]


def _largest(values: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Where the `count` largest are, best first."""
    some = np.argpartition(values, -count)[-count:]
    return some[np.argsort(-values[some], kind="stable")]


def _unsung(vocab: Vocab) -> NDArray[np.intp]:
    """The ids of what is never sung: `<unk>` and the reserved tokens."""
    unsung = [number for number, token in enumerate(vocab.tokens) if len(token) != 1]
    if len(unsung) == len(vocab):
        raise InvalidInput("nothing_to_sing", "vocabulary")
    return np.array(unsung, dtype=np.intp)


def _beginning(vocab: Vocab, unsung: NDArray[np.intp]) -> int:
    """What is read when there is no prefix: the end of a line, or else the first character that can be sung."""
    before = line_break(vocab)
    if before is not None:
        return vocab.encode(before)[0]
    return next(number for number in range(len(vocab)) if number not in unsung)
