"""Recorded runs that the Train tab shows at once: those of the shipped models and of the tutorials' recipes."""

from __future__ import annotations

import secrets
from functools import cache
from typing import Any

import gradio as gr

from rnnlab import checkpoints
from rnnlab.experiments.language_model import Config, Trainer
from rnnlab.experiments.language_model.evaluation import before_training, drained
from rnnlab.experiments.language_model.recording import Recording
from rnnlab.experiments.language_model.recording.rows import rows_of
from rnnlab.resources import GENERATED_CORPORA, RECORDED_CORPUS, SHIPPED_RECORDINGS, shipped_model, shipped_recording
from rnnlab.runs import Row, Runner
from rnnlab.ui.tabs.train.runs import training_of

CURVES = {name: name for name in SHIPPED_RECORDINGS} | {"quick": RECORDED_CORPUS}  # by recipe; `quick` made that model


@cache
def recorded_run(name: str) -> tuple[Config, tuple[Row, ...]]:
    """Return settings and rows of the run of a shipped model, or of the recipe `name`. Raises InvalidInput."""
    if name in SHIPPED_RECORDINGS:
        recording = Recording.open(shipped_recording(name))
        return Config.from_strings(recording.index.config_at(1, 1)), tuple(rows_of(recording))
    checkpoint = checkpoints.load(shipped_model(name))
    config = Config.from_strings(checkpoint.config)
    untrained = {"kind": "untrained", **drained(before_training(Trainer(config, device="cpu"))).to_dict()}
    return config, (untrained, *({"kind": "epoch", **row} for row in checkpoint.history))


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
