"""What an operation on a network costs on a text, and what it then writes.

    found = surgery_of_text(model, ids, [Operation("gate", gate="forget", value=0.5)])
    found.before, found.after                                   # perplexity
    songs_of(model, found.operated, vocab, Generation())        # by the same random numbers

Shapes: N tokens of the text, H hidden.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.generation import FittedPrefix, Generation, fit_prefix, generate
from rnnlab.generation.side_by_side import first_difference
from rnnlab.inspection.held_gates import HeldGate, nats_along, perplexity_along
from rnnlab.inspection.surgery import Means, Operation, gate_means, needs_means, operate
from rnnlab.limits import MAX_INSPECTED_CHARACTERS
from rnnlab.models import LanguageModel
from rnnlab.perplexity import perplexity
from rnnlab.text import Vocab
from rnnlab.validation import InvalidInput, Text

MIN_TOKENS = 2  # of a text: one to read, one to predict


def read_for_surgery(vocab: Vocab, text: str) -> tuple[FittedPrefix, list[int]]:
    """Return a text as it is fitted to a vocabulary, and its tokens' ids. Raises InvalidInput for fewer than two."""
    fitted = fit_prefix(Text(1, MAX_INSPECTED_CHARACTERS).check("text", text), vocab)
    known, missing = len(fitted.tokens), len(fitted.missing)
    if known < MIN_TOKENS:
        raise InvalidInput("nothing_to_evaluate", "text", tokens=known + missing, known=known, low=MIN_TOKENS)
    return fitted, vocab.encode(fitted.tokens)


@dataclass(frozen=True, eq=False)
class Surgery:
    """A network with operations, and the perplexity of a text before and after them."""

    operations: tuple[Operation, ...]
    operated: LanguageModel
    before: float
    after: float  # may be infinite
    blind_guess: int  # the perplexity of a uniform guess: the size of the vocabulary
    nats: NDArray[np.float64]  # (N - 1,): of each token but the first after all before it, with the operations

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; an infinite perplexity is None."""
        return {
            "operations": [operation.to_dict() for operation in self.operations],
            "perplexity": {"before": finite(self.before), "after": finite(self.after)},
            "blind_guess": self.blind_guess,
            "predicted": len(self.nats),
        }


def finite(value: float) -> float | None:
    """Return a perplexity, None for infinity."""
    return value if math.isfinite(value) else None


def surgery_of_text(
    model: LanguageModel,
    ids: Sequence[int],
    operations: Sequence[Operation],
    *,
    means: Means | None = None,
    before: float | None = None,
    check: Callable[[], None] = lambda: None,
) -> Surgery:
    """Operate on `model` and read the text `ids` (N,) with and without. Raises InvalidInput.

    means, before: of the undamaged network on this text, where they are known already.
    check: called before each reading; what it raises ends the work.
    """
    if means is None and needs_means(operations):
        operate(model, operations[:0])  # refuses a network without gates along a text
        means = gate_means(model, ids)
    operated = operate(model, operations, means)
    check()
    undamaged = perplexity_along(model, ids) if before is None else before
    check()
    nats = nats_along(operated, ids)
    after = perplexity(float(nats.sum()), len(nats)) if operations else undamaged
    return Surgery(tuple(operations), operated, undamaged, after, model.vocab_size, nats)


@dataclass(frozen=True)
class Songs:
    """What a network writes without and with the operations, by the same random numbers."""

    prefix: str
    before: str  # without the prefix, as the other
    after: str
    departs: int | None  # character of `after` that differs first; None if none does

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data for JSON."""
        return {"prefix": self.prefix, "before": self.before, "after": self.after, "departs": self.departs}


def songs_of(model: LanguageModel, operated: LanguageModel, vocab: Vocab, how: Generation) -> Songs:
    """Write a song with each: place k of both is drawn by the same number u_k (`sampling.token_at`)."""
    uniforms = torch.rand(how.length, generator=torch.Generator().manual_seed(how.seed), dtype=torch.float64).tolist()
    before, after = (
        tuple(generate(network, vocab, how, alternatives=0, uniforms=uniforms)) for network in (model, operated)
    )
    place = first_difference(before, after)
    return Songs(
        prefix=fit_prefix(how.prefix, vocab).text,
        before="".join(token.text for token in before),
        after="".join(token.text for token in after),
        departs=None if place is None else len("".join(token.text for token in after[:place])),
    )


def row_of(row: HeldGate) -> dict[str, Any]:
    """Return a row of the table of held gates as plain data for JSON; an infinite perplexity is None."""
    held = {name: finite(value) for name, value in row.perplexity.items()}
    return {"layer": row.layer, "gate": row.gate, "mean": row.mean, "perplexity": held}
