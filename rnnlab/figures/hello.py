"""The lesson hello: the loss, epoch by epoch, and one step of the cell as annotated heatmaps."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnlab.figures.bounds import Bounds, Line
from rnnlab.figures.theme import BASELINE_COLOR, BASELINE_WIDTH, LINE_WIDTH, MODEL_COLORS, base_layout

if TYPE_CHECKING:
    from rnnlab.inspection import StepTrace

# The uids of the traces: a live page fills the first and moves "here".
TRACES = ("loss", "smallest", "here", "beyond")
MAX_NUMBERS = 30  # characters of a vocabulary whose matrices show numbers; larger ones are colours

LABELS = {
    "epoch": "epoch",
    "loss": "loss (nats)",
    "smallest": "lowest possible",
    "here": "shown",
    "beyond": "off the scale",
}


@dataclass(frozen=True)
class HelloCurve:
    """What a run has shown so far. `epochs` is how far the axis reaches."""

    losses: Sequence[tuple[int, float]] = ()  # (epoch, loss before its update); the trained network at epochs + 1
    epochs: int = 1
    smallest: float | None = None  # no training can undercut it; None is not drawn
    here: int | None = None  # the epoch to mark
    ceiling: float = 100.0  # nats; a larger loss is an arrow at the upper edge


def hello_figure(curve: HelloCurve, labels: Mapping[str, str] = LABELS) -> go.Figure:
    """One trace per name in TRACES, in that order: the loss, the floor under it, a marker at the epoch `here`."""
    color, bounds = MODEL_COLORS["rnn"], Bounds(curve.ceiling, middle=curve.epochs / 2)
    marked = curve.losses if curve.here is not None else ()
    here = [(epoch, loss) for epoch, loss in marked if epoch == curve.here]
    floor = [] if curve.smallest is None else [(0, curve.smallest), (curve.epochs + 1, curve.smallest)]
    loss = Line("loss", labels["loss"], color, curve.losses)
    traces = [
        bounds.line(curve.losses, mode="lines", line={"color": color, "width": LINE_WIDTH}),
        bounds.line(floor, mode="lines", line={"color": BASELINE_COLOR, "width": BASELINE_WIDTH, "dash": "dot"}),
        bounds.line(here, mode="markers", marker={"color": color, "size": 13, "line": {"width": 2, "color": "white"}}),
        bounds.arrows([loss]),
    ]
    for name, trace in zip(TRACES, traces, strict=True):
        trace.update(name=labels[name], uid=name, showlegend=False)
    for trace in traces[:2]:
        trace.hovertemplate = "%{y:.4~g}"
    traces[2].hoverinfo = "skip"
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

DIVERGING, SEQUENTIAL = "RdBu_r", "Blues"
# Where each number of h_t = tanh(W_ih x_t + b_ih + W_hh h_prev + b_hh) stands: the sum's two lines, then what it gives.
PANELS = (
    (("x_t", "x_t"), ("weight_ih", "W_ih"), ("from_x", "W_ih x_t"), ("bias_ih", "b_ih"), ("sum", "sum")),
    (("h_prev", "h_prev"), ("weight_hh", "W_hh"), ("from_h", "W_hh h_prev"), ("bias_hh", "b_hh"), ("h_t", "h_t")),
)
STEP_LABELS = {"sum": "sum", "probabilities": "softmax(h_t)"}


def step_figure(trace: StepTrace, vocabulary: str, labels: Mapping[str, str] = STEP_LABELS) -> go.Figure:
    """Every number of one step (`inspection.step`) as annotated heatmaps, each named with its shape.

    One colour scale, centred on 0, serves all but the probabilities; a row belongs to a component of h_t, and so to
    a character of the vocabulary.
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
        scale = {"colorscale": SEQUENTIAL, "zmin": 0, "zmax": 1}
        if name != "probabilities":
            scale = {"colorscale": DIVERGING, "zmin": -limit, "zmax": limit}
        figure.add_trace(_heatmap(name, values[name], vocabulary, scale), row=place // 6 + 1, col=place % 6 + 1)
    figure.update_layout(base_layout(hovermode="closest", margin={"t": 48}))
    figure.update_xaxes(showgrid=False, ticks="", tickangle=0)
    figure.update_yaxes(showgrid=False, ticks="", autorange="reversed")
    return figure


def _heatmap(name: str, values: np.ndarray, vocabulary: str, scale: Mapping[str, object]) -> go.Heatmap:
    """A vector (H,) as a column, a matrix as it is; characters name the rows, and the columns of a matrix."""
    letters = [f"{html.escape(character)} " for character in vocabulary]  # the space: a digit must stay a category
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
