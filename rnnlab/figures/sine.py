"""Draw the loss of the lesson sine by window, for each memory (`wave.py` draws the windows)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import plotly.graph_objects as go

from rnnlab.figures.bounds import Bounds, Line, Points, last_x, log_axis, named
from rnnlab.figures.registry import register
from rnnlab.figures.theme import BASELINE_COLOR, BASELINE_WIDTH, LINE_WIDTH, base_layout, model_color

# All memories have the colour of the model, so their lines differ in dash.
MEMORIES = ("carried", "reset", "bptt")
DASHES = {"carried": "solid", "reset": "dot", "bptt": "dash"}

# The uids of the traces in their order, by which the page fills them.
LOSS_TRACES = (
    *(f"loss.{name}" for name in MEMORIES), *(f"mean.{name}" for name in MEMORIES), "floor", "shown", "beyond",
)  # fmt: skip

LOSS_BOUNDS = Bounds(ceiling=10.0, log=True)  # a constant output of 0 has a loss of 0.5
MIN_LOSS = 1e-8  # the lower end of the axis

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


@dataclass(frozen=True)
class LossCurves:
    """The mean squared errors of a run, up to its present window, by memory in MEMORIES."""

    model: str = "rnn"
    memories: Sequence[str] = MEMORIES  # those that the run compares
    windows: int = 1
    free_run: int = 0  # further windows, in which the network reads its own output
    losses: Mapping[str, Points] = field(default_factory=dict)  # (window, mean squared error)
    means: Mapping[str, Points] = field(default_factory=dict)  # over the last 20 windows
    errors: Mapping[str, Points] = field(default_factory=dict)  # of the free run
    floor: float | None = None  # the lower bound of the loss without memory; None is not drawn
    shown: int | None = None  # the window to mark


def loss_figure(curves: LossCurves, labels: Mapping[str, str] = LABELS) -> go.Figure:
    """Draw one trace per name in LOSS_TRACES, in that order, empty ones included.

    Each memory has a thin line, the loss of every window, and a thick one, the mean over the last 20 windows, which
    continues after a gap as the error of the free run. The free run has a grey background; a thin upright line and
    hollow markers are at the window `shown`.
    """
    color = model_color(curves.model)
    bounds = replace(LOSS_BOUNDS, middle=(curves.windows + curves.free_run) / 2)
    lines = [Line(f"mean.{name}", labels[name], color, _joined(curves, name), arrows=1) for name in MEMORIES]
    traces = [
        *(_loss(curves.losses.get(name, ()), color) for name in MEMORIES),
        *(_mean(curves, name) for name in MEMORIES),
        _floor(curves),
        _markers(curves, color),
        bounds.arrows(lines),
    ]
    own_labels = {name: labels[name.removeprefix("loss.").removeprefix("mean.")] for name in LOSS_TRACES}
    end = curves.windows + curves.free_run + 1
    return go.Figure(
        named(LOSS_TRACES, traces, own_labels),
        base_layout(
            xaxis={"title": {"text": labels["window"], "standoff": 4}, "range": [0, end]},
            yaxis={"title": {"text": labels["loss"]}, **log_axis(MIN_LOSS, 1.2 * bounds.ceiling)},
            meta=bounds.meta(lines, "beyond"),
            margin={"t": 28},
            shapes=_shapes(curves),
            annotations=_annotations(curves, labels),
        ),
    )


def _loss(points: Points, color: str) -> go.Scatter:
    """Draw the thin line of a memory: the loss of every window."""
    style = {"color": color, "width": 1.5}
    return LOSS_BOUNDS.line(points, mode="lines", line=style, opacity=0.35, hoverinfo="skip", showlegend=False)


def _floor(curves: LossCurves) -> go.Scatter:
    """Draw the lower bound of the loss without memory."""
    points = () if curves.floor is None else ((0, curves.floor), (curves.windows, curves.floor))
    style = {"color": BASELINE_COLOR, "width": BASELINE_WIDTH, "dash": "dashdot"}
    return LOSS_BOUNDS.line(
        points, mode="lines", line=style, hovertemplate="%{y:.3~g}", showlegend=bool(points)
    )  # fmt: skip


def _markers(curves: LossCurves, color: str) -> go.Scatter:
    """Mark the losses and errors of all memories at the window `shown` by hollow circles."""
    lines = (*curves.losses.values(), *curves.errors.values())
    return LOSS_BOUNDS.line(
        [point for points in lines for point in points if point[0] == curves.shown],
        mode="markers",
        marker={"color": color, "size": 13, "symbol": "circle-open", "line": {"width": 3}},
        hoverinfo="skip",
        showlegend=False,
    )


def _joined(curves: LossCurves, name: str) -> Points:
    """Return the means of a memory, then its errors in the free run."""
    means, errors = curves.means.get(name, ()), curves.errors.get(name, ())
    return [*means, *errors] if len(errors) else means


def _mean(curves: LossCurves, name: str) -> go.Scatter:
    """Draw the thick line of a memory: the means, then after a gap the errors in the free run."""
    means, errors = curves.means.get(name, ()), curves.errors.get(name, ())
    return LOSS_BOUNDS.line(
        [*means, (curves.windows + 0.5, None), *errors] if len(errors) else means,
        mode="lines",
        line={"color": model_color(curves.model), "width": LINE_WIDTH, "dash": DASHES[name]},
        hovertemplate="%{y:.3~g}",
        showlegend=name in curves.memories,
    )


def _shapes(curves: LossCurves) -> list[dict[str, Any]]:
    """Describe the upright line at the window `shown`, and the grey background of the free run."""
    shown = 0 if curves.shown is None else curves.shown
    upright = {"type": "line", "x0": shown, "x1": shown, "line": {"color": BASELINE_COLOR, "width": 1.5}}
    background = {
        "type": "rect",
        "x0": curves.windows + 0.5,
        "x1": curves.windows + curves.free_run + 0.5,
        "line": {"width": 0},
        "fillcolor": "rgba(128, 128, 128, 0.15)",
        "layer": "below",
        "visible": curves.free_run > 0,
    }
    across = {"yref": "paper", "y0": 0, "y1": 1}
    return [{**upright, **across, "visible": curves.shown is not None}, {**background, **across}]


def _annotations(curves: LossCurves, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Describe the label above the background of the free run."""
    x = curves.windows + curves.free_run + 0.5
    label = {"text": labels["alone"], "showarrow": False, "x": x, "xanchor": "right", "yref": "paper", "y": 1}
    return [{**label, "yanchor": "bottom"}] if curves.free_run else []


def _loss_of_points(points: Points) -> go.Figure:
    """Draw the points as the losses, means and errors of every memory."""
    lines = dict.fromkeys(MEMORIES, points)
    return loss_figure(
        LossCurves(windows=last_x(points), losses=lines, means=lines, errors=lines, floor=1e-300, shown=2)
    )


register("loss", lambda: loss_figure(LossCurves()), _loss_of_points)
