"""Handlers of the sin → cos tab: start, stop."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnnlab.experiments.sine import ComparisonConfig
from rnnlab.runs import Runner
from rnnlab.ui.components.settings_form import given_values
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.ui.session.client_id import client_id_of
from rnnlab.ui.tabs.lesson import Lesson, start_lesson, stop_lesson
from rnnlab.ui.tabs.sine.payload import SETTINGS, VIEW


def on_start(runner: Runner, saved: Any, request: gr.Request, *values: Any) -> tuple[str, str]:
    """Start a run in the background; the panel follows it. A run that this visitor had going here is stopped."""
    with refusals_shown(request):
        config = ComparisonConfig(**given_values(ComparisonConfig, SETTINGS, values))
        return start_lesson(runner, saved, Lesson(VIEW, config), owner=client_id_of(request))


def on_stop(runner: Runner, saved: Any) -> None:
    stop_lesson(runner, saved, VIEW)
