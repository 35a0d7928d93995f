"""From sin to cos: what a network hears, should say and says; and how its loss falls, for each memory."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import plotly.graph_objects as go

from rnnlab.figures.bounds import Bounds, Line, log_axis
from rnnlab.figures.theme import BASELINE_COLOR, BASELINE_WIDTH, LINE_WIDTH, MODEL_COLORS, base_layout

# A model has one colour everywhere, so memories differ in dash and symbol.
MEMORIES = ("carried", "reset", "bptt")
DASHES = {"carried": "solid", "reset": "dot", "bptt": "dash"}
SYMBOLS = {"carried": "circle", "reset": "square", "bptt": "diamond"}
TARGET_COLOR = "#B5598E"

# The uids of the traces, by which a live page finds them.
WAVE_TRACES = ("input", "target", "prediction")
LOSS_TRACES = (
    *(f"loss.{name}" for name in MEMORIES), *(f"mean.{name}" for name in MEMORIES), "floor", "shown", "beyond",
)  # fmt: skip

LOSSES = Bounds(ceiling=10.0, log=True)  # saying 0 all the time has a loss of 0.5
LEAST_LOSS = 1e-8

MAX_WAVE = 1e3  # of a sample that is drawn; the picture ends at 1.6

LABELS = {
    "t": "t",
    "input": "input: sin t",
    "target": "target: cos t",
    "prediction": "output",
    "window": "window",
    "loss": "loss (log scale)",
    "carried": "carried, detached",
    "reset": "reset to zero",
    "bptt": "carried, gradient too",
    "floor": "lower bound without memory",
    "alone": "free run",
    "shown": "shown above",
    "beyond": "off the scale",
}


class Wave(Protocol):
    """A window: arrays of shape (T,). The events Window and FreeRun of the experiment are such."""

    t: Sequence[float]
    input: Sequence[float]
    target: Sequence[float]
    prediction: Sequence[float]


def wave_figure(
    waves: Sequence[Wave] = (),
    model: str = "rnn",
    memory: str = "carried",
    labels: Mapping[str, str] = LABELS,
    *,
    markers: bool = True,
) -> go.Figure:
    """Some windows after one another over t in units of π: one trace per name in WAVE_TRACES, in that order.

    There are gaps between windows, for two windows meet at one t and may say different things there. `markers` is for
    samples that are few enough to be told apart.
    """
    x = _with_gaps([[value / math.pi for value in wave.t] for wave in waves])
    color = MODEL_COLORS[model]
    styles = {
        "input": {"mode": "lines", "line": {"color": BASELINE_COLOR, "width": BASELINE_WIDTH}},
        "target": {"mode": "lines", "line": {"color": TARGET_COLOR, "width": LINE_WIDTH, "dash": "dot"}},
        "prediction": {
            "mode": "lines+markers" if markers else "lines",
            "line": {"color": color, "width": LINE_WIDTH},
            "marker": {"size": 7, "symbol": SYMBOLS[memory]},
        },
    }
    return go.Figure(
        [
            go.Scatter(
                x=x,
                y=_with_gaps([getattr(wave, name) for wave in waves]),
                name=labels[name],
                uid=name,
                hovertemplate="%{y:.3f}",
                **style,
            )
            for name, style in styles.items()
        ],
        base_layout(
            margin={"l": 8, "r": 8, "t": 4, "b": 8},
            showlegend=False,
            xaxis={"ticksuffix": "π", "dtick": 1, "fixedrange": True, "hoverformat": ".2f"},
            yaxis={"range": [-1.6, 1.6], "dtick": 1, "fixedrange": True},
        ),
    )


def _with_gaps(parts: Sequence[Sequence[float]]) -> list[float | None]:
    joined: list[float | None] = []
    for part in parts:
        joined += [*([None] if joined else []), *map(_shown, part)]
    return joined


def _shown(value: float | None) -> float | None:
    return float(value) if value is not None and abs(value) <= MAX_WAVE else None


Points = Sequence[tuple[float, float | None]]  # (window, mean squared error); None where it is not finite


@dataclass(frozen=True)
class LossCurves:
    """What a run has shown so far, for each memory that it compares, by its name in MEMORIES."""

    model: str = "rnn"
    memories: Sequence[str] = MEMORIES
    windows: int = 1
    free_run: int = 0
    losses: Mapping[str, Points] = field(default_factory=dict)
    means: Mapping[str, Points] = field(default_factory=dict)  # over the last 20 windows
    errors: Mapping[str, Points] = field(default_factory=dict)  # of the free run
    floor: float | None = None  # what cannot be beaten without memory; None is not drawn
    shown: int | None = None  # the window that is looked at


def loss_figure(curves: LossCurves, labels: Mapping[str, str] = LABELS) -> go.Figure:
    """One trace per name in LOSS_TRACES, in that order, empty ones included.

    Each memory has a thin line, every window's loss, and a thick one, the mean over the last 20 windows, which goes
    on after a gap as the error of the free run. The free run has a grey ground; a thin upright line and hollow markers
    show where one looks.
    """
    color = MODEL_COLORS[curves.model]
    bounds = replace(LOSSES, middle=(curves.windows + curves.free_run) / 2)
    lines = [Line(f"mean.{name}", labels[name], color, _after_one_another(curves, name), arrows=1) for name in MEMORIES]
    traces = [_loss(curves.losses.get(name, ()), color) for name in MEMORIES]
    traces += [_mean(curves, name) for name in MEMORIES]
    floor = () if curves.floor is None else ((0, curves.floor), (curves.windows, curves.floor))
    line = {"color": BASELINE_COLOR, "width": BASELINE_WIDTH, "dash": "dashdot"}
    traces += [
        _scatter(floor, mode="lines", line=line, hovertemplate="%{y:.3~g}", showlegend=bool(floor)),
        _scatter(
            [] if curves.shown is None else _points_at(curves, curves.shown),
            mode="markers",
            marker={"color": color, "size": 13, "symbol": "circle-open", "line": {"width": 3}},
            hoverinfo="skip",
            showlegend=False,
        ),
        bounds.arrows(lines),
    ]
    for name, trace in zip(LOSS_TRACES, traces, strict=True):
        trace.update(uid=name, name=labels[name.removeprefix("loss.").removeprefix("mean.")])
    return go.Figure(
        traces,
        base_layout(
            xaxis={
                "title": {"text": labels["window"], "standoff": 4},
                "range": [0, curves.windows + curves.free_run + 1],
            },
            yaxis={"title": {"text": labels["loss"]}, **log_axis(LEAST_LOSS, 1.2 * bounds.ceiling)},
            meta=bounds.meta(lines, "beyond"),
            margin={"t": 28},
            shapes=_shapes(curves),
            annotations=_annotations(curves, labels),
        ),
    )


def _loss(points: Points, color: str) -> go.Scatter:
    line = {"color": color, "width": 1.5}
    return _scatter(points, mode="lines", line=line, opacity=0.35, hoverinfo="skip", showlegend=False)


def _points_at(curves: LossCurves, window: int) -> Points:
    lines = (*curves.losses.values(), *curves.errors.values())
    return [point for points in lines for point in points if point[0] == window]


def _after_one_another(curves: LossCurves, name: str) -> Points:
    """The means of a memory, then its errors alone."""
    means, errors = curves.means.get(name, ()), curves.errors.get(name, ())
    return [*means, *errors] if len(errors) else means


def _mean(curves: LossCurves, name: str) -> go.Scatter:
    means, errors = curves.means.get(name, ()), curves.errors.get(name, ())
    gap = ((curves.windows + 0.5, None),) if len(errors) else ()
    return _scatter(
        [*means, *gap, *errors] if gap else means,
        mode="lines",
        line={"color": MODEL_COLORS[curves.model], "width": LINE_WIDTH, "dash": DASHES[name]},
        hovertemplate="%{y:.3~g}",
        showlegend=name in curves.memories,
    )


def _scatter(points: Points, **style: Any) -> go.Scatter:
    return LOSSES.line(points, **style)


def _shapes(curves: LossCurves) -> list[dict[str, Any]]:
    """The upright line where one looks, and the ground of the free run."""
    shown = 0 if curves.shown is None else curves.shown
    upright = {"type": "line", "x0": shown, "x1": shown, "line": {"color": BASELINE_COLOR, "width": 1.5}}
    ground = {
        "type": "rect",
        "x0": curves.windows + 0.5,
        "x1": curves.windows + curves.free_run + 0.5,
        "line": {"width": 0},
        "fillcolor": "rgba(128, 128, 128, 0.15)",
        "layer": "below",
        "visible": curves.free_run > 0,
    }
    across = {"yref": "paper", "y0": 0, "y1": 1}
    return [{**upright, **across, "visible": curves.shown is not None}, {**ground, **across}]


def _annotations(curves: LossCurves, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """A word over the free run's ground."""
    x = curves.windows + curves.free_run + 0.5
    words = {"text": labels["alone"], "showarrow": False, "x": x, "xanchor": "right", "yref": "paper", "y": 1}
    return [{**words, "yanchor": "bottom"}] if curves.free_run else []
