"""Tagging: how loss and accuracy move while a tagger learns, and which tags it mixes up."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnnlab.figures.bounds import Bounds, Line, short_number
from rnnlab.figures.theme import BASELINE_COLOR, BASELINE_WIDTH, LINE_WIDTH, MODEL_COLORS, base_layout

COLORS = MODEL_COLORS | {"none": "#9463A8"}  # the tagger without recurrence; readable in light and in dark

SHARES = ((0, "rgba(0, 114, 178, 0.06)"), (1, "rgba(0, 114, 178, 0.55)"))  # pale, so that text stands on all of it

FEW = 50  # epochs; the points of so few show, so that the first does not wait for the second

# The orders of the traces are promises: a live page extends them by number.
LOSS_TRACES = ("loss", "beside", "beyond")
ACCURACY_TRACES = ("training", "held_out", "unknown", "baseline")

LOSSES = Bounds(ceiling=20.0)  # nats per word; a uniform guess among 17 tags has a loss of 2.8
SHARES_OF_ALL = Bounds(ceiling=1.0)
MAX_COUNTED = 40  # tags whose table shows numbers; a larger one is colours

LABELS = {
    "epoch": "epoch",
    "nats": "loss (nats per word)",
    "loss": "this tagger",
    "beside": "without recurrence",
    "accuracy": "accuracy",
    "training": "training",
    "held_out": "held out",
    "unknown": "unknown words",
    "baseline": "most frequent tag",
    "gold": "right tag",
    "predicted": "the tagger's",
    "words": "words",
    "beyond": "off the scale",
}

Points = Sequence[tuple[int, float | None]]  # (epoch, value)


@dataclass(frozen=True)
class TaggingCurves:
    """What a run has shown so far. None is not drawn; `epochs` is how far the axis reaches."""

    model: str = "lstm"
    epochs: int = 1
    loss: Points = ()
    beside: Points | None = None  # the loss of the same tagger without recurrence
    training: Points = ()  # accuracies, from 0 to 1
    held_out: Points | None = None
    unknown: Points | None = None
    baseline: float | None = None


def tagging_loss_figure(curves: TaggingCurves, labels: Mapping[str, str] = LABELS) -> go.Figure:
    """One trace per name in LOSS_TRACES, in that order, empty ones included."""
    styles = {
        "loss": {"color": COLORS[curves.model], "width": LINE_WIDTH},
        "beside": {"color": COLORS["none"], "width": LINE_WIDTH, "dash": "dash"},
    }
    points = {"loss": curves.loss, "beside": curves.beside}
    traces = _lines(curves, points, styles, labels, "%{y:.3f}", LOSSES)
    traces[0].showlegend = curves.beside is not None  # one line needs no legend
    bounds = replace(LOSSES, middle=curves.epochs / 2)
    lines = [Line(name, labels[name], styles[name]["color"], points[name], arrows=1) for name in points]
    traces.append(bounds.arrows(lines).update(name=labels["beyond"], uid="beyond"))
    yaxis = {"title": {"text": labels["nats"]}, "rangemode": "tozero", "maxallowed": 1.05 * bounds.ceiling}
    meta = bounds.meta(lines, "beyond")
    return go.Figure(traces, base_layout(xaxis=_epochs(curves, labels), yaxis=yaxis, meta=meta))


def tagging_accuracy_figure(curves: TaggingCurves, labels: Mapping[str, str] = LABELS) -> go.Figure:
    """One trace per name in ACCURACY_TRACES, in that order, empty ones included; the baseline is thin and grey."""
    color = COLORS[curves.model]
    styles = {
        "training": {"color": color, "width": LINE_WIDTH},
        "held_out": {"color": color, "width": LINE_WIDTH, "dash": "dash"},
        "unknown": {"color": color, "width": LINE_WIDTH, "dash": "dot"},
        "baseline": {"color": BASELINE_COLOR, "width": BASELINE_WIDTH},
    }
    ends = None if curves.baseline is None else [(0, curves.baseline), (curves.epochs + 1, curves.baseline)]
    points = {"training": curves.training, "held_out": curves.held_out, "unknown": curves.unknown, "baseline": ends}
    traces = _lines(curves, points, styles, labels, "%{y:.1%}", SHARES_OF_ALL)
    yaxis = {"title": {"text": labels["accuracy"]}, "range": [0, 1.02], "tickformat": ".0%"}
    inside = {"orientation": "v", "x": 1, "xanchor": "right", "y": 0, "yanchor": "bottom"}  # where no tagger stays long
    return go.Figure(traces, base_layout(xaxis=_epochs(curves, labels), yaxis=yaxis, legend=inside))


def _lines(
    curves: TaggingCurves,
    points: Mapping[str, Points | None],
    styles: Mapping[str, Any],
    labels: Mapping[str, str],
    hover: str,
    bounds: Bounds,
) -> list[go.Scatter]:
    traces = []
    for name, line in styles.items():
        mode = "lines+markers" if curves.epochs <= FEW and name != "baseline" else "lines"
        about = {"uid": name, "name": labels[name], "hovertemplate": hover}
        trace = bounds.line(points[name], mode=mode, line=line, **about)
        traces.append(trace.update(showlegend=points[name] is not None))
    return traces


def _epochs(curves: TaggingCurves, labels: Mapping[str, str]) -> dict[str, Any]:
    return {"title": {"text": labels["epoch"]}, "range": [0, curves.epochs + 1]}


# --- which tags are mixed up ---


def confusion_figure(tags: Sequence[str], confusion: Any, labels: Mapping[str, str] = LABELS) -> go.Figure:
    """How often each right tag (row) was given each tag (column). A cell's colour is its share of the row."""
    hover = f"{labels['gold']} %{{y}}<br>{labels['predicted']} %{{x}}<br>%{{text}} {labels['words']}, %{{z:.0%}}"
    cells = go.Heatmap(
        **confusion_cells(tags, confusion), colorscale=SHARES, zmin=0, zmax=1, xgap=1, ygap=1,
        hovertemplate=f"{hover}<extra></extra>", hoverongaps=False, showscale=False,
    )  # fmt: skip
    axis = {"showgrid": False, "ticks": "", "tickangle": 0, "type": "category"}
    return go.Figure(
        cells,
        base_layout(
            hovermode="closest",
            xaxis=axis | {"title": {"text": labels["predicted"], "standoff": 10}, "tickangle": -60},
            yaxis=axis | {"title": {"text": labels["gold"], "standoff": 10}, "autorange": "reversed"},
        ),
    )


def confusion_cells(tags: Sequence[str], confusion: Any) -> dict[str, Any]:
    """The heatmap's data: the shares (0 … 1) for the colours, the counts as text. What never happened stays empty.

    >>> confusion_cells(["N", "V"], [[3, 1], [0, 0]])["z"]
    [[0.75, 0.25], [None, None]]
    """
    counts = np.asarray(confusion, dtype=int).reshape(len(tags), len(tags))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names = [html.escape(tag) for tag in tags]
    few = len(tags) <= MAX_COUNTED
    return {
        "texttemplate": "%{text}" if few else "",
        "x": names,
        "y": names,
        "z": [[share or None for share in row] for row in shares.tolist()],
        "text": [[_counted(count) for count in row] for row in counts.tolist()],
    }


def _counted(count: int) -> str:
    """A number as a cell has room for it; nothing for 0."""
    return "" if count == 0 else str(count) if count < 1_000_000 else short_number(count)
