"""What an operation on a network costs on a text, and what it then writes.

    found = surgery_of_text(model, ids, [Operation("gate", gate="forget", value=0.5)])
    found.before, found.after                                   # perplexity
    songs_of(model, found.operated, vocab, Generation(), 20)    # by the same random numbers; operated from place 20 on

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
from rnnlab.generation.decoder import SwitchedDecoder
from rnnlab.generation.side_by_side import first_difference
from rnnlab.inspection.held_gates import HeldGate, nats_along, perplexity_along
from rnnlab.inspection.surgery import Means, Operation, gate_means, needs_means, operate
from rnnlab.limits import MAX_INSPECTED_CHARACTERS
from rnnlab.models import LanguageModel
from rnnlab.perplexity import perplexity
from rnnlab.text import Vocab
from rnnlab.validation import Integer, InvalidInput, Text

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
    before: tuple[str, ...]  # the text of each token, without the prefix, as the other
    after: tuple[str, ...]
    start: int  # token from which on the operations hold
    departs: int | None  # token of `after` that differs first; None if none does

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON, with `departs` as a character of the song and `start` as `from_character`."""
        departs = None if self.departs is None else len("".join(self.after[: self.departs]))
        songs = {"before": "".join(self.before), "after": "".join(self.after)}
        return {"prefix": self.prefix, **songs, "departs": departs, "from_character": self.start}


def songs_of(model: LanguageModel, operated: LanguageModel, vocab: Vocab, how: Generation, start: int = 0) -> Songs:
    """Write a song with each: place k of both is drawn by the same number u_k (`sampling.token_at`).

    start: place from which on `operated` writes, 0 to how.length - 1; the prefix has none. All before it is the song of
        `model`, which has read all but the last token before it; that one `operated` reads from the state of `model`.

    Raises InvalidInput.
    """
    start = Integer(0, how.length - 1).require("from_character", start)
    uniforms = torch.rand(how.length, generator=torch.Generator().manual_seed(how.seed), dtype=torch.float64).tolist()
    before = tuple(generate(model, vocab, how, alternatives=0, uniforms=uniforms))
    begun, switched = [token.token for token in before[:start]], SwitchedDecoder(model, operated)
    after = before[:start] + tuple(generate(switched, vocab, how, alternatives=0, uniforms=uniforms, begun=begun))
    return Songs(
        prefix=fit_prefix(how.prefix, vocab).text,
        before=tuple(token.text for token in before),
        after=tuple(token.text for token in after),
        start=start,
        departs=first_difference(before, after),
    )


def row_of(row: HeldGate) -> dict[str, Any]:
    """Return a row of the table of held gates as plain data for JSON; an infinite perplexity is None."""
    held = {name: finite(value) for name, value in row.perplexity.items()}
    return {"layer": row.layer, "gate": row.gate, "mean": row.mean, "perplexity": held}
