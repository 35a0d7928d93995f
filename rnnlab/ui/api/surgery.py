"""`/surgery`: hold gates, switch units off, zero matrices of a trained model; perplexity and song before and after."""

from __future__ import annotations

from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.experiments.language_model.surgery_of_text import read_for_surgery, row_of, songs_of, surgery_of_text
from rnnlab.generation import Generation
from rnnlab.inspection.held_gates import held_gates
from rnnlab.inspection.surgery import operation_called
from rnnlab.limits import MAX_OPERATIONS
from rnnlab.resources import SHIPPED_MODELS
from rnnlab.runs import Runner
from rnnlab.ui.api.generate import settings_by_name
from rnnlab.ui.api.signature import parameter, settings_of, signed
from rnnlab.ui.api.writers import model_called
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.validation import Text, Texts

WORDS = Texts(MAX_OPERATIONS, Text(1, 60))


def surgery(
    runner: Runner, request: gr.Request, model: str, text: str, operations: list[str], *values: Any
) -> dict[str, Any]:
    """Operate on a model: hold its gates at a value, switch units off, zero weight matrices.

    `model` is lyrics-zh, lyrics-en, or the `run` of a row that /train gave you; `text`, at most 2000 characters, is
    what the perplexity is measured on. `operations` are words: forget=0.5 (or input, output, reset, update, or a
    gate's letter; a value from 0 to 1, or mean: that of each unit over the text), unit=3, weight_hh, weight_ih, output;
    before them l1. for the second layer. Returns `perplexity` with `before` and `after` (null if it is infinite),
    `blind_guess` (of a uniform guess), and the `song` by the settings of /generate: `before` and `after` by the same
    random numbers, and `departs`, the first character that differs. The operations hold from `from_character` of the
    song on (of a model of words, from that word), 0 being the first one after the prefix: all before it is the
    undamaged song, and the operated network goes on from the undamaged state. Without operations it returns `gates`: a
    row for each gate with its `mean` and the `perplexity` with the gate free, and held at 0, 0.5, 1 and mean.
    """
    with refusals_shown(request, program=True):
        *given, from_character = values
        how = Generation(**settings_by_name(given))
        done = [operation_called(word) for word in WORDS.check("operations", operations)]
        checkpoint = model_called(runner, model)
        _, ids = read_for_surgery(checkpoint.vocab, text)
        network = checkpoint.build_model()
        if not done:
            rows = [row_of(row) for row in held_gates(network, ids)]
            return {"blind_guess": len(checkpoint.vocab), "gates": rows}
        found = surgery_of_text(network, ids, done)
        songs = songs_of(network, found.operated, checkpoint.vocab, how, from_character)
    return {**found.to_dict(), "song": songs.to_dict()}


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    first = {
        "model": (str, next(iter(SHIPPED_MODELS))),
        "text": (str, ""),
        "operations": (list[str], []),
    }
    own = signed(surgery, first, [*settings_of(Generation), parameter("from_character", int, 0)], dict)
    gr.api(MethodType(own, runner), api_name="surgery", concurrency_limit=2)
