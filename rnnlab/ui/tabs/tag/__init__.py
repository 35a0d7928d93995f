"""Tagging: name the kind of every word of a sentence; train a tagger, and see what context and spelling are worth."""

from __future__ import annotations

from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.runs import Runner
from rnnlab.ui.events import REFUSING
from rnnlab.ui.intake import Lab
from rnnlab.ui.lessons import lesson_of
from rnnlab.ui.refusals import refuse
from rnnlab.ui.remembering import remember
from rnnlab.ui.returning import Returning
from rnnlab.ui.tabs.tag import sentence, training
from rnnlab.ui.tabs.tag.sentence import TRAINED, tagged, tagger_called
from rnnlab.ui.tabs.tag.training import VIEW
from rnnlab.ui.visitor import Visitor
from rnnlab.ui.words import t

__all__ = ["VIEW", "build_tab", "on_use"]

SENTENCE, TRAIN = "sentence", "train"  # the two parts


def on_use(runner: Runner, saved: Any, request: gr.Request) -> tuple[dict[str, Any], str, str, str, dict[str, Any]]:
    """Go over to the other part of the tab with the tagger just trained and one of its own sentences."""
    run = lesson_of(VIEW, runner, saved)
    if run is None:
        raise refuse("tag.not_trained", request, "tagger")
    forms = run.experiment.trainer.sample.forms
    tagger = tagger_called(runner, saved, TRAINED, "", request)
    return gr.Tabs(selected=SENTENCE), TRAINED, " ".join(forms), *tagged(forms, *tagger)


def build_tab(app: Lab, runner: Runner, visitor: Visitor) -> Returning:
    with gr.Tab(t("tag.tab"), id="tag"), gr.Tabs(elem_id="tag-parts", selected=SENTENCE) as both:
        with gr.Tab(t("tag.sentence_tab"), id=SENTENCE):
            shown = sentence.build()
        with gr.Tab(t("tag.train_tab"), id=TRAIN):
            controls = training.build()
    saved = visitor.runs[VIEW.name]
    sentence.connect(app, runner, saved, shown)
    returning = training.connect(app.uploads, runner, visitor, controls)
    remember(app, "tagged", [controls["about"]])
    outputs = [both, *(shown[name] for name in ("tagger", "text", "words", "tokens"))]
    controls["use"].click(MethodType(on_use, runner), saved, outputs, **REFUSING)
    return returning
