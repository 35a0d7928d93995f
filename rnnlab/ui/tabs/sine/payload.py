"""Payload of the sin → cos tab: its figures, and each event as a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnlab.experiments.event import Event, row
from rnnlab.experiments.sine import MEMORIES, ComparisonConfig, Config, Wave, loss_floor, run
from rnnlab.figures import LossCurves, loss_figure, wave_figure
from rnnlab.runs import Row
from rnnlab.ui.tabs.lesson import View

IN_REACH = ("model", "memory", "hidden_size", "points", "windows", "learning_rate")
ADVANCED = ("implementation", "bptt_windows", "phase", "noise", "free_run", "seed")
SETTINGS = IN_REACH + ADVANCED
LEAST_FLOOR = (
    0.0005  # a lower one is below everything that is learned here (tabs/sine/panel.js is silent about it, too)
)
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
VIEW = View("sine", ComparisonConfig, run, figures, record, IDS)
