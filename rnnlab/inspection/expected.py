"""Tell what a language model expected at a place of a text, and how unexpected what stands there was.

Shapes: N tokens of the text, V vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnlab.inspection.surprise import CONTEXT, STEPS, rows_of
from rnnlab.models import LanguageModel

CANDIDATES = 5  # tokens that are named as the likeliest
MAX_BEFORE = 1000  # tokens that are read before a place at most: what stands further away changes nothing that is shown


@dataclass(frozen=True)
class Expected:
    """What was expected at a place."""

    bits: float  # −log2 of the probability of the token that stands there
    ids: tuple[int, ...]  # the CANDIDATES likeliest tokens, the likeliest first
    probabilities: tuple[float, ...]  # of these


@torch.inference_mode()
def expected_at(model: LanguageModel, ids: Tensor, place: int) -> Expected:
    """Return what the model expected at `place`, from 1, after as much of `ids` (N,) before it as `surprisal` has read.

    The bits are those of `surprisal(model, ids)[place]`, but for rounding.
    """
    was_training = model.training
    model.eval()
    try:
        hidden = _hidden_before(model, ids.to(model.output.weight.device), place)
        return _expected(model.output(hidden), int(ids[place]))
    finally:
        model.train(was_training)


def expected_along(model: LanguageModel, ids: Tensor) -> Iterator[Expected]:
    """Yield what was expected at each place of `ids` (N,) but the first, read in one row from its beginning."""
    model.eval()
    state, ids = None, ids.to(model.output.weight.device)
    for start in range(0, len(ids) - 1, STEPS):
        part = slice(start, min(start + STEPS, len(ids) - 1))
        with torch.inference_mode():
            hidden, state = model.read(ids[None, part], state)
            logits = model.output(hidden)[0]
        for row, actual in zip(logits, ids[part.start + 1 : part.stop + 1].tolist(), strict=True):
            yield _expected(row, actual)


def _expected(logits: Tensor, actual: int) -> Expected:
    """Read the logits (V,) of one place."""
    log_p = logits.double().log_softmax(-1)
    top, ids = log_p.topk(min(CANDIDATES, len(log_p)))
    bits = -float(log_p[actual]) / math.log(2)
    return Expected(bits, tuple(ids.tolist()), tuple(top.exp().tolist()))


def _hidden_before(model: LanguageModel, ids: Tensor, place: int) -> Tensor:
    """Return the output layer's input (D·H,) from which the token at `place` was predicted."""
    rows, length = rows_of(len(ids))
    last = place - 1  # the token after which it was predicted
    start = min(last // length, rows - 1) * length  # of its row; the last row goes on with the rest
    if not model.config.bidirectional:
        begin = max(0, start - CONTEXT, last + 1 - MAX_BEFORE)
        return model.read(ids[None, begin:place])[0][0, -1]
    state, end = None, start + length  # what it expected depends on the part that was read at once
    for begin in (*range(start, end, STEPS), end):
        stop = min(begin + STEPS, end) if begin < end else len(ids) - 1
        hidden, state = model.read(ids[None, begin:stop], state)
        if last < stop:
            return hidden[0, last - begin]
    raise IndexError(place)
