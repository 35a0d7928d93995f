"""Layout of the RNNCell tab: hello → ohlol, step by step, with every number of the cell."""

from __future__ import annotations

from functools import partial
from types import MethodType
from typing import Any

import gradio as gr
from gradio.components import Component

from rnnlab.experiments.hello import Config
from rnnlab.runs import Runner
from rnnlab.ui.components.event_options import QUIET, REFUSING, changes_of
from rnnlab.ui.components.form_restore import chosen_by_hand, connect_form
from rnnlab.ui.components.panel import panel
from rnnlab.ui.components.settings_form import setting_input, submits_of
from rnnlab.ui.i18n import t
from rnnlab.ui.session.restore import RestoredRun
from rnnlab.ui.session.state import Visitor
from rnnlab.ui.tabs.hello.handlers import RECIPE_SETTINGS, on_module, on_stop, on_train
from rnnlab.ui.tabs.hello.payload import ADVANCED, IN_REACH, SETTINGS, VIEW
from rnnlab.ui.tabs.lesson import lesson_of


def build_tab(app: gr.Blocks, runner: Runner, visitor: Visitor) -> RestoredRun:
    """Build the RNNCell tab inside `gr.Tabs`."""
    with gr.Tab(t("hello.tab"), id="hello"):
        with gr.Row(elem_classes="toolbar"):
            parts = {name: _input(name, info=False, scale=1, min_width=110) for name in IN_REACH}
            stop = gr.Button(
                t("hello.stop"), variant="stop", elem_id="hello-stop", elem_classes="while-going", scale=1, min_width=90
            )
            start = gr.Button(t("hello.train"), variant="primary", elem_id="hello-start", scale=2, min_width=120)
        shown = panel("hello", "hello", "lessons/hello")
        with gr.Accordion(t("hello.advanced"), open=False, elem_id="hello-advanced"), gr.Row(elem_classes="settings"):
            parts |= {name: _input(name, min_width=220) for name in ADVANCED}
        gr.Markdown(t("hello.next"))

    settings = [parts[name] for name in SETTINGS]
    by_recipe = [parts[name] for name in RECIPE_SETTINGS]
    by_hand = chosen_by_hand(VIEW.name, VIEW.fields["module"])
    changed = changes_of([parts["module"]])
    gr.on(changed, on_module, [parts["module"], *by_recipe], by_recipe, js=by_hand, **REFUSING)
    pressed = [start.click, *submits_of([parts["source"], parts["target"]])]
    saved = visitor.runs[VIEW.name]
    gr.on(pressed, MethodType(on_train, runner), [saved, *settings], [shown, saved], **REFUSING)
    stop.click(MethodType(on_stop, runner), saved, None, **QUIET)
    connect_form(VIEW.name, shown, {name: parts[name] for name in SETTINGS})
    return RestoredRun(saved, shown, partial(lesson_of, VIEW))


def _input(name: str, **look: Any) -> Component:
    return setting_input(Config, name, elem_id=VIEW.fields[name], **look)
