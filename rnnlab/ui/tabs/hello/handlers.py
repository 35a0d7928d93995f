"""Handlers of the RNNCell tab: choose a module, train, stop."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnnlab.experiments.hello import (
    PRESETS,
    Config,
    preset,
)
from rnnlab.runs import Runner
from rnnlab.ui.components.settings_form import given_values
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.ui.session.client_id import client_id_of
from rnnlab.ui.tabs.hello.payload import SETTINGS, VIEW
from rnnlab.ui.tabs.lesson import Lesson, start_lesson, stop_lesson

BY_RECIPE = ("learning_rate", "loss", "epochs")  # what a module's recipe says


def on_module(request: gr.Request, module: str | None, *values: Any) -> list[Any]:
    """Change the settings that a recipe has set for those of this module's; what a visitor has set stays.

    No module: it came back with a run, and so do its settings.
    """
    if module is None:
        return [gr.skip() for _ in BY_RECIPE]
    with refusals_shown(request):
        wanted = preset(module).config()
    own = [[recipe.settings[name] for recipe in PRESETS.values()] for name in BY_RECIPE]
    return [
        getattr(wanted, name) if value in of_recipes else gr.skip()
        for name, value, of_recipes in zip(BY_RECIPE, values, own, strict=True)
    ]


def on_train(runner: Runner, saved: Any, request: gr.Request, *values: Any) -> tuple[str, str]:
    """Train in the background; the panel follows."""
    with refusals_shown(request):
        config = Config(**given_values(Config, SETTINGS, values))
        return start_lesson(runner, saved, Lesson(VIEW, config), owner=client_id_of(request))


def on_stop(runner: Runner, saved: Any) -> None:
    stop_lesson(runner, saved, VIEW)
