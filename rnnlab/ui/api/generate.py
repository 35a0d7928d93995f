"""`/generate`: continue a prefix with a trained model, or by counting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.generation import COUNTING, Generation, fit_prefix, generate
from rnnlab.resources import SHIPPED_MODELS
from rnnlab.runs import Runner
from rnnlab.ui.api.signature import parameter, settings_of, signed
from rnnlab.ui.api.writers import DEFAULT_CORPUS, writer_called
from rnnlab.ui.i18n.errors import refusals_shown


def continue_prefix(runner: Runner, request: gr.Request, model: str, *values: Any) -> dict[str, Any]:
    """Continue a prefix with a model: lyrics-zh, lyrics-en, or the `run` of a row that /train gave you.

    `model` can also be uniform, 2-gram or 5-gram, which count the text that the model called `corpus` has learned.
    Returns the `text` (prefix included), the characters of the prefix that the model does not know (`missing`; words,
    for a model of words), and for each generated token (`choices`) the `token` as the vocabulary has it, the `text`
    that it adds (a word with the space before it, a line end for <eos>) and its `probability`.
    """
    with refusals_shown(request, program=True):
        *settings, corpus = values
        generation = Generation(**settings_by_name(settings))
        writer = writer_called(runner, model, corpus, needs_text=model in tuple(COUNTING))
        fitted = fit_prefix(generation.prefix, writer.vocab)
        sampled = list(generate(writer.decoder(), writer.vocab, generation))
    return {
        "text": fitted.text + "".join(token.text for token in sampled),
        "missing": list(fitted.missing),
        "choices": [{"token": t.token, "text": t.text, "probability": t.probability} for t in sampled],
    }


def settings_by_name(values: Sequence[Any], but: str = "") -> dict[str, Any]:
    """Return the values of all settings of a Generation, except `but`, by their names."""
    names = [item.name for item in fields(Generation) if item.name != but]
    return dict(zip(names, values, strict=True))


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    settings = [*settings_of(Generation), parameter("corpus", str, DEFAULT_CORPUS)]
    own = signed(continue_prefix, {"model": (str, next(iter(SHIPPED_MODELS)))}, settings, dict)
    gr.api(MethodType(own, runner), api_name="generate", concurrency_limit=8)
