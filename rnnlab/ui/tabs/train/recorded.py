"""Show the recorded run of a recipe as soon as the recipe is chosen."""

from __future__ import annotations

import secrets
from typing import Any

import gradio as gr

from rnnlab.resources import GENERATED_CORPORA, RECORDED_CORPUS, SHIPPED_RECORDINGS
from rnnlab.runs import Runner
from rnnlab.ui.tabs.train.runs import training_of

CURVES = {name: name for name in SHIPPED_RECORDINGS} | {"quick": RECORDED_CORPUS}  # by recipe; `quick` made that model


def on_recorded(runner: Runner, recipe: Any, corpus: Any, saved: Any) -> Any:
    """Return the reference of the recipe's recorded run, so that the panel shows it at once.

    The panel stays as it is if the recipe is the same as before (None), if nothing is recorded of it on that text, and
    while a run of the visitor's goes on.
    """
    own, curve = training_of(runner, saved), CURVES.get(recipe) if isinstance(recipe, str) else None
    is_on_text = corpus == RECORDED_CORPUS or corpus in tuple(GENERATED_CORPORA)  # which `on_preset` leaves for it
    if curve is None or not is_on_text or (own is not None and not own.ended):
        return gr.skip()
    return f"curves/{curve}?{secrets.token_hex(4)}"
