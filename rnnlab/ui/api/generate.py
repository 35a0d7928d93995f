"""`/generate`: continue a prefix with a trained model."""

from __future__ import annotations

from dataclasses import fields
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab import checkpoints
from rnnlab.checkpoints import Checkpoint
from rnnlab.generation import Generation, fit_prefix, generate
from rnnlab.resources import SHIPPED_MODELS, shipped_model
from rnnlab.runs import Runner
from rnnlab.ui.api.signature import settings_of, signed
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.validation import Text


def continue_prefix(runner: Runner, request: gr.Request, model: str, *values: Any) -> dict[str, Any]:
    """Continue a prefix with a model: lyrics-zh, lyrics-en, or the `run` of a row that /train gave you.

    Returns the `text` (prefix included), the characters of the prefix that the model does not know (`missing`; words,
    for a model of words), and for each generated token (`choices`) the `token` as the vocabulary has it, the `text`
    that it adds (a word with the space before it, a line end for <eos>) and its `probability`.
    """
    with refusals_shown(request, program=True):
        settings = {item.name: value for item, value in zip(fields(Generation), values, strict=True)}
        generation = Generation(**settings)
        checkpoint = model_called(runner, model)
        fitted = fit_prefix(generation.prefix, checkpoint.vocab)
        sampled = list(generate(checkpoint.build_model(), checkpoint.vocab, generation))
    return {
        "text": fitted.text + "".join(token.text for token in sampled),
        "missing": list(fitted.missing),
        "choices": [{"token": t.token, "text": t.text, "probability": t.probability} for t in sampled],
    }


def model_called(runner: Runner, name: str) -> Checkpoint:
    """Return the model of the run with that id, else the shipped model. Raises InvalidInput."""
    run = runner.get(Text(1, 100).check("model", name))
    if run is not None and (latest := runner.latest(run)) is not None:
        return latest
    return checkpoints.load(shipped_model(name))


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    own = signed(continue_prefix, {"model": (str, next(iter(SHIPPED_MODELS)))}, settings_of(Generation), dict)
    gr.api(MethodType(own, runner), api_name="generate", concurrency_limit=8)
