"""`/surprise`: how unexpected each character of a text is to a trained model."""

from __future__ import annotations

from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.experiments.event import plain
from rnnlab.experiments.language_model import Config
from rnnlab.experiments.language_model.surprise_of_text import mean_bits, surprise_of_text
from rnnlab.limits import MAX_SURPRISE_CHARACTERS
from rnnlab.resources import SHIPPED_MODELS
from rnnlab.runs import Runner
from rnnlab.ui.api.signature import signed
from rnnlab.ui.api.writers import model_called
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.validation import Text


def surprise(runner: Runner, request: gr.Request, model: str, text: str) -> dict[str, Any]:
    """Tell how unexpected each token of a text is to a model, in bits, and what it expected instead.

    `model` is lyrics-zh, lyrics-en, or the `run` of a row that /train gave you; `text` has at most 2000 characters.
    Returns `mean_bits` and the `places`: of each token (a character, unless the model's tokenizer cuts words) the
    `text` that it adds, its `bits` (-log2 of its probability after all tokens before it; null for the first, and for
    those that the model does not know), and the five `likeliest` tokens there, each with its `probability`.
    """
    with refusals_shown(request, program=True):
        read = Text(2, MAX_SURPRISE_CHARACTERS).check("text", text)
        checkpoint = model_called(runner, model)
        config = Config.from_strings(checkpoint.config)
        places = surprise_of_text(checkpoint.build_model(), checkpoint.vocab, config, read)
    answer: dict[str, Any] = plain({"mean_bits": mean_bits(places), "places": [place.to_dict() for place in places]})
    return answer


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    own = signed(surprise, {"model": (str, next(iter(SHIPPED_MODELS))), "text": (str, "")}, [], dict)
    gr.api(MethodType(own, runner), api_name="surprise", concurrency_limit=2)
