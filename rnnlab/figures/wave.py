"""Draw windows of the lesson sine: input, target and output of the network over time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Protocol

import plotly.graph_objects as go

from rnnlab.figures.bounds import Points, as_array, named
from rnnlab.figures.registry import register
from rnnlab.figures.sine import LABELS
from rnnlab.figures.theme import BASELINE_COLOR, BASELINE_WIDTH, LINE_WIDTH, base_layout, model_color

TRACES = ("input", "target", "prediction")  # the uids of the traces in their order, by which the page fills them
SYMBOLS = {"carried": "circle", "reset": "square", "bptt": "diamond"}  # of the output, by memory
TARGET_COLOR = "#B5598E"
MAX_WAVE = 1e3  # absolute value of a sample that is drawn; the axis ends at 1.6
MAX_TESTED_SAMPLES = 1000  # in the test case of many points; the experiment's settings limit a window


class Wave(Protocol):
    """A window: arrays of shape (T,), as in the experiment's events Window and FreeRun."""

    @property
    def t(self) -> Sequence[float]: ...
    @property
    def input(self) -> Sequence[float]: ...
    @property
    def target(self) -> Sequence[float]: ...
    @property
    def prediction(self) -> Sequence[float | None]: ...


def wave_figure(
    waves: Sequence[Wave] = (),
    model: str = "rnn",
    memory: str = "carried",
    labels: Mapping[str, str] = LABELS,
    *,
    markers: bool = True,
) -> go.Figure:
    """Draw successive windows over t in units of π: one trace per name in TRACES, in that order.

    markers: whether the output has a marker at each sample.

    There are gaps between windows, because the last t of a window is the first t of the next one, with another output.
    """
    x = _with_gaps([[value / math.pi for value in wave.t] for wave in waves])
    color = model_color(model)
    styles: dict[str, dict[str, Any]] = {
        "input": {"mode": "lines", "line": {"color": BASELINE_COLOR, "width": BASELINE_WIDTH}},
        "target": {"mode": "lines", "line": {"color": TARGET_COLOR, "width": LINE_WIDTH, "dash": "dot"}},
        "prediction": {
            "mode": "lines+markers" if markers else "lines",
            "line": {"color": color, "width": LINE_WIDTH},
            "marker": {"size": 7, "symbol": SYMBOLS[memory]},
        },
    }
    traces = [
        go.Scatter(x=x, y=_with_gaps([getattr(wave, name) for wave in waves]), hovertemplate="%{y:.3f}", **style)
        for name, style in styles.items()
    ]
    return go.Figure(
        named(TRACES, traces, labels),
        base_layout(
            margin={"l": 8, "r": 8, "t": 4, "b": 8},
            showlegend=False,
            xaxis={"ticksuffix": "π", "dtick": 1, "fixedrange": True, "hoverformat": ".2f"},
            yaxis={"range": [-1.6, 1.6], "dtick": 1, "fixedrange": True},
        ),
    )


def _with_gaps(parts: Sequence[Sequence[float | None]]) -> list[float | None]:
    """Join the windows with a gap between them."""
    joined: list[float | None] = []
    for part in parts:
        joined += [*([None] if joined else []), *map(_drawable, part)]
    return joined


def _drawable(value: float | None) -> float | None:
    """Return `value`, or None if it is missing, not finite or far off the axis."""
    return float(value) if value is not None and abs(value) <= MAX_WAVE else None


def _wave_of_points(points: Points) -> go.Figure:
    """Draw two equal windows with the points as their outputs."""
    array = as_array(points)[:MAX_TESTED_SAMPLES]
    t, y = array[:, 0].tolist(), array[:, 1].tolist()
    wave = SimpleNamespace(t=t, input=[math.sin(value) for value in t], target=y, prediction=y)
    return wave_figure([wave, wave])


register("wave", wave_figure, _wave_of_points)
