"""sin → cos: choose what is remembered between windows, press Start, and watch what a memory is worth."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.experiments.event import Event, row
from rnnlab.experiments.sine import MEMORIES, Comparison, Config, Wave, loss_floor, run
from rnnlab.figures import LossCurves, loss_figure, wave_figure
from rnnlab.runs import Row, Runner
from rnnlab.ui.events import QUIET, REFUSING
from rnnlab.ui.forms import connect_form
from rnnlab.ui.lessons import Lesson, View, lesson_of, start_lesson, stop_lesson
from rnnlab.ui.owner import owner_of
from rnnlab.ui.panels import panel
from rnnlab.ui.refusals import refusals_shown
from rnnlab.ui.returning import Returning
from rnnlab.ui.settings import given_values, setting_input
from rnnlab.ui.visitor import Visitor
from rnnlab.ui.words import t

IN_REACH = ("model", "memory", "hidden_size", "points", "windows", "learning_rate")
ADVANCED = ("implementation", "bptt_windows", "phase", "noise", "free_run", "seed")
SETTINGS = IN_REACH + ADVANCED
LEAST_FLOOR = 0.0005  # a lower one is below everything that is learned here (static/sine.js is silent about it, too)
MOST_MARKERS = 40  # samples per window that can be told apart


def figures(config: Config, labels: Mapping[str, str]) -> dict[str, Any]:
    """Empty figures: a lane for each memory, and the loss. The panel fills them window by window."""
    floor = loss_floor(config)
    curves = LossCurves(
        model=config.model,
        memories=config.memories,
        windows=config.windows,
        free_run=config.free_run,
        floor=floor if floor > LEAST_FLOOR else None,
    )
    markers = config.points <= MOST_MARKERS
    lanes = {memory: wave_figure((), config.model, memory, labels, markers=markers) for memory in MEMORIES}
    return {**lanes, "loss": loss_figure(curves, labels).update_layout(showlegend=False)}  # the table is its legend


def record(event: Event) -> Row:
    """An event as the panel is told it: without what it can compute itself, times and targets."""
    told = row(event)
    if isinstance(event, Wave):
        del told["t"], told["target"]
    return told


IDS = {name: f"sine-{name.replace('_', '-')}" for name in SETTINGS}
VIEW = View("sine", Comparison, run, figures, record, IDS)


def on_start(runner: Runner, saved: Any, request: gr.Request, *values: Any) -> tuple[str, str]:
    """Start a run in the background; the panel follows it. A run that this visitor had going here is stopped."""
    with refusals_shown(request):
        config = Comparison(**given_values(Comparison, SETTINGS, values))
        return start_lesson(runner, saved, Lesson(VIEW, config), owner=owner_of(request))


def on_stop(runner: Runner, saved: Any) -> None:
    stop_lesson(runner, saved, VIEW)


def build_tab(app: gr.Blocks, runner: Runner, visitor: Visitor) -> Returning:
    with gr.Tab(t("sine.tab"), id="sine"):
        with gr.Row(elem_classes="toolbar"):
            inputs = {name: _input(name, info=False, scale=1, min_width=90) for name in IN_REACH}
            small = {"scale": 1, "min_width": 90}
            stop = gr.Button(t("sine.stop"), variant="stop", elem_id="sine-stop", elem_classes="while-going", **small)
            start = gr.Button(t("sine.start"), variant="primary", elem_id="sine-start", **small)
        shown = panel("sine", "lessons/sine")
        with gr.Accordion(t("sine.advanced"), open=False, elem_id="sine-advanced"), gr.Row(elem_classes="settings"):
            inputs |= {name: _input(name, min_width=220) for name in ADVANCED}
        gr.Markdown(t("sine.next"))

    saved = visitor.runs[VIEW.name]
    given = [saved, *(inputs[name] for name in SETTINGS)]
    start.click(MethodType(on_start, runner), given, [shown, saved], **REFUSING)
    stop.click(MethodType(on_stop, runner), saved, None, **QUIET)
    connect_form(VIEW.name, shown, {name: inputs[name] for name in SETTINGS})
    return Returning(saved, shown, partial(lesson_of, VIEW))


def _input(name: str, **words: Any) -> gr.components.Component:
    return setting_input(Comparison, name, elem_id=IDS[name], **words)
