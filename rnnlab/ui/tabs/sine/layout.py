"""Layout of the sin → cos tab: choose what state is carried between windows, start, and compare the losses."""

from __future__ import annotations

from functools import partial
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.experiments.sine import ComparisonConfig
from rnnlab.runs import Runner
from rnnlab.ui.components.event_options import QUIET, REFUSING
from rnnlab.ui.components.form_restore import connect_form
from rnnlab.ui.components.panel import panel
from rnnlab.ui.components.settings_form import setting_input
from rnnlab.ui.i18n import t
from rnnlab.ui.session.restore import RestoredRun
from rnnlab.ui.session.state import Visitor
from rnnlab.ui.tabs.lesson import lesson_of
from rnnlab.ui.tabs.sine.handlers import on_start, on_stop
from rnnlab.ui.tabs.sine.payload import ADVANCED, IDS, IN_REACH, SETTINGS, VIEW


def build_tab(app: gr.Blocks, runner: Runner, visitor: Visitor) -> RestoredRun:
    with gr.Tab(t("sine.tab"), id="sine"):
        with gr.Row(elem_classes="toolbar"):
            inputs = {name: _input(name, info=False, scale=1, min_width=90) for name in IN_REACH}
            small = {"scale": 1, "min_width": 90}
            stop = gr.Button(t("sine.stop"), variant="stop", elem_id="sine-stop", elem_classes="while-going", **small)
            start = gr.Button(t("sine.start"), variant="primary", elem_id="sine-start", **small)
        shown = panel("sine", "sine", "lessons/sine")
        with gr.Accordion(t("sine.advanced"), open=False, elem_id="sine-advanced"), gr.Row(elem_classes="settings"):
            inputs |= {name: _input(name, min_width=220) for name in ADVANCED}
        gr.Markdown(t("sine.next"))

    saved = visitor.runs[VIEW.name]
    given = [saved, *(inputs[name] for name in SETTINGS)]
    start.click(MethodType(on_start, runner), given, [shown, saved], **REFUSING)
    stop.click(MethodType(on_stop, runner), saved, None, **QUIET)
    connect_form(VIEW.name, shown, {name: inputs[name] for name in SETTINGS})
    return RestoredRun(saved, shown, partial(lesson_of, VIEW))


def _input(name: str, **words: Any) -> gr.components.Component:
    return setting_input(ComparisonConfig, name, elem_id=IDS[name], **words)
