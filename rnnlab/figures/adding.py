"""Draw the errors of the networks on the adding problem, minibatch by minibatch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import plotly.graph_objects as go

from rnnlab.figures.bounds import Bounds, Line, Points, as_array, last_x, log_axis, named, short_number
from rnnlab.figures.end_labels import End, end_labels, end_of
from rnnlab.figures.registry import register
from rnnlab.figures.theme import BASELINE_COLOR, BASELINE_WIDTH, LINE_WIDTH, base_layout, model_color

CEILING = 2.0  # an untrained network answers about 0, which costs 1 + 1/6
MIN_ERROR = 0.003  # the lower end of the axis, unless the finish line is close to it
BELOW_FINISH = 4.0  # the axis ends this many times below the finish line at least
MARGIN = 10  # the lines across the figure are so many times longer than the run: the page may lengthen the axis

LABELS = {
    "step": "minibatches",
    "error": "mean squared error (log scale)",
    "constant": "always 1:",
    "finish": "finish:",
    "beyond": "off the scale",
}


@dataclass(frozen=True)
class AddingCurves:
    """The mean squared errors of the networks so far, on rows that no minibatch has."""

    models: Sequence[str] = ()
    names: Sequence[str] = ()  # of the models, for the reader; the models' own where there are fewer
    errors: Mapping[str, Points] = field(default_factory=dict)  # (minibatches, mean squared error) by model
    constant: float | None = None  # the error of always answering 1
    target: float | None = None  # the finish line


def adding_figure(curves: AddingCurves, labels: Mapping[str, str] = LABELS) -> go.Figure:
    """Draw `error.<model>` for each network, the lines "constant" and "finish" across, and "beyond".

    Each line has its name and its number at its right end.
    """
    bounds = Bounds(CEILING, log=True)
    names = dict(zip(curves.models, curves.models, strict=True)) | dict(zip(curves.models, curves.names, strict=False))
    right = float(max((as_array(points)[:, 0].max(initial=1.0) for points in curves.errors.values()), default=1.0))
    lines = [
        Line(f"error.{model}", names[model], model_color(model), curves.errors.get(model, ()), labelled=True)
        for model in curves.models
    ]
    across = {"constant": curves.constant, "finish": curves.target}
    traces = named(
        [*(line.uid for line in lines), *across, "beyond"],
        [
            *(_curve(bounds, line) for line in lines),
            *(_across(name, value, MARGIN * right) for name, value in across.items()),
            bounds.arrows(lines),
        ],
        {**{line.uid: line.name for line in lines}, **{name: labels[name] for name in (*across, "beyond")}},
    )
    floor = MIN_ERROR if curves.target is None else min(MIN_ERROR, curves.target / BELOW_FINISH)
    yaxis = {"title": {"text": labels["error"]}, **log_axis(floor, 1.2 * CEILING)}
    yaxis["range"] = [yaxis["minallowed"], yaxis["maxallowed"]]
    ends = {line.uid: end_of(line.points) for line in lines}
    for name, value in across.items():
        if value is not None:
            ends[name] = End(MARGIN * right, value, f"{labels[name]} {short_number(value, 3)}")
    annotations, width = end_labels(traces, ends, yaxis["range"], CEILING)
    layout = base_layout(
        xaxis={"title": {"text": labels["step"]}, "range": [0, 1.02 * right]},
        yaxis=yaxis,
        annotations=annotations,
        margin={"r": 16 + width},
        showlegend=False,
        meta=bounds.meta(lines, "beyond", {uid: asdict(end) for uid, end in ends.items()}),
    )
    return go.Figure(traces, layout)


def _curve(bounds: Bounds, line: Line) -> go.Scatter:
    style = {"color": line.color, "width": LINE_WIDTH}
    return bounds.line(line.points, mode="lines", line=style, hovertemplate="%{y:.3~g}")


def _across(name: str, value: float | None, right: float) -> go.Scatter:
    """Draw a horizontal line over the whole axis."""
    points = () if value is None else ((0.0, value), (right, value))
    return go.Scatter(
        x=[x for x, _ in points],
        y=[y for _, y in points],
        mode="lines",
        line={
            "color": BASELINE_COLOR,
            "width": LINE_WIDTH if name == "finish" else BASELINE_WIDTH,
            "dash": "solid" if name == "finish" else "dot",
        },
        hoverinfo="skip",
        meta={"baseline": True},
    )


def _adding_of_points(points: Points) -> go.Figure:
    """Draw the points as the curve of every network."""
    models = ("rnn", "gru", "lstm")
    figure = adding_figure(AddingCurves(models, (), dict.fromkeys(models, points), 1 / 6, 0.02))
    return figure.update_xaxes(range=[0, last_x(points)])


register("adding", lambda: adding_figure(AddingCurves(("rnn", "gru", "lstm"))), _adding_of_points)
