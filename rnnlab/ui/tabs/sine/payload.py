"""Payload of the sin → cos tab: its figures, and each event as a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnlab.experiments.event import Event, row
from rnnlab.experiments.registry import lesson_called
from rnnlab.experiments.sine import MEMORIES, ComparisonConfig, Config, Wave, loss_floor, run_with_phase_planes
from rnnlab.figures import LossCurves, loss_figure, wave_figure
from rnnlab.runs import Row
from rnnlab.ui.tabs.lesson import view_of

MIN_FLOOR = 0.0005  # a lower one is below every loss that is reached here (tabs/sine/panel.js does not show it, either)
MAX_MARKERS = 40  # samples per window that the eye can tell apart


def figures(config: Config, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return empty figures, one per memory and one of the loss; the panel fills them window by window."""
    floor = loss_floor(config)
    curves = LossCurves(
        model=config.model,
        memories=config.memories,
        windows=config.windows,
        free_run=config.free_run,
        floor=floor if floor > MIN_FLOOR else None,
    )
    markers = config.points <= MAX_MARKERS
    lanes = {memory: wave_figure((), config.model, memory, labels, markers=markers) for memory in MEMORIES}
    return {**lanes, "loss": loss_figure(curves, labels).update_layout(showlegend=False)}  # the table is its legend


def record(event: Event) -> Row:
    """Return an event's row, without the times and the targets, which the panel computes itself."""
    shown = row(event)
    if isinstance(event, Wave):
        del shown["t"], shown["target"]
    return shown


VIEW = view_of(
    lesson_called("sine"),
    figures,
    config=ComparisonConfig,
    run=run_with_phase_planes,
    record=record,
    in_reach=("model", "memory", "hidden_size", "points", "windows", "learning_rate"),
    advanced=("implementation", "bptt_windows", "phase", "noise", "free_run", "seed"),
)
