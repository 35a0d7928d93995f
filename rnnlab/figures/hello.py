"""Draw the lesson hello: the loss by epoch, and one step of the cell as annotated heatmaps."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnlab.figures.bounds import Bounds, Line, Points, as_array, last_x, named
from rnnlab.figures.registry import register
from rnnlab.figures.theme import BASELINE_COLOR, BASELINE_WIDTH, LINE_WIDTH, base_layout, model_color

if TYPE_CHECKING:
    from rnnlab.inspection import StepTrace

# The uids of the traces in their order: the page extends "loss" and moves "here".
TRACES = ("loss", "smallest", "here", "beyond")
MAX_NUMBERS = 30  # characters of a vocabulary whose matrices show numbers; larger ones show colours only

LABELS = {
    "epoch": "epoch",
    "loss": "loss (nats)",
    "smallest": "lowest possible",
    "here": "shown",
    "beyond": "off the scale",
}


@dataclass(frozen=True)
class HelloCurve:
    """The losses of a run, up to its present epoch."""

    losses: Points = ()  # (epoch, loss before its update); the trained network at epochs + 1
    epochs: int = 1  # the end of the axis
    smallest: float | None = None  # a lower bound of the loss; None is not drawn
    here: int | None = None  # the epoch to mark
    ceiling: float = 100.0  # nats; a larger loss is an arrow at the upper edge


def hello_figure(curve: HelloCurve, labels: Mapping[str, str] = LABELS) -> go.Figure:
    """Draw one trace per name in TRACES: the loss, its lower bound, a marker at `here`, and arrows."""
    color, bounds = model_color("rnn"), Bounds(curve.ceiling, middle=curve.epochs / 2)
    losses = as_array(curve.losses)
    here = losses[losses[:, 0] == (math.nan if curve.here is None else curve.here)]
    floor = [] if curve.smallest is None else [(0, curve.smallest), (curve.epochs + 1, curve.smallest)]
    loss = Line("loss", labels["loss"], color, curve.losses)
    traces = [
        bounds.line(curve.losses, mode="lines", line={"color": color, "width": LINE_WIDTH}),
        bounds.line(floor, mode="lines", line={"color": BASELINE_COLOR, "width": BASELINE_WIDTH, "dash": "dot"}),
        bounds.line(here, mode="markers", marker={"color": color, "size": 13, "line": {"width": 2, "color": "white"}}),
        bounds.arrows([loss]),
    ]
    for trace in named(TRACES, traces, labels):
        trace.showlegend = False
    for trace in traces[:2]:
        trace.hovertemplate = "%{y:.4~g}"
    traces[2].update(hoverinfo="skip", cliponaxis=False)  # a loss of 0 lies on the axis
    xaxis = {"title": {"text": labels["epoch"], "standoff": 2}, "range": [0, (curve.epochs + 1) * 1.02]}
    yaxis = {
        "title": {"text": labels["loss"], "standoff": 6},
        "rangemode": "tozero",
        "nticks": 3,
        "maxallowed": 1.05 * curve.ceiling,
    }
    meta = bounds.meta([loss], "beyond")
    return go.Figure(traces, base_layout(xaxis=xaxis, yaxis=yaxis, meta=meta))


# --- one step, for a notebook ---

MAX_STEP_SIZE = 200  # hidden units in the test case of many points
DIVERGING, SEQUENTIAL = "RdBu_r", "Blues"
# The heatmaps of h_t = tanh(W_ih x_t + b_ih + W_hh h_prev + b_hh): one row for each product, then the results.
PANELS = (
    (("x_t", "x_t"), ("weight_ih", "W_ih"), ("from_x", "W_ih x_t"), ("bias_ih", "b_ih"), ("sum", "sum")),
    (("h_prev", "h_prev"), ("weight_hh", "W_hh"), ("from_h", "W_hh h_prev"), ("bias_hh", "b_hh"), ("h_t", "h_t")),
)
STEP_LABELS = {"sum": "sum", "probabilities": "softmax(h_t)"}


def step_figure(trace: StepTrace, vocabulary: str, labels: Mapping[str, str] = STEP_LABELS) -> go.Figure:
    """Draw every number of one step (`inspection.step`) as annotated heatmaps, titled with their shapes.

    All have the same colour scale, centred on 0, except the probabilities; a row belongs to a component of h_t, and so
    to a character of the vocabulary.
    """
    size = len(vocabulary)
    names = {name: labels.get(name, label) for line in PANELS for name, label in line}
    names["probabilities"] = labels["probabilities"]
    order = [*(name for name, _ in PANELS[0]), "probabilities", *(name for name, _ in PANELS[1])]
    figure = make_subplots(
        rows=2,
        cols=6,
        column_widths=[1, max(size, 2), 1, 1, 1, 1],
        horizontal_spacing=0.04,
        vertical_spacing=0.18,
        subplot_titles=[f"{names[name]} {np.shape(getattr(trace, name))}" for name in order],
    )
    values = {name: np.asarray(getattr(trace, name), float) for name in order}
    shown = [np.abs(values[name]) for name in order if name != "probabilities"]
    limit = max(float(part[np.isfinite(part)].max(initial=0.0)) for part in shown)
    for place, name in enumerate(order):
        scale: dict[str, Any] = {"colorscale": SEQUENTIAL, "zmin": 0, "zmax": 1}
        if name != "probabilities":
            scale = {"colorscale": DIVERGING, "zmin": -limit, "zmax": limit}
        figure.add_trace(_heatmap(name, values[name], vocabulary, scale), row=place // 6 + 1, col=place % 6 + 1)
    figure.update_layout(base_layout(hovermode="closest", margin={"t": 48}))
    figure.update_xaxes(showgrid=False, ticks="", tickangle=0)
    figure.update_yaxes(showgrid=False, ticks="", autorange="reversed")
    return figure


def _heatmap(name: str, values: np.ndarray, vocabulary: str, scale: Mapping[str, Any]) -> go.Heatmap:
    """Draw a vector (H,) as a column, or a matrix; characters label the rows, and a matrix's columns."""
    letters = [f"{html.escape(character)} " for character in vocabulary]  # with a space, so that a digit is no number
    matrix = values.ndim == 2
    return go.Heatmap(
        z=values if matrix else values[:, None],
        x=letters if matrix else [" "],
        y=letters,
        texttemplate="%{z:.3~g}" if len(vocabulary) <= MAX_NUMBERS else None,
        hovertemplate="%{z:.6f}<extra></extra>",
        showscale=False,
        name=name,
        xgap=1,
        ygap=1,
        **scale,
    )


def _hello_of_points(points: Points) -> go.Figure:
    """Draw the points as losses, with all other traces."""
    return hello_figure(HelloCurve(points, epochs=last_x(points), smallest=1.7, here=2))


def _step_of_points(points: Points) -> go.Figure:
    """Draw a step with the values of the points in every vector and every row of the matrices."""
    from rnnlab.inspection import StepTrace  # here, because it imports torch, which drawing does not need

    column = as_array(points)[:MAX_STEP_SIZE, 1]
    names = ("x_t", "h_prev", "from_x", "from_h", "sum", "h_t", "probabilities", "bias_ih", "bias_hh")
    matrix = np.tile(column, (len(column), 1))
    trace = StepTrace(**dict.fromkeys(names, column), weight_ih=matrix, weight_hh=matrix, predicted=0)
    return step_figure(trace, "".join(chr(0x4E00 + i) for i in range(len(column))))


register("hello", lambda: hello_figure(HelloCurve()), _hello_of_points)
register("step", lambda: _step_of_points(()), _step_of_points, fits_page=False)
