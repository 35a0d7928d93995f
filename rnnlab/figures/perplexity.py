"""The perplexity curve: how uncertain the model is, epoch by epoch, on a logarithmic axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import plotly.graph_objects as go

from rnnlab.figures.bounds import Bounds, Line, log_axis, short_number
from rnnlab.figures.theme import BASELINE_COLOR, BASELINE_WIDTH, LINE_WIDTH, MODEL_COLORS, base_layout

# What needs no network. Few lines are drawn from the beginning, each with its name and number at its right end; the
# others come with one entry of the legend, "more".
DRAWN = ("uniform", "unigram", "ngram5", "ngram5_held_out")
MORE = (
    "ngram2", "ngram3", "ngram4", "unigram_held_out", "ngram2_held_out", "ngram3_held_out", "ngram4_held_out",
)  # fmt: skip
# They come in two bundles, too close together for a name each: the name of a bundle stands on its outermost line.
BUNDLES = {"ngram2": ("more", "top center", 0.8), "ngram4_held_out": ("more_held_out", "bottom center", 0.6)}

# The uids of the traces: a live page extends the first three and "changed"; "ghost" is the run before this one.
TRACES = ("minibatch", "training", "held_out", "published", *DRAWN, "changed", "more", *MORE, "beyond", "ghost")

MOST_MARKERS = 60  # epochs; more of them run into each other
LEAST = 0.55  # the lower end of the axis: there is no perplexity below 1, but the name of a line that is near
BEYOND = 10  # times the uniform guess: the upper end of the axis
UNKNOWN = 1e5  # the upper end where the uniform guess is not known yet
# Where names of lines stand that lie on each other, from the highest line to the lowest: share of the width, position.
NEAR = 2.5  # of two values, times: then the names of their lines would touch
PLACES = ((1.0, "top left"), (1.0, "bottom left"), (0.5, "top left"), (0.5, "bottom left"))

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
    "more": "2- to 4-gram",
    "more_held_out": "1- to 4-gram, held out",
    "ngram2": "2-gram",
    "ngram3": "3-gram",
    "ngram4": "4-gram",
    "unigram_held_out": "unigram, held out",
    "ngram2_held_out": "2-gram, held out",
    "ngram3_held_out": "3-gram, held out",
    "ngram4_held_out": "4-gram, held out",
    "beyond": "off the scale",
    "ghost": "before",
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
    was changed the curve is crossed by a short upright line with the new one. The axis ends at ten times the uniform
    guess, whatever the run does: what lies beyond is an arrow with its number.
    """
    color, bounds = MODEL_COLORS[curve.model], bounds_of(curve)
    hover = "%{y:.4~g}"
    line = {"color": color, "width": LINE_WIDTH}
    mode = "lines+markers" if curve.epochs <= MOST_MARKERS else "lines"
    thin = {"color": color, "width": 1.5}
    lines = [
        Line("minibatch", labels["minibatch"], color, curve.minibatch, arrows=1, numbered=False),
        Line("training", labels["training"], color, curve.training),
        Line("held_out", labels["held_out"], color, curve.held_out),
    ]
    traces = [
        bounds.line(curve.minibatch, mode="lines", line=thin, opacity=0.5, hoverinfo="skip"),
        bounds.line(curve.training, mode=mode, line=line, marker={"size": 7}, hovertemplate=hover),
        bounds.line(
            curve.held_out,
            mode=mode,
            line={**line, "dash": "dash"},
            marker={"size": 6, "symbol": "diamond"},
            hovertemplate=hover,
            showlegend=curve.held_out is not None,
        ),
        _published(curve.published, bounds, color),
        *_baselines(curve, labels),
        _changes(curve.changes, bounds.ceiling, labels["changed"]),
        *_more(curve, labels),
        bounds.arrows(lines),
        go.Scatter(x=[], y=[], mode="lines", line=line, opacity=0.35, hoverinfo="skip", showlegend=False),
    ]
    for name, trace in zip(TRACES, traces, strict=True):
        trace.update(name=labels[name], uid=name)
    xaxis = {"title": {"text": labels["epoch"]}, "range": [0, curve.epochs * 1.02]}  # it does not creep
    yaxis = {
        "title": {"text": labels["perplexity"]},
        **log_axis(LEAST, 1.2 * bounds.ceiling),  # the arrows keep a little off the edge
    }
    yaxis["range"] = [yaxis["minallowed"], yaxis["maxallowed"]]  # it does not creep, either
    return go.Figure(traces, base_layout(xaxis=xaxis, yaxis=yaxis, meta=bounds.meta(lines, "beyond")))


