"""`/copied`: how much of what a model writes stands word for word in its training text."""

from __future__ import annotations

from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.experiments.language_model import measure_copying
from rnnlab.generation import Generation
from rnnlab.resources import SHIPPED_MODELS
from rnnlab.runs import Runner
from rnnlab.ui.api.generate import settings_by_name
from rnnlab.ui.api.signature import parameter, settings_of, signed
from rnnlab.ui.api.writers import DEFAULT_CORPUS, writer_called
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.validation import InvalidInput


def copied(runner: Runner, request: gr.Request, model: str, *values: Any) -> dict[str, Any]:
    """Generate a song and look it up in the text that the model has learned.

    `model` is as in /generate. Returns the song (`text`), its `runs` of at least `min_length` characters that stand
    word for word in the training text, as pairs of places in the song, the share of its characters inside them
    (`copied_share`), the `longest` run, and to compare with the share of a 5-gram's song with the same settings
    (`ngram_copied_share`, `ngram_text`) and of held-out text (`held_out_copied_share`).
    """
    with refusals_shown(request, program=True):
        *settings, corpus = values
        how, writer = Generation(**settings_by_name(settings)), writer_called(runner, model, corpus)
        if writer.learned is None:
            raise InvalidInput("checkpoint_needs_corpus", "model", value=model)
        return measure_copying(writer.decoder(), writer.vocab, writer.learned, how).to_dict()


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    settings = [*settings_of(Generation), parameter("corpus", str, DEFAULT_CORPUS)]
    own = signed(copied, {"model": (str, next(iter(SHIPPED_MODELS)))}, settings, dict)
    gr.api(MethodType(own, runner), api_name="copied", concurrency_limit=2)
