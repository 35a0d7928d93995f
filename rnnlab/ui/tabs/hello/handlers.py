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

RECIPE_SETTINGS = ("learning_rate", "loss", "epochs", "output")  # the settings that a module's recipe fixes


def on_module(request: gr.Request, module: str | None, *values: Any) -> list[Any]:
    """Set the settings of the module's recipe, except those that the visitor has changed.

    A module that was restored with a run (None) changes nothing.
    """
    if module is None:
        return [gr.skip() for _ in RECIPE_SETTINGS]
    with refusals_shown(request):
        wanted = preset(module).config()
    of_recipes = [[getattr(recipe.config(), name) for recipe in PRESETS.values()] for name in RECIPE_SETTINGS]
    return [
        getattr(wanted, name) if value in known else gr.skip()
        for name, value, known in zip(RECIPE_SETTINGS, values, of_recipes, strict=True)
    ]


def on_train(runner: Runner, saved: Any, request: gr.Request, *values: Any) -> tuple[str, str]:
    """Start a run in the background, which the panel follows."""
    with refusals_shown(request):
        config = Config(**given_values(Config, SETTINGS, values))
        return start_lesson(runner, saved, Lesson(VIEW, config), owner=client_id_of(request))


def on_stop(runner: Runner, saved: Any) -> None:
    """Stop this visitor's run."""
    stop_lesson(runner, saved, VIEW)
