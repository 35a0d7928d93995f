"""Draw a race: the perplexity of several trainings in one figure, and how far two of them are apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go

from rnnlab.figures.bounds import Bounds, Line, Points, last_x, log_axis, named, short_number
from rnnlab.figures.perplexity import CEILING_FACTOR, DEFAULT_CEILING, MAX_EPOCHS_WITH_MARKERS, MIN_PERPLEXITY
from rnnlab.figures.registry import register
from rnnlab.figures.theme import BASELINE_COLOR, BASELINE_WIDTH, LINE_WIDTH, base_layout, model_color

DASHES = ("solid", "dash", "dot", "dashdot")  # of lanes that have the colour of the same model
BASELINES = ("uniform", "unigram", "ngram5", "entropy")
MIN_ABOVE_RATIO = 6.0  # of a line to the one below it, so that both have room for a name above them
MILLION = 1e6  # the differences are drawn in millionths

LABELS = {
    "epochs": "epochs",
    "perplexity": "perplexity",
    "uniform": "uniform (1/V)",
    "unigram": "unigram",
    "ngram5": "5-gram",
    "entropy": "entropy",
    "finish": "finish line",
    "held_out": "held out",
    "difference": "difference × 10⁶",
    "beyond": "off the scale",
}


@dataclass(frozen=True)
class RaceCurves:
    """The perplexities of a race so far, of one lane after the other; the traces of lane i end in `.lane<i>`."""

    models: Sequence[str] = ()  # of each lane; it decides on the colour
    names: Sequence[str] = ()
    minibatch: Sequence[Points] = ()  # (epoch, perplexity) of each lane; () for all: nothing yet
    training: Sequence[Points] = ()
    held_out: Sequence[Points] = ()
    baselines: Mapping[str, float | None] = field(default_factory=dict)  # by names in BASELINES; None: not drawn
    target: float | None = None  # the finish line


def race_figure(curves: RaceCurves, labels: Mapping[str, str] = LABELS) -> go.Figure:
    """Draw `minibatch.lane0`, `training.lane0` and `held_out.lane0`, the same for each other lane, and "beyond".

    A lane has its model's colour; a further lane of the same model has another dash. The held-out curves are thin,
    with hollow markers, and hidden at first. Baselines and the finish line run across the whole figure, whatever its
    horizontal axis counts.
    """
    uniform = curves.baselines.get("uniform")
    ceiling = CEILING_FACTOR * uniform if uniform and 1 <= uniform < DEFAULT_CEILING else DEFAULT_CEILING
    bounds = Bounds(ceiling, log=True)
    traces: list[go.Scatter] = []
    lines: list[Line] = []
    uids: list[str] = []
    texts: dict[str, str] = {"beyond": labels["beyond"]}
    for i, (model, dash) in enumerate(zip(curves.models, dashes_of(curves.models), strict=True)):
        name = curves.names[i] if i < len(curves.names) else model
        color = model_color(model)
        points = [of[i] if i < len(of) else () for of in (curves.minibatch, curves.training, curves.held_out)]
        traces += _lane(bounds, points, {"color": color, "width": LINE_WIDTH, "dash": dash})
        own = {
            f"minibatch.lane{i}": name,
            f"training.lane{i}": name,
            f"held_out.lane{i}": f"{name}, {labels['held_out']}",
        }
        texts |= own
        uids += own
        lines.append(Line(f"minibatch.lane{i}", name, color, points[0], arrows=1, numbered=False))
        lines.append(Line(f"training.lane{i}", name, color, points[1]))
    yaxis = {"title": {"text": labels["perplexity"]}, **log_axis(MIN_PERPLEXITY, 1.2 * ceiling)}
    yaxis["range"] = [yaxis["minallowed"], yaxis["maxallowed"]]
    across = _across(curves, labels)
    return go.Figure(
        named([*uids, "beyond"], [*traces, bounds.arrows(lines)], texts),
        base_layout(
            xaxis={"title": {"text": labels["epochs"]}, "rangemode": "tozero"},
            yaxis=yaxis,
            meta=bounds.meta(lines, "beyond"),
            shapes=[shape for shape, _ in across],
            annotations=[note for _, note in across],
        ),
    )


def dashes_of(models: Sequence[str]) -> list[str]:
    """Return the dash of each lane: the first lane of a model is solid.

    >>> dashes_of(["rnn", "gru", "gru", "gru"])
    ['solid', 'solid', 'dash', 'dot']
    """
    return [DASHES[list(models[:i]).count(model) % len(DASHES)] for i, model in enumerate(models)]


def _mode(points: Points) -> str:
    """Return how a line is drawn: with a marker at each epoch, unless there are so many that they would overlap."""
    return "lines+markers" if len(points) <= MAX_EPOCHS_WITH_MARKERS else "lines"


def _lane(bounds: Bounds, points: Sequence[Points], style: Mapping[str, Any]) -> list[go.Scatter]:
    """Draw the minibatches of a lane, its training perplexity and its held-out one."""
    minibatch, training, held_out = points
    hover = "%{y:.4~g}"
    return [
        bounds.line(
            minibatch, mode="lines", line={**style, "width": 1.5}, opacity=0.5, hoverinfo="skip", showlegend=False
        ),
        bounds.line(training, mode=_mode(training), line=style, marker={"size": 6}, hovertemplate=hover),
        bounds.line(
            held_out,
            mode=_mode(held_out),
            line={**style, "width": 1.5},
            marker={"size": 8, "symbol": "diamond-open", "line": {"width": 2}},
            hovertemplate=hover,
            visible=False,
        ),
    ]


def _across(curves: RaceCurves, labels: Mapping[str, str]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Describe the lines that run across the figure, each with its name at an end of it."""
    known = {name: value for name in BASELINES if (value := curves.baselines.get(name)) is not None}
    if curves.target is not None:
        known["finish"] = curves.target
    found: list[tuple[dict[str, Any], dict[str, Any]]] = []
    higher, anchor = math.inf, "top"  # of the line above, and where its name is
    for name, value in sorted(known.items(), key=lambda item: -item[1]):
        if not value >= 1 or math.isinf(value):
            continue
        is_finish, is_close = name == "finish", higher < MIN_ABOVE_RATIO * value
        # A name stands above its line. Close below another line it stands under its own, else at the left.
        x = 0.0 if is_close and anchor == "top" and not is_finish else 1.0
        anchor = "top" if is_finish or (is_close and anchor == "bottom") else "bottom"
        higher = value
        line = {
            "color": BASELINE_COLOR,
            "width": LINE_WIDTH if is_finish else BASELINE_WIDTH,
            "dash": {"uniform": "dot", "unigram": "dashdot"}.get(name, "solid"),
        }
        across = {"xref": "paper", "yref": "y"}
        shape = {"type": "line", "name": name, "x0": 0, "x1": 1, "y0": value, "y1": value, "layer": "below"}
        note = {
            "name": name,
            "text": f"{labels[name]} {short_number(value)}",
            "x": x,
            "xanchor": "left" if x == 0 else "right",
            "y": math.log10(value),
            "yanchor": anchor,
            "showarrow": False,
        }
        found.append(({**shape, **across, "line": line}, {**note, **across}))
    return found


