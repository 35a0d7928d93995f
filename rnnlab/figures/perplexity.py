"""The perplexity curve: how uncertain the model is, epoch by epoch, on a logarithmic axis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import plotly.graph_objects as go

from rnnlab.figures.theme import BASELINE_COLOR, BASELINE_WIDTH, LINE_WIDTH, MODEL_COLORS, base_layout

# The order of the traces is a promise: a live page extends the first three and the last by number.
TRACES = ("minibatch", "training", "held_out", "published", "uniform", "unigram", "ngram", "ngram_held_out", "changed")

MOST_MARKERS = 60  # epochs; more of them run into each other

LABELS = {
    "epoch": "epoch",
    "perplexity": "perplexity (log scale)",
    "minibatch": "each minibatch",
    "training": "training",
    "held_out": "held out",
    "published": "published",
    "uniform": "uniform guess",
    "unigram": "guess by frequency",
    "ngram": "5-gram",
    "ngram_held_out": "5-gram, held out",
    "changed": "new learning rate",
}

Points = Sequence[tuple[float, float | None]]  # (epoch, perplexity); None where it is infinite
Changes = Sequence[tuple[float, float | None, float]]  # (epoch, perplexity there, the learning rate from there on)


@dataclass(frozen=True)
class PerplexityCurve:
    """What one run has shown so far. `epochs` is how far the axis reaches; a baseline of None is not drawn."""

    model: str = "gru"
    epochs: int = 1
    minibatch: Points = ()
    training: Points = ()
    held_out: Points | None = ()  # None: this run holds nothing out
    published: Mapping[int, float] = field(default_factory=dict)
    uniform: float | None = None
    unigram: float | None = None
    ngram: float | None = None  # of an n-gram model, on the training text
    ngram_held_out: float | None = None
    changes: Changes = ()


def perplexity_figure(curve: PerplexityCurve, labels: Mapping[str, str] = LABELS) -> go.Figure:
    """One trace per name in TRACES, in that order, empty ones included.

    Training is a solid line in the model's colour over the thin one of its minibatches, held-out text dashed,
    published results hollow markers, baselines thin grey lines; where the learning rate was changed the curve is
    crossed by a short upright line with the new one.
    """
    color = MODEL_COLORS[curve.model]
    hover = "%{y:.4~g}"
    line = {"color": color, "width": LINE_WIDTH}
    mode = "lines+markers" if curve.epochs <= MOST_MARKERS else "lines"
    traces = [
        _scatter(curve.minibatch, "lines", line={"color": color, "width": 1.5}, opacity=0.5, hoverinfo="skip"),
        _scatter(curve.training, mode, line=line, marker={"size": 7}, hovertemplate=hover),
        _scatter(
            curve.held_out or (),
            mode,
            line={**line, "dash": "dash"},
            marker={"size": 6, "symbol": "diamond"},
            hovertemplate=hover,
            showlegend=curve.held_out is not None,
        ),
        _scatter(
            tuple(curve.published.items()),
            "markers",
            marker={"color": color, "size": 13, "symbol": "circle-open", "line": {"width": 3}},
            hovertemplate=hover,
            showlegend=bool(curve.published),
        ),
        _baseline(curve.uniform, curve.epochs, "dot"),
        _baseline(curve.unigram, curve.epochs, "dashdot"),
        _baseline(curve.ngram, curve.epochs, "solid"),
        _baseline(curve.ngram_held_out, curve.epochs, "dash"),
        _changes(curve.changes),
    ]
    for name, trace in zip(TRACES, traces, strict=True):
        trace.update(name=labels[name], uid=name)
    return go.Figure(
        traces,
        base_layout(
            xaxis={"title": {"text": labels["epoch"]}, "range": [0, curve.epochs * 1.02]},  # it does not creep
            yaxis={
                "title": {"text": labels["perplexity"]},
                "type": "log",
                "dtick": "D2",
                "tickformat": "~g",
                "autorangeoptions": {"include": 0.9},
                "minallowed": math.log10(0.8),  # there is no perplexity below 1
            },
        ),
    )


def _scatter(points: Points, mode: str, **style: object) -> go.Scatter:
    x = [float(epoch) for epoch, _ in points]
    y = [value if value is not None and math.isfinite(value) else None for _, value in points]
    return go.Scatter(x=x, y=y, mode=mode, **style)


def _changes(changes: Changes) -> go.Scatter:
    return _scatter(
        [(epoch, value) for epoch, value, _ in changes],
        "markers+text",
        text=[f"{rate:g}" for _, _, rate in changes],
        textposition="top right",
        marker={"symbol": "line-ns-open", "size": 22, "color": BASELINE_COLOR, "line": {"width": 2}},
        hovertemplate="%{text}",
        showlegend=bool(changes),
        cliponaxis=False,
    )


def _baseline(value: float | None, epochs: int, dash: str) -> go.Scatter:
    points = () if value is None else ((0.0, value), (float(epochs), value))
    line = {"color": BASELINE_COLOR, "width": BASELINE_WIDTH, "dash": dash}
    return _scatter(points, "lines", line=line, hovertemplate="%{y:.4~g}", showlegend=value is not None)
