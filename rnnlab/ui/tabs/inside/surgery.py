"""The section Surgery: the perplexity of the text and a song, with operations on the network and without.

lab/inside/<key>/surgery?operations=l0.f=0.5,l0.unit=3&prefix=…&seed=1&from=46
lab/inside/<key>/surgery?operations=l0.f=0&bare=1         the perplexity alone: a cell of the table
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from itertools import takewhile
from typing import Any

import numpy as np

from rnnlab.experiments.language_model.looks.options import states_in, whole
from rnnlab.experiments.language_model.surgery_of_text import Surgery, finite, songs_of, surgery_of_text
from rnnlab.generation import Generation
from rnnlab.inspection.gate_activity import gate_activity
from rnnlab.inspection.held_gates import FREE, HELD, column_name
from rnnlab.inspection.surgery import GATE_NAMES, MATRICES, Operation, means_of, operation_called
from rnnlab.limits import MAX_OPERATIONS
from rnnlab.perplexity import perplexity
from rnnlab.ui.tabs.inside.opened import Opened
from rnnlab.validation import InvalidInput

SONG_LENGTH = 140  # characters, or of a model of words, words
FIRST_PLACE = SONG_LENGTH // 3  # from which on the operations hold, until another one is chosen
MAX_PREFIX = 8  # tokens of the text's beginning, up to the first space, with which the songs begin if none is typed
MAX_SEED = 2**31 - 1
TENTHS = 10  # bits are sent as whole tenths


def answer(opened: Opened, query: Mapping[str, str], check: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Return the measured operations of the query; with `bare` no song, and nothing for each character.

    check: called between operating, reading and writing; it raises where nobody waits any more.
    """
    operations = operations_in(query.get("operations", ""))
    text = opened.text
    states_in(text)
    found = surgery_of_text(
        text.model,
        text.ids.tolist(),
        operations,
        means=means_of(text.config, text.reading.activations),
        before=undamaged_perplexity(opened),
        check=check,
    )
    measured = {"words": [operation.word for operation in operations], "after": finite(found.after)}
    if query.get("bare"):
        return measured
    check()
    seed = whole(query, "seed", 0, MAX_SEED, 1)
    prefix = query.get("prefix") or first_word(text.pieces)
    start = whole(query, "from", 0, SONG_LENGTH - 1, FIRST_PLACE)
    how = Generation(prefix=prefix, length=SONG_LENGTH, seed=seed)
    song = asdict(songs_of(text.model, found.operated, text.vocab, how, start))
    return {**measured, **facts_of(opened, found), "song": song, "seed": seed}


def operations_in(words: str) -> list[Operation]:
    """Return the operations of words with commas between. Raises InvalidInput."""
    parts = [word for word in words.split(",") if word]
    if len(parts) > MAX_OPERATIONS:
        raise InvalidInput("too_many_items", "operations", length=len(parts), high=MAX_OPERATIONS)
    return [operation_called(word) for word in parts]


def first_word(pieces: Sequence[str]) -> str:
    """Return the beginning of a text up to its first space or line end, at most MAX_PREFIX tokens."""
    word = list(takewhile(lambda piece: not piece.isspace(), pieces[:MAX_PREFIX]))
    return "".join(word or pieces[:1])


def undamaged_perplexity(opened: Opened) -> float:
    """Return the perplexity of the opened text, from the bits of its reading."""
    bits = opened.text.reading.surprisal[1:].astype(np.float64)
    return perplexity(float(np.nan_to_num(bits, nan=math.inf).sum()) * math.log(2), len(bits))


def facts_of(opened: Opened, found: Surgery) -> dict[str, Any]:
    """Return what the section draws around the measured perplexity."""
    config = opened.text.config
    bits = np.minimum(found.nats / math.log(2), 1000.0)
    return {
        "before": finite(found.before),
        "blind": found.blind_guess,
        "gates": [
            {"key": one.key, "layer": one.layer, "name": GATE_NAMES[one.gate], "mean": one.mean}
            for one in gate_activity(config, opened.text.reading.activations)
        ],
        "held": [FREE, *map(column_name, HELD)],
        "layers": config.num_layers,
        "units": config.hidden_size,
        "matrices": list(MATRICES),
        "tenths": [None, *np.round(bits * TENTHS).astype(int).tolist()],
    }