def bounds_of(curve: PerplexityCurve) -> Bounds:
    """How far up the axis goes: to ten times the uniform guess."""
    uniform = curve.baselines.get("uniform")
    ceiling = BEYOND * uniform if uniform and 1 <= uniform < UNKNOWN else UNKNOWN
    return Bounds(ceiling, log=True, middle=curve.epochs / 2)


def _published(published: Mapping[int, float], bounds: Bounds, color: str) -> go.Scatter:
    return bounds.line(
        tuple(published.items()),
        mode="markers",
        marker={"color": color, "size": 13, "symbol": "circle-open", "line": {"width": 3}},
        hovertemplate="%{y:.4~g}",
        showlegend=bool(published),
    )


def _changes(changes: Changes, ceiling: float, label: str) -> go.Scatter:
    """The upright lines. No entry of the legend: it would come in while one looks."""
    return go.Scatter(
        x=[float(epoch) for epoch, _, _ in changes],
        y=[None if value is None else min(max(value, LEAST), ceiling) for _, value, _ in changes],
        mode="markers+text",
        text=[f"{label} {short_number(rate)}" for _, _, rate in changes],
        customdata=[rate for _, _, rate in changes],
        textposition="top right",
        marker={"symbol": "line-ns-open", "size": 22, "color": BASELINE_COLOR, "line": {"width": 2}},
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
        cliponaxis=False,
    )


def _more(curve: PerplexityCurve, labels: Mapping[str, str]) -> list[go.Scatter]:
    """The entry "more" of the legend, and the lines that it shows and hides."""
    hidden = {"legendgroup": "more", "visible": "legendonly"}
    lines = {name: _baseline(name, curve, **hidden) for name in MORE}
    for name, (label, position, place) in BUNDLES.items():
        if lines[name].x:
            _name(lines[name], labels[label], position, place * curve.epochs)
    there = any(line.x for line in lines.values())
    entry = go.Scatter(x=[0.0] if there else [], y=[None] if there else [], mode="lines", line=_thin("solid"), **hidden)
    return [entry.update(showlegend=there), *lines.values()]


def _baselines(curve: PerplexityCurve, labels: Mapping[str, str]) -> list[go.Scatter]:
    """The lines that are drawn from the beginning, each with its name; names of lines that nearly meet step aside."""
    lines = {name: _baseline(name, curve) for name in DRAWN}
    above, place = None, 0
    for name in sorted((name for name in DRAWN if lines[name].x), key=lambda name: -curve.baselines[name]):
        value = curve.baselines[name]
        place = place + 1 if above is not None and above < NEAR * value else 0
        share, position = PLACES[place % len(PLACES)]
        _name(lines[name], f"{labels[name]} {short_number(value)}", position, share * curve.epochs)
        above = value
    return list(lines.values())


def _name(line: go.Scatter, text: str, position: str, place: float) -> None:
    """Write a name on a level line."""
    x = sorted({*line.x, place})
    line.update(x=x, y=[line.y[0]] * len(x), mode="lines+markers+text", textposition=position)
    line.update(text=[text if at == place else "" for at in x], marker={"size": 7, "opacity": 0})  # off the line


def _baseline(name: str, curve: PerplexityCurve, **style: object) -> go.Scatter:
    value = curve.baselines.get(name)
    points = () if value is None else ((0.0, value), (float(curve.epochs), value))
    dash = {"uniform": "dot", "unigram": "dashdot"}.get(name, "dash" if name.endswith("held_out") else "solid")
    style = {"mode": "lines", "hovertemplate": "%{y:.4~g}", "showlegend": False, **style}
    return bounds_of(curve).line(points, line=_thin(dash), **style)


def _thin(dash: str) -> dict[str, object]:
    return {"color": BASELINE_COLOR, "width": BASELINE_WIDTH, "dash": dash}
