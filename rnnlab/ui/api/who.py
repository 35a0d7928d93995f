"""`/who`: a real line that was held out, among three of a model, and which is the real one."""

from __future__ import annotations

from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.experiments.language_model import WhoWrote, who_wrote
from rnnlab.resources import SHIPPED_MODELS
from rnnlab.runs import Runner
from rnnlab.ui.api.signature import parameter, settings_of, signed
from rnnlab.ui.api.writers import DEFAULT_CORPUS, writer_called
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.validation import InvalidInput


def who_wrote_this(
    runner: Runner, request: gr.Request, model: str, temperature: float, seed: int, corpus: str
) -> dict[str, Any]:
    """Return four `lines`, one of them real and held out, the others by a model; `real` is the number of the real one.

    `model` and `corpus` are as in /generate. `cut` says of each line whether it was cut to its length.
    """
    with refusals_shown(request, program=True):
        how = WhoWrote(temperature=temperature, seed=seed)
        writer = writer_called(runner, model, corpus)
        if writer.learned is None:
            raise InvalidInput("learned_text_unknown", "model")
        found = who_wrote(writer.decoder, writer.vocab, writer.learned.corpus, how)
    return {**found.to_dict(), "real": found.real + 1}


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    settings = [*settings_of(WhoWrote), parameter("corpus", str, DEFAULT_CORPUS)]
    own = signed(who_wrote_this, {"model": (str, next(iter(SHIPPED_MODELS)))}, settings, dict)
    gr.api(MethodType(own, runner), api_name="who", concurrency_limit=4)
