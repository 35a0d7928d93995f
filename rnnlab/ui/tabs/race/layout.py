"""Layout of the Race tab: who runs, on which text, to which finish line."""

from __future__ import annotations

from functools import partial
from types import MethodType
from typing import Any

import gradio as gr
from gradio.components import Component

from rnnlab.experiments.race import PRESETS, Config
from rnnlab.resources import CORPORA
from rnnlab.runs import Runner
from rnnlab.ui.components.event_options import QUIET, REFUSING
from rnnlab.ui.components.form_restore import connect_form
from rnnlab.ui.components.panel import panel
from rnnlab.ui.components.settings_form import setting_input
from rnnlab.ui.i18n import t
from rnnlab.ui.session.restore import RestoredRun
from rnnlab.ui.session.state import Visitor
from rnnlab.ui.tabs.lesson import lesson_of
from rnnlab.ui.tabs.lesson_tab import LessonHandlers
from rnnlab.ui.tabs.race.handlers import on_pause, on_resume
from rnnlab.ui.tabs.race.payload import ADVANCED, VIEW

OFFERED = ("models", "implementations", "optimizers")  # of the presets, those that the lanes alone make


def build_tab(app: gr.Blocks, runner: Runner, visitor: Visitor) -> RestoredRun:
    """Build the Race tab inside `gr.Tabs`."""
    with gr.Tab(t("race.tab"), id="race"):
        with gr.Row(elem_classes="toolbar"):
            inputs = _in_reach()
            small: dict[str, Any] = {"scale": 1, "min_width": 90}
            buttons = {
                "pause": gr.Button(t("race.pause"), elem_id="race-pause", elem_classes="while-running", **small),
                "resume": gr.Button(t("race.resume"), elem_id="race-resume", elem_classes="while-paused", **small),
                "stop": gr.Button(
                    t("race.stop"), variant="stop", elem_id="race-stop", elem_classes="while-going", **small
                ),
                "start": gr.Button(t("race.start"), variant="primary", elem_id="race-start", **small),
            }
        shown = panel("race", "race", "lessons/race")
        with gr.Accordion(t("race.advanced"), open=False, elem_id="race-advanced"), gr.Row(elem_classes="settings"):
            inputs |= {
                name: setting_input(Config, name, elem_id=VIEW.elem_id(name), min_width=220) for name in ADVANCED
            }
        gr.Markdown(t("race.next"))

    handlers, saved = LessonHandlers(VIEW, runner), visitor.runs["race"]
    given = [saved, *(inputs[name] for name in VIEW.settings)]
    buttons["start"].click(handlers.on_start, given, [shown, saved], **REFUSING)
    buttons["stop"].click(handlers.on_stop, saved, None, **QUIET)
    for name, handler in {"pause": on_pause, "resume": on_resume}.items():
        buttons[name].click(MethodType(handler, runner), saved, None, **REFUSING)
    connect_form("race", shown, {name: inputs[name] for name in VIEW.settings})
    return RestoredRun(saved, shown, partial(lesson_of, VIEW))


def _in_reach() -> dict[str, Component]:
    """Make the fields above the panel; into that of the lanes one can also write."""
    lanes = [(t(f"race.preset.{name}"), PRESETS[name].config().lanes) for name in OFFERED]
    corpora = [(t(f"choices.corpus.{name}"), name) for name in CORPORA]
    look: dict[str, Any] = {"interactive": True, "min_width": 130}
    return {
        "lanes": gr.Dropdown(
            lanes, value=Config.lanes, label=t("fields.lanes"), allow_custom_value=True, elem_id="race-lanes", scale=6,
            **look,
        ),
        "corpus": gr.Dropdown(
            corpora, value=Config.corpus, label=t("fields.corpus"), elem_id="race-corpus", scale=4, **look
        ),
        "epochs": _number("epochs", 2),
        "target_perplexity": _number("target_perplexity", 3),
    }  # fmt: skip


def _number(name: str, scale: int) -> Component:
    return setting_input(Config, name, info=False, elem_id=VIEW.elem_id(name), scale=scale, min_width=90)
