"""Layout of the Tagging tab: two parts, a sentence to tag and a tagger to train."""

from __future__ import annotations

from types import MethodType

import gradio as gr

from rnnlab.runs import Runner
from rnnlab.ui.components.event_options import REFUSING
from rnnlab.ui.components.field_storage import remember
from rnnlab.ui.i18n import t
from rnnlab.ui.session.restore import RestoredRun
from rnnlab.ui.session.state import Visitor
from rnnlab.ui.tabs.tag.handlers import SENTENCE, TRAIN, on_use
from rnnlab.ui.tabs.tag.sentence import layout as sentence
from rnnlab.ui.tabs.tag.training import layout as training
from rnnlab.ui.tabs.tag.training.payload import VIEW


def build_tab(app: gr.Blocks, runner: Runner, visitor: Visitor) -> RestoredRun:
    """Build the Tagging tab inside `gr.Tabs`."""
    with gr.Tab(t("tag.tab"), id="tag"), gr.Tabs(elem_id="tag-parts", selected=SENTENCE) as both:
        with gr.Tab(t("tag.sentence_tab"), id=SENTENCE):
            shown = sentence.build()
        with gr.Tab(t("tag.train_tab"), id=TRAIN):
            controls = training.build()
    saved = visitor.runs[VIEW.name]
    sentence.connect(app, runner, saved, shown)
    returning = training.connect(visitor.upload_memory, runner, visitor, controls)
    remember(app, "tagged", [controls["about"]])
    outputs = [both, *(shown[name] for name in ("tagger", "text", "words", "tokens"))]
    controls["use"].click(MethodType(on_use, runner), saved, outputs, **REFUSING)
    return returning
