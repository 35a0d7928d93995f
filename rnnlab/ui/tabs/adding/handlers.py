"""Handlers of the Memory tab beside those that all lessons share: find the length at which each network gives up."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnnlab.experiments.adding import ShortConfig
from rnnlab.runs import Runner
from rnnlab.ui.components.settings_form import given_values
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.ui.session.client_id import client_id_of
from rnnlab.ui.tabs.adding.payload import VIEW
from rnnlab.ui.tabs.lesson import start_lesson


def on_find(runner: Runner, saved: Any, request: gr.Request, *values: Any) -> tuple[str, str]:
    """Train at growing lengths in the background, each network until it gives up; the page's length is not used."""
    with refusals_shown(request):
        config = ShortConfig(**given_values(ShortConfig, VIEW.settings, values), grow=True)
        return start_lesson(runner, saved, VIEW.lesson(config), owner=client_id_of(request))
