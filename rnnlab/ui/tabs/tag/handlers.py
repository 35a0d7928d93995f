"""Handler of the Tagging tab that concerns both of its parts: tag with the tagger just trained."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnnlab.runs import Runner
from rnnlab.ui.i18n.errors import refuse
from rnnlab.ui.tabs.lesson import lesson_of
from rnnlab.ui.tabs.tag.sentence.handlers import TRAINED, tagged, tagger_called, trainer_in
from rnnlab.ui.tabs.tag.training.payload import VIEW

SENTENCE, TRAIN = "sentence", "train"  # the two parts


def on_use(runner: Runner, saved: Any, request: gr.Request) -> tuple[gr.Tabs, str, str, str, dict[str, Any]]:
    """Open the other part of the tab and tag one of the training's sentences with the tagger just trained."""
    run = lesson_of(VIEW, runner, saved)
    if run is None:
        raise refuse("tag.not_trained", request, "tagger")
    forms = trainer_in(run).sample.forms
    tagger = tagger_called(runner, saved, TRAINED, "", request)
    return gr.Tabs(selected=SENTENCE), TRAINED, " ".join(forms), *tagged(forms, *tagger)
