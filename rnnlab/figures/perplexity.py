"""Draw the perplexity by epoch on a logarithmic axis, with baselines and published results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go

from rnnlab.figures.bounds import Bounds, Line, Points, last_x, log_axis, named, short_number
from rnnlab.figures.registry import register
from rnnlab.figures.theme import BASELINE_COLOR, BASELINE_WIDTH, LINE_WIDTH, base_layout, model_color

# Baselines. The first ones are visible, each with its name and number at its right end; the entry "more" of the legend
# shows and hides the others.
DRAWN = ("uniform", "unigram", "ngram5", "ngram5_held_out", "floor")
MORE = (
    "ngram2", "ngram3", "ngram4", "ngram6", "ngram7",
    "unigram_held_out", "ngram2_held_out", "ngram3_held_out", "ngram4_held_out", "ngram6_held_out", "ngram7_held_out",
)  # fmt: skip
# These lines are in two groups, too close together for a name each: the name of a group is on its outermost line.
# {label: (the first of these lines that is there, position of the text, place as a share of the width)}
GROUP_NAMES = {
    "more": (("ngram2",), "top center", 0.8),
    "more_held_out": (("ngram7_held_out", "ngram4_held_out"), "bottom center", 0.6),
}

# The uids of the traces in their order. The page extends the first three, "changed" and "kept", and draws the run
# before the present one into "ghost".
TRACES = ("minibatch", "training", "held_out", "published", *DRAWN, "changed", "kept", "more", *MORE, "beyond", "ghost")

MAX_EPOCHS_WITH_MARKERS = 60  # markers of more epochs would overlap
MIN_PERPLEXITY = 0.55  # the lower end of the axis: no perplexity is below 1, but the name of a line may be
CEILING_FACTOR = 10  # times the uniform perplexity: the upper end of the axis
DEFAULT_CEILING = 1e5  # the upper end of the axis without a uniform perplexity
MIN_NAME_RATIO = 2.5  # of the values of two lines; below it their names would overlap at the same place
# The places of overlapping names from the highest line to the lowest: share of the width, position of the text.
NAME_PLACES = ((1.0, "top left"), (1.0, "bottom left"), (0.5, "top left"), (0.5, "bottom left"))

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
    "more_held_out": "1- to 7-gram, held out",
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


def perplexity_figure(curve: PerplexityCurve, labels: Mapping[str, str] = LABELS) -> go.Figure:
    """Draw one trace per name in TRACES, in that order, empty ones included.

    Training is a solid line in the model's colour over the thin one of its minibatches, held-out text dashed,
    published results hollow markers, baselines thin grey lines, most of them hidden at first. A short upright line with
    the new learning rate crosses the curve at each change. The axis always ends at ten times the uniform perplexity;
    larger values are arrows with their numbers.
    """
    color, bounds = model_color(curve.model), bounds_of(curve)
    style = {"color": color, "width": LINE_WIDTH}
    lines = [
        Line("minibatch", labels["minibatch"], color, curve.minibatch, arrows=1, numbered=False),
        Line("training", labels["training"], color, curve.training),
        Line("held_out", labels["held_out"], color, curve.held_out),
    ]
    traces = [
        *_curves(curve, bounds, style),
        _published(curve.published, bounds, color),
        *_baselines(curve, labels),
        _changes(curve.changes, bounds.ceiling, labels["changed"]),
        _kept(curve.kept, bounds, color),
        *_more(curve, labels),
        bounds.arrows(lines),
        go.Scatter(x=[], y=[], mode="lines", line=style, opacity=0.35, hoverinfo="skip", showlegend=False),
    ]
    xaxis = {"title": {"text": labels["epoch"]}, "range": [0, curve.epochs * 1.02]}  # fixed while points are added
    yaxis = {
        "title": {"text": labels["perplexity"]},
        **log_axis(MIN_PERPLEXITY, 1.2 * bounds.ceiling),  # with room for the arrows
    }
    yaxis["range"] = [yaxis["minallowed"], yaxis["maxallowed"]]  # fixed as well
    layout = base_layout(xaxis=xaxis, yaxis=yaxis, meta=bounds.meta(lines, "beyond"))
    return go.Figure(named(TRACES, traces, labels), layout)


def bounds_of(curve: PerplexityCurve) -> Bounds:
    """Return the bounds of the axis, which ends at ten times the uniform perplexity."""
    uniform = curve.baselines.get("uniform")
    ceiling = CEILING_FACTOR * uniform if uniform and 1 <= uniform < DEFAULT_CEILING else DEFAULT_CEILING
    return Bounds(ceiling, log=True, middle=curve.epochs / 2)


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
            showlegend=curve.held_out is not None,
        ),
    ]


def _published(published: Mapping[int, float], bounds: Bounds, color: str) -> go.Scatter:
    """Draw the published results as hollow markers."""
    return bounds.line(
        tuple(published.items()),
        mode="markers",
        marker={"color": color, "size": 13, "symbol": "circle-open", "line": {"width": 3}},
        hovertemplate="%{y:.4~g}",
        showlegend=bool(published),
    )


def _changes(changes: Changes, ceiling: float, label: str) -> go.Scatter:
    """Draw upright lines at changes of the learning rate; a legend entry for them would move the curve."""
    return go.Scatter(
        x=[float(epoch) for epoch, _, _ in changes],
        y=[None if value is None else min(max(value, MIN_PERPLEXITY), ceiling) for _, value, _ in changes],
        mode="markers+text",
        text=[f"{label} {short_number(rate)}" for _, _, rate in changes],
        customdata=[rate for _, _, rate in changes],
        textposition="top right",
        marker={"symbol": "line-ns-open", "size": 22, "color": BASELINE_COLOR, "line": {"width": 2}},
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
        cliponaxis=False,
    )


def _kept(kept: tuple[float, float] | None, bounds: Bounds, color: str) -> go.Scatter:
    """Draw a ring around the held-out perplexity of the kept epoch."""
    return bounds.line(
        () if kept is None else (kept,),
        mode="markers",
        marker={"color": color, "size": 15, "symbol": "diamond-open", "line": {"width": 2}},
        hovertemplate="%{y:.4~g}",
        showlegend=False,
    )


def _more(curve: PerplexityCurve, labels: Mapping[str, str]) -> list[go.Scatter]:
    """Draw the entry "more" of the legend, and the lines that it shows and hides."""
    hidden = {"legendgroup": "more", "visible": "legendonly"}
    lines = {name: _baseline(name, curve, **hidden) for name in MORE}
    for label, (names, position, place) in GROUP_NAMES.items():
        if line := next((lines[name] for name in names if lines[name].x), None):
            _name(line, labels[label], position, place * curve.epochs)
    there = any(line.x for line in lines.values())
    entry = go.Scatter(x=[0.0] if there else [], y=[None] if there else [], mode="lines", line=_thin("solid"), **hidden)
    return [entry.update(showlegend=there), *lines.values()]


def _baselines(curve: PerplexityCurve, labels: Mapping[str, str]) -> list[go.Scatter]:
    """Draw the visible baselines with their names, of which overlapping ones are at different places."""
    lines = {name: _baseline(name, curve) for name in DRAWN}
    values = {name: value for name in DRAWN if lines[name].x and (value := curve.baselines[name]) is not None}
    above, place = None, 0
    for name, value in sorted(values.items(), key=lambda item: -item[1]):
        place = place + 1 if above is not None and above < MIN_NAME_RATIO * value else 0
        share, position = NAME_PLACES[place % len(NAME_PLACES)]
        _name(lines[name], f"{labels[name]} {short_number(value)}", position, share * curve.epochs)
        above = value
    return list(lines.values())


def _name(line: go.Scatter, text: str, position: str, place: float) -> None:
    """Write a name on a horizontal line at x = `place`."""
    x = sorted({*line.x, place})
    line.update(x=x, y=[line.y[0]] * len(x), mode="lines+markers+text", textposition=position)
    # The transparent marker keeps the text at a distance from the line.
    line.update(text=[text if at == place else "" for at in x], marker={"size": 7, "opacity": 0})


def _baseline(name: str, curve: PerplexityCurve, **style: Any) -> go.Scatter:
    """Draw a baseline as a thin horizontal line."""
    value = curve.baselines.get(name)
    points = () if value is None else ((0.0, value), (float(curve.epochs), value))
    own = {"uniform": "dot", "unigram": "dashdot", "floor": "longdash"}
    dash = own.get(name, "dash" if name.endswith("held_out") else "solid")
    style = {"mode": "lines", "hovertemplate": "%{y:.4~g}", "showlegend": False, **style}
    return bounds_of(curve).line(points, line=_thin(dash), **style)


def _thin(dash: str) -> dict[str, Any]:
    return {"color": BASELINE_COLOR, "width": BASELINE_WIDTH, "dash": dash}


def _perplexity_of_points(points: Points) -> go.Figure:
    """Draw the points in every curve, over the usual baselines."""
    baselines = {"uniform": 1060.0, "unigram": 280.4, "ngram5": 1.8, "ngram5_held_out": 277.8}
    curve = PerplexityCurve(
        epochs=last_x(points), minibatch=points, training=points, held_out=points, baselines=baselines
    )
    return perplexity_figure(curve)


register("perplexity", lambda: perplexity_figure(PerplexityCurve()), _perplexity_of_points)
