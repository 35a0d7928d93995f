"""Layout of the Memory tab: how long the rows are, which networks learn, and where each gives up."""

from __future__ import annotations

from functools import partial
from types import MethodType
from typing import Any

import gradio as gr
from gradio.components import Component

from rnnlab.experiments.adding import ShortConfig
from rnnlab.runs import Runner
from rnnlab.ui.components.event_options import QUIET, REFUSING
from rnnlab.ui.components.form_restore import connect_form
from rnnlab.ui.components.panel import panel
from rnnlab.ui.components.settings_form import setting_input
from rnnlab.ui.i18n import t
from rnnlab.ui.session.restore import RestoredRun
from rnnlab.ui.session.state import Visitor
from rnnlab.ui.tabs.adding.handlers import on_find
from rnnlab.ui.tabs.adding.payload import ADVANCED, VIEW
from rnnlab.ui.tabs.lesson import lesson_of
from rnnlab.ui.tabs.lesson_tab import LessonHandlers


def build_tab(app: gr.Blocks, runner: Runner, visitor: Visitor) -> RestoredRun:
    """Build the Memory tab inside `gr.Tabs`."""
    with gr.Tab(t("adding.tab"), id="adding"):
        with gr.Row(elem_classes="toolbar"):
            inputs = {name: _input(name, info=False, scale=1, min_width=90) for name in VIEW.in_reach}
            small: dict[str, Any] = {"scale": 1, "min_width": 90}
            stop = gr.Button(
                t("lesson.stop"), variant="stop", elem_id="adding-stop", elem_classes="while-going", **small
            )
            find = gr.Button(t("adding.find"), elem_id="adding-find", **small)
            start = gr.Button(t("adding.start"), variant="primary", elem_id="adding-start", **small)
        shown = panel("adding", "adding", "lessons/adding")
        with gr.Accordion(t("adding.advanced"), open=False, elem_id="adding-advanced"), gr.Row(elem_classes="settings"):
            inputs |= {name: _input(name, min_width=220) for name in ADVANCED}
        gr.Markdown(t("adding.next"))

    handlers, saved = LessonHandlers(VIEW, runner), visitor.runs["adding"]
    given = [saved, *(inputs[name] for name in VIEW.settings)]
    start.click(handlers.on_start, given, [shown, saved], **REFUSING)
    find.click(MethodType(on_find, runner), given, [shown, saved], **REFUSING)
    stop.click(handlers.on_stop, saved, None, **QUIET)
    connect_form("adding", shown, {name: inputs[name] for name in VIEW.settings})
    return RestoredRun(saved, shown, partial(lesson_of, VIEW))


def _input(name: str, **look: Any) -> Component:
    return setting_input(ShortConfig, name, elem_id=VIEW.elem_id(name), **look)
