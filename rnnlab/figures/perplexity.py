"""Draw the perplexity by epoch on a logarithmic axis, with baselines and published results."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import plotly.graph_objects as go

from rnnlab.figures.bounds import Bounds, Line, Points, as_array, last_x, log_axis, named, short_number
from rnnlab.figures.end_labels import End, end_labels, end_of
from rnnlab.figures.growing_axis import MARGIN, axis_end, epoch_axis
from rnnlab.figures.registry import register
from rnnlab.figures.theme import BASELINE_COLOR, BASELINE_WIDTH, LINE_WIDTH, base_layout, model_color

# Baselines. The first ones are named at their right end; the others are shown on request, with a name for each group.
DRAWN = ("uniform", "unigram", "ngram5", "floor", "unigram_held_out", "ngram5_held_out")
MORE = (
    "ngram2", "ngram3", "ngram4", "ngram6", "ngram7",
    "ngram2_held_out", "ngram3_held_out", "ngram4_held_out", "ngram6_held_out", "ngram7_held_out",
)  # fmt: skip

# The uids of the traces in their order. The page extends the first three, "changed" and "kept", and draws the run
# before the present one into "ghost".
TRACES = ("minibatch", "training", "held_out", "published", *DRAWN, "changed", "kept", *MORE, "beyond", "ghost")

MAX_EPOCHS_WITH_MARKERS = 60  # markers of more epochs would overlap
MIN_PERPLEXITY = 0.55  # the lower end of the axis: no perplexity is below 1, but the name of a line may be
CEILING_FACTOR = 10  # times the uniform perplexity: the upper end of the axis
DEFAULT_CEILING = 1e5  # the upper end of the axis without a uniform perplexity

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
    "changed": "learning rate",
    "kept": "kept: the best on held-out text",
    "more": "2- to 7-gram",
    "more_held_out": "2- to 7-gram, held out",
    "ngram2": "2-gram",
    "ngram3": "3-gram",
    "ngram4": "4-gram",
    "ngram6": "6-gram",
    "ngram7": "7-gram",
    "unigram_held_out": "unigram, held out",
    "ngram2_held_out": "2-gram, held out",
    "ngram3_held_out": "3-gram, held out",
    "ngram4_held_out": "4-gram, held out",
    "ngram6_held_out": "6-gram, held out",
    "ngram7_held_out": "7-gram, held out",
    "floor": "lowest possible",
    "beyond": "off the scale",
    "ghost": "before",
}

Changes = Sequence[tuple[float, float | None, float]]  # (epoch, perplexity there, learning rate from there on)


@dataclass(frozen=True)
class PerplexityCurve:
    """The perplexities of a run, up to its present epoch."""

    model: str = "gru"
    epochs: int = 1  # the end of the axis
    minibatch: Points = ()  # (epoch, perplexity); None where it is infinite
    training: Points = ()
    held_out: Points | None = ()  # None: the run has no held-out text
    published: Mapping[int, float] = field(default_factory=dict)
    baselines: Mapping[str, float | None] = field(default_factory=dict)  # by names in DRAWN and MORE; None: not drawn
    changes: Changes = ()  # of the learning rate
    kept: tuple[float, float] | None = None  # the epoch whose weights are used, and its held-out perplexity


def perplexity_figure(
    curve: PerplexityCurve, labels: Mapping[str, str] = LABELS, *, unseen: bool = True, more: bool = False
) -> go.Figure:
    """Draw one trace per name in TRACES, in that order, empty ones included.

    Training is a solid line in the model's colour over the thin one of its minibatches, held-out text dashed,
    published results hollow markers, baselines thin grey lines. Each line has its name and its last number at its right
    end. A short upright line with the new learning rate crosses the curve at each change. The vertical axis always ends
    at ten times the uniform perplexity; larger values are arrows with their numbers. The horizontal one grows with the
    run (`figures/growing_axis.py`).

    Args:
        unseen: whether the lines of held-out text are visible.
        more: whether the 2- to 7-grams beside the 5-gram are visible.
    """
    color, bounds = model_color(curve.model), bounds_of(curve)
    style = {"color": color, "width": LINE_WIDTH}
    lines = [
        Line("minibatch", labels["minibatch"], color, curve.minibatch, arrows=1, numbered=False, labelled=True),
        Line("training", labels["training"], color, curve.training, labelled=True),
        Line("held_out", labels["held_out"], color, curve.held_out, labelled=True, visible=unseen),
    ]
    traces = [
        *_curves(curve, bounds, style),
        _published(curve.published, bounds, color),
        *(_baseline(name, curve) for name in DRAWN),
        _changes(curve.changes, bounds.ceiling, labels["changed"]),
        _kept(curve.kept, bounds, color),
        *(_baseline(name, curve) for name in MORE),
        bounds.arrows(lines),
        go.Scatter(x=[], y=[], mode="lines", line=style, opacity=0.35, hoverinfo="skip"),
    ]
    traces = named(TRACES, traces, labels)
    for trace in traces:
        meta = trace.meta or {}
        trace.visible = (unseen or not meta.get("unseen")) and (more or not meta.get("more"))
    yaxis = {
        "title": {"text": labels["perplexity"]},
        **log_axis(MIN_PERPLEXITY, 1.2 * bounds.ceiling),  # with room for the arrows
    }
    yaxis["range"] = [yaxis["minallowed"], yaxis["maxallowed"]]  # fixed while points are added
    ends = _ends(curve, labels)
    annotations, width = end_labels(traces, ends, yaxis["range"], bounds.ceiling)
    layout = base_layout(
        xaxis={"title": {"text": labels["epoch"]}, **epoch_axis(_done(curve), curve.epochs)},
        yaxis=yaxis,
        annotations=annotations,
        margin={"r": 16 + width},
        showlegend=False,
        meta=bounds.meta(lines, "beyond", {uid: asdict(end) for uid, end in ends.items()}),
    )
    return go.Figure(traces, layout)


def _done(curve: PerplexityCurve) -> float:
    """Return how far the curve goes, in epochs."""
    return float(max(as_array(points)[:, 0].max(initial=0.0) for points in (curve.minibatch, curve.training)))


def _ends(curve: PerplexityCurve, labels: Mapping[str, str]) -> dict[str, End]:
    """Return the right ends of the lines that are named there; of the other n-grams one line stands for each group."""
    ends = {
        "minibatch": end_of(curve.minibatch, minor=True),
        "training": end_of(curve.training),
        "held_out": end_of(curve.held_out),
        "ghost": End(minor=True),
    }
    values = {name: curve.baselines.get(name) for name in (*DRAWN, *MORE)}
    drawn = {name: value for name, value in values.items() if value is not None and 0 < value < math.inf}
    right = MARGIN * curve.epochs
    ends |= {name: End(right, drawn[name], minor=name.startswith("unigram")) for name in DRAWN if name in drawn}
    for label, part in (("more", False), ("more_held_out", True)):
        group = {drawn[name]: name for name in MORE if name in drawn and name.endswith("held_out") == part}
        if group:
            low, high = min(group), max(group)
            text = f"{labels[label]} {short_number(low, 3)}–{short_number(high, 3)}"
            ends[group[high]] = End(right, math.sqrt(low * high), text, minor=True)
    return ends


def bounds_of(curve: PerplexityCurve) -> Bounds:
    """Return the bounds of the axis, which ends at ten times the uniform perplexity."""
    uniform = curve.baselines.get("uniform")
    ceiling = CEILING_FACTOR * uniform if uniform and 1 <= uniform < DEFAULT_CEILING else DEFAULT_CEILING
    return Bounds(ceiling, log=True, middle=axis_end(_done(curve), curve.epochs) / 2)


def _curves(curve: PerplexityCurve, bounds: Bounds, style: Mapping[str, Any]) -> list[go.Scatter]:
    """Draw the perplexities of the minibatches, of training and of the held-out text."""
    hover = "%{y:.4~g}"
    mode = "lines+markers" if curve.epochs <= MAX_EPOCHS_WITH_MARKERS else "lines"
    return [
        bounds.line(curve.minibatch, mode="lines", line={**style, "width": 1.5}, opacity=0.5, hoverinfo="skip"),
        bounds.line(curve.training, mode=mode, line=style, marker={"size": 7}, hovertemplate=hover),
        bounds.line(
            curve.held_out,
            mode=mode,
            line={**style, "dash": "dash"},
            marker={"size": 6, "symbol": "diamond"},
            hovertemplate=hover,
            meta={"unseen": True, "exists": curve.held_out is not None},
        ),
    ]


def _published(published: Mapping[int, float], bounds: Bounds, color: str) -> go.Scatter:
    """Draw the published results as hollow markers."""
    return bounds.line(
        tuple(published.items()),
        mode="markers",
        marker={"color": color, "size": 13, "symbol": "circle-open", "line": {"width": 3}},
        hovertemplate="%{y:.4~g}",
    )


def _changes(changes: Changes, ceiling: float, label: str) -> go.Scatter:
    """Draw upright lines at changes of the learning rate."""
    return go.Scatter(
        x=[float(epoch) for epoch, _, _ in changes],
        y=[None if value is None else min(max(value, MIN_PERPLEXITY), ceiling) for _, value, _ in changes],
        mode="markers+text",
        text=[f"{label} {short_number(rate)}" for _, _, rate in changes],
        customdata=[rate for _, _, rate in changes],
        textposition="top right",
        marker={"symbol": "line-ns-open", "size": 22, "color": BASELINE_COLOR, "line": {"width": 2}},
        hovertemplate="%{text}<extra></extra>",
        cliponaxis=False,
    )


def _kept(kept: tuple[float, float] | None, bounds: Bounds, color: str) -> go.Scatter:
    """Draw a ring around the held-out perplexity of the kept epoch."""
    return bounds.line(
        () if kept is None else (kept,),
        mode="markers",
        marker={"color": color, "size": 15, "symbol": "diamond-open", "line": {"width": 2}},
        hovertemplate="%{y:.4~g}",
        meta={"unseen": True},
    )


def _baseline(name: str, curve: PerplexityCurve) -> go.Scatter:
    """Draw a baseline as a thin horizontal line over the whole axis; those with a number at their end need no hover."""
    value, held_out = curve.baselines.get(name), name.endswith("held_out")
    points = () if value is None else ((0.0, value), (MARGIN * curve.epochs, value))
    own = {"uniform": "dot", "unigram": "dashdot", "floor": "longdash"}
    dash = "dash" if held_out else own.get(name, "solid")
    hover = {"hoverinfo": "skip"} if name in DRAWN else {"hovertemplate": "%{y:.4~g}"}
    line = {"color": BASELINE_COLOR, "width": BASELINE_WIDTH, "dash": dash}
    meta = {"baseline": True, "unseen": held_out, "more": name in MORE}
    return bounds_of(curve).line(points, mode="lines", line=line, meta=meta, **hover)


def _perplexity_of_points(points: Points) -> go.Figure:
    """Draw the points in every curve, over the usual baselines."""
    baselines = {"uniform": 1060.0, "unigram": 280.4, "ngram5": 1.8, "ngram5_held_out": 277.8}
    curve = PerplexityCurve(
        epochs=last_x(points), minibatch=points, training=points, held_out=points, baselines=baselines
    )
    return perplexity_figure(curve)


register("perplexity", lambda: perplexity_figure(PerplexityCurve()), _perplexity_of_points)
