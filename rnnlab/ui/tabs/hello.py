"""RNNCell: hello → ohlol. Walk through the training and through the cell, with every number on the screen."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MethodType
from typing import Any

import gradio as gr
import numpy as np

from rnnlab.experiments.event import Event, row
from rnnlab.experiments.hello import (
    RECIPES,
    Config,
    Finished,
    Look,
    Started,
    pytorch_line,
    recipe,
    run,
    smallest_loss,
)
from rnnlab.figures import HelloCurve, hello_figure
from rnnlab.inspection import StepTrace, walk
from rnnlab.runs import Row, Runner
from rnnlab.ui.events import QUIET, REFUSING
from rnnlab.ui.forms import chosen_by_hand, connect_form
from rnnlab.ui.lessons import Lesson, View, lesson_of, start_lesson, stop_lesson
from rnnlab.ui.owner import owner_of
from rnnlab.ui.panels import panel
from rnnlab.ui.refusals import refusals_shown
from rnnlab.ui.returning import Returning
from rnnlab.ui.settings import given_values, setting_input
from rnnlab.ui.visitor import Visitor
from rnnlab.ui.words import t

MOST_WALKS = 120  # epochs of a run whose numbers are all told; a longer run's are an even selection
DECIMALS = 8  # of the numbers that the panel is told

# The settings on the page; the first few stay in reach, the rest are under "Advanced".
IN_REACH = ("source", "target", "module", "implementation")
ADVANCED = ("learning_rate", "loss", "epochs", "seed")
SETTINGS = IN_REACH + ADVANCED
BY_RECIPE = ("learning_rate", "loss", "epochs")  # what a module's recipe says

VECTORS = ("x_t", "h_prev", "from_x", "from_h", "sum", "h_t", "probabilities")
WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


# --- what the panel is told ---


@dataclass(frozen=True)
class Opened(Event):
    """The run's constants, and the line of Python for each step."""

    started: Started
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Walked(Event):
    """A look at the network, and the walk of the word through it."""

    look: Look
    steps: tuple[StepTrace, ...]


def watched(config: Config) -> Iterator[Event]:
    """The run, with a walk through the cell at each epoch, or at MOST_WALKS of them and at the end."""
    every = math.ceil(config.epochs / MOST_WALKS)
    for event in run(config):
        if isinstance(event, Started):
            yield Opened(event, tuple(pytorch_line(config, k + 1) for k in range(len(config.source))))
        elif isinstance(event, Finished) or (event.epoch - 1) % every == 0:
            yield Walked(event, walk(event.weights, config.ids(config.source)))
        else:
            yield event


def record(event: Event) -> Row:
    """A row of the log. One without a walk has the point of the curve and the word alone."""
    match event:
        case Opened():
            return {**row(event.started), "lines": event.lines}
        case Walked():
            steps = [_vectors(step) for step in event.steps]
            return {**row(event.look), **_rounded(event.look, WEIGHTS), "steps": steps}
    return {name: value for name, value in row(event).items() if name not in WEIGHTS}


def _vectors(step: StepTrace) -> dict[str, Any]:
    return {**_rounded(step, VECTORS), "predicted": step.predicted}


def _rounded(holder: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: np.round(getattr(holder, name), DECIMALS).tolist() for name in names}


def figures(config: Config, labels: Mapping[str, str]) -> dict[str, Any]:
    """The empty curve; the panel fills it from the rows."""
    return {"curve": hello_figure(HelloCurve(epochs=config.epochs, smallest=smallest_loss(config)), labels)}


VIEW = View("hello", Config, watched, figures, record, {name: f"hello-{name}" for name in SETTINGS})


# --- what the controls do ---


def on_module(request: gr.Request, module: str | None, *values: Any) -> list[Any]:
    """Change the settings that a recipe has set for those of this module's; what a visitor has set stays.

    No module: it came back with a run, and so do its settings.
    """
    if module is None:
        return [gr.skip() for _ in BY_RECIPE]
    with refusals_shown(request):
        wanted = recipe(module)
    own = [[recipe[name] for recipe in RECIPES.values()] for name in BY_RECIPE]
    return [
        getattr(wanted, name) if value in of_recipes else gr.skip()
        for name, value, of_recipes in zip(BY_RECIPE, values, own, strict=True)
    ]


def on_train(runner: Runner, saved: Any, request: gr.Request, *values: Any) -> tuple[str, str]:
    """Train in the background; the panel follows."""
    with refusals_shown(request):
        config = Config(**given_values(Config, SETTINGS, values))
        return start_lesson(runner, saved, Lesson(VIEW, config), owner=owner_of(request))


def on_stop(runner: Runner, saved: Any) -> None:
    stop_lesson(runner, saved, VIEW)


def build_tab(app: gr.Blocks, runner: Runner, visitor: Visitor) -> Returning:
    with gr.Tab(t("hello.tab"), id="hello"):
        with gr.Row(elem_classes="toolbar"):
            parts = {name: _input(name, info=False, scale=1, min_width=110) for name in IN_REACH}
            stop = gr.Button(
                t("hello.stop"), variant="stop", elem_id="hello-stop", elem_classes="while-going", scale=1, min_width=90
            )
            start = gr.Button(t("hello.train"), variant="primary", elem_id="hello-start", scale=2, min_width=120)
        shown = panel("hello", "lessons/hello")
        with gr.Accordion(t("hello.advanced"), open=False), gr.Row(elem_classes="settings"):
            parts |= {name: _input(name, min_width=220) for name in ADVANCED}
        gr.Markdown(t("hello.next"))

    settings = [parts[name] for name in SETTINGS]
    by_recipe = [parts[name] for name in BY_RECIPE]
    by_hand = chosen_by_hand(VIEW.name, VIEW.fields["module"])
    parts["module"].change(on_module, [parts["module"], *by_recipe], by_recipe, js=by_hand, **REFUSING)
    pressed = [start.click, parts["source"].submit, parts["target"].submit]
    saved = visitor.runs[VIEW.name]
    gr.on(pressed, MethodType(on_train, runner), [saved, *settings], [shown, saved], **REFUSING)
    stop.click(MethodType(on_stop, runner), saved, None, **QUIET)
    connect_form(VIEW.name, shown, {name: parts[name] for name in SETTINGS})
    return Returning(saved, shown, partial(lesson_of, VIEW))


def _input(name: str, **words: Any) -> gr.components.Component:
    return setting_input(Config, name, elem_id=VIEW.fields[name], **words)
