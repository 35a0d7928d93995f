"""The tab of a lesson that has none of its own: settings, start, stop and panel, all from its View."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr
from gradio.components import Component
from gradio.i18n import I18nData

from rnnlab.runs import Runner
from rnnlab.ui.components.event_options import QUIET, REFUSING
from rnnlab.ui.components.form_restore import connect_form
from rnnlab.ui.components.panel import TABS, panel
from rnnlab.ui.components.settings_form import given_values, setting_input
from rnnlab.ui.i18n import t, words
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.ui.i18n.languages import FALLBACK
from rnnlab.ui.session.client_id import client_id_of
from rnnlab.ui.session.restore import RestoredRun
from rnnlab.ui.session.state import Visitor
from rnnlab.ui.tabs.lesson import View, lesson_of, start_lesson, stop_lesson


@dataclass(frozen=True)
class LessonHandlers:
    """The handlers of a lesson's two buttons."""

    view: View
    runner: Runner

    def on_start(self, saved: Any, request: gr.Request, *values: Any) -> tuple[str, str]:
        """Start a run in the background, which the panel follows; an earlier run of this visitor is stopped."""
        with refusals_shown(request):
            config = self.view.config(**given_values(self.view.config, self.view.settings, values))
            return start_lesson(self.runner, saved, self.view.lesson(config), owner=client_id_of(request))

    def on_stop(self, saved: Any) -> None:
        """Stop this visitor's run."""
        stop_lesson(self.runner, saved, self.view)


def build_lesson_tab(view: View, app: gr.Blocks, runner: Runner, visitor: Visitor) -> RestoredRun:
    """Build the tab of `view` inside `gr.Tabs`; its texts are the section with the lesson's name."""
    name = view.name
    with gr.Tab(lesson_text(view, "tab"), id=name):
        with gr.Row(elem_classes="toolbar"):
            inputs = {setting: _input(view, setting, info=False, scale=1, min_width=90) for setting in view.in_reach}
            stop = gr.Button(
                lesson_text(view, "stop"), variant="stop", elem_id=f"{name}-stop", elem_classes="while-going", scale=1,
                min_width=90,
            )  # fmt: skip
            start = gr.Button(
                lesson_text(view, "start"), variant="primary", elem_id=f"{name}-start", scale=1, min_width=90
            )
        own_panel = (TABS / name / "panel.html").exists()
        shown = panel(name, name if own_panel else "", f"lessons/{name}", "panel" if own_panel else "lesson_panel")
        if view.advanced:
            with (
                gr.Accordion(lesson_text(view, "advanced"), open=False, elem_id=f"{name}-advanced"),
                gr.Row(elem_classes="settings"),
            ):
                inputs |= {setting: _input(view, setting, min_width=220) for setting in view.advanced}
        if f"{name}.next" in words(FALLBACK):
            gr.Markdown(t(f"{name}.next"))

    handlers, saved = LessonHandlers(view, runner), visitor.runs[name]
    given = [saved, *(inputs[setting] for setting in view.settings)]
    start.click(handlers.on_start, given, [shown, saved], **REFUSING)
    stop.click(handlers.on_stop, saved, None, **QUIET)
    connect_form(name, shown, {setting: inputs[setting] for setting in view.settings})
    return RestoredRun(saved, shown, partial(lesson_of, view))


def lesson_text(view: View, name: str) -> I18nData:
    """Return a lesson's own text, else the text that all lessons share."""
    own = f"{view.name}.{name}"
    return t(own if own in words(FALLBACK) else f"lesson.{name}")


def _input(view: View, setting: str, **look: Any) -> Component:
    return setting_input(view.config, setting, elem_id=view.elem_id(setting), **look)