def difference_figure(points: Points = (), labels: Mapping[str, str] = LABELS) -> go.Figure:
    """Draw how far two curves are apart: (epoch, p₂/p₁ − 1 in millionths), around 0."""
    bounds = Bounds(MILLION * MILLION)
    style = {"color": BASELINE_COLOR, "width": 2}
    trace = bounds.line(points, mode="lines", line=style, hovertemplate="%{y:.3~g}", showlegend=False)
    return go.Figure(
        named(["difference"], [trace], labels),
        base_layout(
            xaxis={"title": {"text": labels["epochs"]}, "rangemode": "tozero"},
            yaxis={
                "title": {"text": labels["difference"]},
                "zeroline": True,
                "zerolinecolor": BASELINE_COLOR,
                "nticks": 4,
            },
            meta=bounds.meta(),
        ),
    )


def _race_of_points(points: Points) -> go.Figure:
    """Draw the points in every curve of four lanes."""
    lanes = ("rnn", "gru", "gru", "lstm")
    every = (points,) * len(lanes)
    baselines = {"uniform": 1060.0, "unigram": 280.4, "ngram5": 1.8}
    figure = race_figure(
        RaceCurves(lanes, lanes, minibatch=every, training=every, held_out=every, baselines=baselines, target=1.1)
    )
    return figure.update_xaxes(range=[0, last_x(points)])


register("race", lambda: race_figure(RaceCurves(("rnn", "gru", "lstm"))), _race_of_points)
register("difference", difference_figure, difference_figure)
