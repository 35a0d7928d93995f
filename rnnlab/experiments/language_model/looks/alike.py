"""The look for places of the training text where the same units are on as over a selected passage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.experiments.language_model.inspected import InspectedText
from rnnlab.experiments.language_model.looks.options import Query, real, state_of, whole
from rnnlab.inspection.alike import Alike, find_alike, states_of_text, units_on
from rnnlab.limits import MAX_ALIKE_BYTES, MAX_ALIKE_TOKENS
from rnnlab.text import TokenWriter

OPTIONS = ("state", "first", "last", "threshold")
THRESHOLD, MAX_THRESHOLD = 0.5, 1000.0
AROUND = 24  # tokens before and after a place


@dataclass(frozen=True, eq=False)
class LearnedStates:
    """The beginning of a training text, and a state of the network after each of its tokens."""

    tokens: tuple[str, ...]  # (N,)
    states: NDArray[np.float32]  # (N, H)
    total: int  # tokens of the whole training text

    @property
    def nbytes(self) -> int:
        """The bytes of the states."""
        return self.states.nbytes


ReadStates = Callable[[InspectedText, str], LearnedStates]


def read_learned_states(inspected: InspectedText, state: str) -> LearnedStates:
    """Read at most MAX_ALIKE_TOKENS of what the network has learned. Raises InvalidInput where that is not known."""
    corpus = inspected.corpus()
    most = min(MAX_ALIKE_TOKENS, MAX_ALIKE_BYTES // (4 * inspected.config.hidden_size))
    ids = corpus.train_ids[:most].tolist()
    tokens = tuple(corpus.vocab.decode(ids))
    return LearnedStates(tokens, states_of_text(inspected.model, ids, state), len(corpus.train_ids))


def answer(inspected: InspectedText, query: Query, read: ReadStates = read_learned_states) -> dict[str, Any]:
    """Return the units that are on over a selection, and the places of the training text that are alike."""
    state = state_of(inspected, query)
    first = whole(query, "first", 0, len(inspected.ids) - 1, 0)
    last = whole(query, "last", first, len(inspected.ids) - 1, first)
    threshold = real(query, "threshold", 1e-6, MAX_THRESHOLD, THRESHOLD)
    values = inspected.reading.activations[state]
    on = units_on(values[first : last + 1], threshold)
    learned = read(inspected, state)
    found = find_alike(learned.states, on, last + 1 - first, threshold)
    return {
        "state": state,
        "first": first,
        "last": last,
        "threshold": threshold,
        "selection": "".join(inspected.pieces[first : last + 1]),
        "on": [[index, int(on[index])] for index in np.flatnonzero(on).tolist()],
        "searched": len(learned.tokens),
        "total": learned.total,
        "places": [_place(learned, place, last + 1 - first, inspected.vocab.spacing) for place in found],
    }


def _place(learned: LearnedStates, place: Alike, length: int, spacing: str) -> dict[str, Any]:
    """Return a place with its score, its passage, and what stands before and after it."""
    begin, end = max(0, place.start - AROUND), place.start + length
    writer = TokenWriter(spacing)
    pieces = [writer.write(token) for token in learned.tokens[begin : end + AROUND]]
    before = place.start - begin
    return {
        "start": place.start,
        "score": place.score,
        "shared": place.shared,
        "others": place.others,
        "before": "".join(pieces[:before]),
        "passage": "".join(pieces[before : before + length]),
        "after": "".join(pieces[before + length :]),
    }
