"""The perplexity curve: how uncertain the model is, epoch by epoch, on a logarithmic axis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import plotly.graph_objects as go

from rnnlab.figures.theme import BASELINE_COLOR, BASELINE_WIDTH, LINE_WIDTH, MODEL_COLORS, base_layout

# What needs no network. Few lines are drawn from the beginning; the others come with one entry of the legend, "more".
DRAWN = ("uniform", "unigram", "ngram5", "ngram5_held_out")
MORE = (
    "ngram2", "ngram3", "ngram4", "unigram_held_out", "ngram2_held_out", "ngram3_held_out", "ngram4_held_out",
)  # fmt: skip
# They come in two bundles, too close together for a name each: the name of a bundle stands on its outermost line.
BUNDLES = {"ngram2": ("more", "top center", 0.8), "ngram4_held_out": ("more_held_out", "bottom center", 0.6)}

# The order of the traces is a promise: a live page extends the first three and "changed" by number.
TRACES = ("minibatch", "training", "held_out", "published", *DRAWN, "changed", "more", *MORE)

MOST_MARKERS = 60  # epochs; more of them run into each other

LABELS = {
    "epoch": "epoch",
    "perplexity": "perplexity (log scale)",
    "minibatch": "each minibatch",
    "training": "training",
    "held_out": "held out",
    "published": "published",
    "uniform": "uniform (1/V)",
    "unigram": "unigram",
    "ngram5": "5-gram",
    "ngram5_held_out": "5-gram, held out",
    "changed": "new learning rate",
    "more": "2- to 4-gram",
    "more_held_out": "1- to 4-gram, held out",
    "ngram2": "2-gram",
    "ngram3": "3-gram",
    "ngram4": "4-gram",
    "unigram_held_out": "unigram, held out",
    "ngram2_held_out": "2-gram, held out",
    "ngram3_held_out": "3-gram, held out",
    "ngram4_held_out": "4-gram, held out",
}

Points = Sequence[tuple[float, float | None]]  # (epoch, perplexity); None where it is infinite
Changes = Sequence[tuple[float, float | None, float]]  # (epoch, perplexity there, the learning rate from there on)


@dataclass(frozen=True)
class PerplexityCurve:
    """What one run has shown so far. `epochs` is how far the axis reaches."""

    model: str = "gru"
    epochs: int = 1
    minibatch: Points = ()
    training: Points = ()
    held_out: Points | None = ()  # None: this run holds nothing out
    published: Mapping[int, float] = field(default_factory=dict)
    baselines: Mapping[str, float | None] = field(default_factory=dict)  # named as in DRAWN and MORE; None: not drawn
    changes: Changes = ()


def perplexity_figure(curve: PerplexityCurve, labels: Mapping[str, str] = LABELS) -> go.Figure:
    """One trace per name in TRACES, in that order, empty ones included.

    Training is a solid line in the model's colour over the thin one of its minibatches, held-out text dashed,
    published results hollow markers, baselines thin grey lines, most of them hidden at first; where the learning rate
    was changed the curve is crossed by a short upright line with the new one.
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
        _published(curve.published, color),
        *(_baseline(name, curve) for name in DRAWN),
        _changes(curve.changes),
        *_more(curve, labels),
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


def _published(published: Mapping[int, float], color: str) -> go.Scatter:
    return _scatter(
        tuple(published.items()),
        "markers",
        marker={"color": color, "size": 13, "symbol": "circle-open", "line": {"width": 3}},
        hovertemplate="%{y:.4~g}",
        showlegend=bool(published),
    )


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


def _more(curve: PerplexityCurve, labels: Mapping[str, str]) -> list[go.Scatter]:
    """The entry "more" of the legend, and the lines that it shows and hides."""
    hidden = {"legendgroup": "more", "visible": "legendonly"}
    lines = {name: _baseline(name, curve, showlegend=False, **hidden) for name in MORE}
    for name, (label, position, place) in BUNDLES.items():
        if (line := lines[name]).x:
            x, text = (0.0, place * curve.epochs, float(curve.epochs)), ("", labels[label], "")
            line.update(x=x, y=line.y[:1] * 3, mode="lines+markers+text", text=text, textposition=position)
            line.update(marker={"size": 7, "opacity": 0})  # keeps the text off the line
    there = any(line.x for line in lines.values())
    entry = _scatter([(0.0, None)] if there else [], "lines", line=_thin("solid"), showlegend=there, **hidden)
    return [entry, *lines.values()]


def _baseline(name: str, curve: PerplexityCurve, **style: object) -> go.Scatter:
    value = curve.baselines.get(name)
    points = () if value is None else ((0.0, value), (float(curve.epochs), value))
    dash = {"uniform": "dot", "unigram": "dashdot"}.get(name, "dash" if name.endswith("held_out") else "solid")
    style = {"showlegend": bool(points), **style}
    return _scatter(points, "lines", line=_thin(dash), hovertemplate="%{y:.4~g}", **style)


def _thin(dash: str) -> dict[str, object]:
    return {"color": BASELINE_COLOR, "width": BASELINE_WIDTH, "dash": dash}
