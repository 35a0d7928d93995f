"""Payload of the sin → cos tab: its figures, and each event as a row."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnnlab.experiments.event import Event, row
from rnnlab.experiments.registry import lesson_called
from rnnlab.experiments.sine import MEMORIES, ComparisonConfig, Config, Wave, loss_floor, run_with_phase_planes
from rnnlab.figures import (
    EigenvalueClouds,
    LossCurves,
    PhaseWays,
    eigenvalues_figure,
    loss_figure,
    phase_figure,
    wave_figure,
)
from rnnlab.runs import Row
from rnnlab.ui.i18n import section
from rnnlab.ui.i18n.languages import Language
from rnnlab.ui.tabs.lesson import View
from rnnlab.validation import Config as AnyConfig

MIN_FLOOR = 0.0005  # a lower one is below every loss that is reached here (tabs/sine/panel.js does not show it, either)
MAX_MARKERS = 40  # samples per window that the eye can tell apart


def figures(config: Config, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return empty figures: one per memory, the loss, and two of the phase plane. The panel fills them by window."""
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
    return {
        **lanes,
        "loss": loss_figure(curves, labels).update_layout(showlegend=False),  # the table is its legend
        "phase": phase_figure(PhaseWays(config.model, markers=markers), labels),
        "eigenvalues": eigenvalues_figure(EigenvalueClouds(config.model, step=math.pi / (config.points - 1)), labels),
    }


def record(event: Event) -> Row:
    """Return an event's row, without the times and the targets, which the panel computes itself."""
    shown = row(event)
    if isinstance(event, Wave):
        del shown["t"], shown["target"]
    return shown


@dataclass(frozen=True)
class SineView(View):
    """The lesson on the page, which has the words of the phase plane beside its own, their keys after "phase."."""

    def texts(self, config: AnyConfig, language: Language) -> Mapping[str, str]:
        """Return the words of the phase plane; labels of its figures keep their keys."""
        words = section("phase", language)
        return {key if key.startswith("figure.") else f"phase.{key}": text for key, text in words.items()}


SPEC = lesson_called("sine")
VIEW = SineView(
    SPEC.name,
    ComparisonConfig,
    run_with_phase_planes,
    figures,
    record=record,
    in_reach=("model", "memory", "hidden_size", "points", "windows", "learning_rate"),
    advanced=("implementation", "bptt_windows", "phase", "noise", "free_run", "seed"),
    summary=SPEC.summary,
)
