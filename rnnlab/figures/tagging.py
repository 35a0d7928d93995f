"""Draw the training of a tagger: loss and accuracy by epoch, and the confusion matrix."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnnlab.figures.bounds import Bounds, Line, Points, last_x, named, short_number
from rnnlab.figures.registry import register
from rnnlab.figures.theme import BASELINE_COLOR, BASELINE_WIDTH, LINE_WIDTH, base_layout, model_color

SHARE_SCALE = ((0, "rgba(0, 114, 178, 0.06)"), (1, "rgba(0, 114, 178, 0.55)"))  # pale, so that text is legible on it

MAX_EPOCHS_WITH_MARKERS = 50  # so that the first epoch of a short training is visible before the second

# The uids of the traces in their order, by which the page extends them.
LOSS_TRACES = ("loss", "beside", "beyond")
ACCURACY_TRACES = ("training", "held_out", "unknown", "baseline")

LOSS_BOUNDS = Bounds(ceiling=20.0)  # nats per word; a uniform guess among 17 tags has a loss of 2.8
ACCURACY_BOUNDS = Bounds(ceiling=1.0)
MAX_NUMBERED_TAGS = 40  # a larger confusion matrix shows colours only
MAX_TESTED_TAGS = 100  # in the test case of many points

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


@dataclass(frozen=True)
class TaggingCurves:
    """The losses and accuracies of a training, up to its present epoch; None is not drawn."""

    model: str = "lstm"
    epochs: int = 1  # the end of the axis
    loss: Points = ()
    beside: Points | None = None  # the loss of the same tagger without recurrence
    training: Points = ()  # accuracies, from 0 to 1
    held_out: Points | None = None
    unknown: Points | None = None
    baseline: float | None = None


def tagging_loss_figure(curves: TaggingCurves, labels: Mapping[str, str] = LABELS) -> go.Figure:
    """Draw one trace per name in LOSS_TRACES, in that order, empty ones included."""
    color, alone = model_color(curves.model), model_color("none")
    styles: dict[str, dict[str, Any]] = {
        "loss": {"color": color, "width": LINE_WIDTH},
        "beside": {"color": alone, "width": LINE_WIDTH, "dash": "dash"},
    }
    traces = _lines(curves, {"loss": curves.loss, "beside": curves.beside}, styles, "%{y:.3f}", LOSS_BOUNDS)
    traces[0].showlegend = curves.beside is not None  # a single line needs no legend
    bounds = replace(LOSS_BOUNDS, middle=curves.epochs / 2)
    lines = [
        Line("loss", labels["loss"], color, curves.loss, arrows=1),
        Line("beside", labels["beside"], alone, curves.beside, arrows=1),
    ]
    traces = named(LOSS_TRACES, [*traces, bounds.arrows(lines)], labels)
    yaxis = {"title": {"text": labels["nats"]}, "rangemode": "tozero", "maxallowed": 1.05 * bounds.ceiling}
    meta = bounds.meta(lines, "beyond")
    return go.Figure(traces, base_layout(xaxis=_epochs(curves, labels), yaxis=yaxis, meta=meta))


def tagging_accuracy_figure(curves: TaggingCurves, labels: Mapping[str, str] = LABELS) -> go.Figure:
    """Draw one trace per name in ACCURACY_TRACES, in that order, empty ones included."""
    color = model_color(curves.model)
    styles = {
        "training": {"color": color, "width": LINE_WIDTH},
        "held_out": {"color": color, "width": LINE_WIDTH, "dash": "dash"},
        "unknown": {"color": color, "width": LINE_WIDTH, "dash": "dot"},
        "baseline": {"color": BASELINE_COLOR, "width": BASELINE_WIDTH},
    }
    ends = None if curves.baseline is None else [(0, curves.baseline), (curves.epochs + 1, curves.baseline)]
    points = {"training": curves.training, "held_out": curves.held_out, "unknown": curves.unknown, "baseline": ends}
    traces = named(ACCURACY_TRACES, _lines(curves, points, styles, "%{y:.1%}", ACCURACY_BOUNDS), labels)
    yaxis = {"title": {"text": labels["accuracy"]}, "range": [0, 1.02], "tickformat": ".0%"}
    inside = {"orientation": "v", "x": 1, "xanchor": "right", "y": 0, "yanchor": "bottom"}  # low accuracies are brief
    layout = base_layout(xaxis=_epochs(curves, labels), yaxis=yaxis, legend=inside, meta=ACCURACY_BOUNDS.meta())
    return go.Figure(traces, layout)


def _lines(
    curves: TaggingCurves,
    points: Mapping[str, Points | None],
    styles: Mapping[str, Any],
    hover: str,
    bounds: Bounds,
) -> list[go.Scatter]:
    """Draw a line in each of `styles`, with markers for few epochs; None has no legend entry."""
    few = curves.epochs <= MAX_EPOCHS_WITH_MARKERS
    return [
        bounds.line(
            points[name],
            mode="lines+markers" if few and name != "baseline" else "lines",
            line=style,
            hovertemplate=hover,
            showlegend=points[name] is not None,
        )
        for name, style in styles.items()
    ]


def _epochs(curves: TaggingCurves, labels: Mapping[str, str]) -> dict[str, Any]:
    """Describe the horizontal axis."""
    return {"title": {"text": labels["epoch"]}, "range": [0, curves.epochs + 1]}


# --- the confusion matrix ---


def confusion_figure(tags: Sequence[str], confusion: Any, labels: Mapping[str, str] = LABELS) -> go.Figure:
    """Draw how often words with each right tag (row) got each tag (column).

    confusion: counts, of shape (tags, tags). The colour of a cell shows its share of the row.
    """
    hover = f"{labels['gold']} %{{y}}<br>{labels['predicted']} %{{x}}<br>%{{text}} {labels['words']}, %{{z:.0%}}"
    cells = go.Heatmap(
        **confusion_cells(tags, confusion), colorscale=SHARE_SCALE, zmin=0, zmax=1, xgap=1, ygap=1,
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
    """Return the heatmap's data: shares (0 … 1) for the colours, counts as text; both empty for 0.

    >>> confusion_cells(["N", "V"], [[3, 1], [0, 0]])["z"]
    [[0.75, 0.25], [None, None]]
    """
    counts = np.asarray(confusion, dtype=int).reshape(len(tags), len(tags))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names = [html.escape(tag) for tag in tags]
    few = len(tags) <= MAX_NUMBERED_TAGS
    return {
        "texttemplate": "%{text}" if few else "",
        "x": names,
        "y": names,
        "z": [[share or None for share in row] for row in shares.tolist()],
        "text": [[_count_text(count) for count in row] for row in counts.tolist()],
    }


def _count_text(count: int) -> str:
    """Write a count for a cell: empty for 0, short from a million on."""
    return "" if count == 0 else str(count) if count < 1_000_000 else short_number(count)


def _curves_of_points(points: Points) -> TaggingCurves:
    """Return curves with the points in every line."""
    return TaggingCurves(
        epochs=last_x(points), loss=points, beside=points, training=points, held_out=points, baseline=math.nan
    )


def _confusion_of_points(points: Points) -> go.Figure:
    """Draw huge counts of as many tags as there are points."""
    size = min(len(points), MAX_TESTED_TAGS)
    return confusion_figure([str(i) for i in range(size)], np.full((size, size), 10**12))


register(
    "tagging_loss",
    lambda: tagging_loss_figure(TaggingCurves()),
    lambda points: tagging_loss_figure(_curves_of_points(points)),
)
register(
    "tagging_accuracy",
    lambda: tagging_accuracy_figure(TaggingCurves()),
    lambda points: tagging_accuracy_figure(_curves_of_points(points)),
)
register("confusion", lambda: confusion_figure((), []), _confusion_of_points)
