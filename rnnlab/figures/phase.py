"""Draw the phase plane of the lesson sine: the ways of the hidden states, and eigenvalues beside the unit circle."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from rnnlab.figures.bounds import Points, as_array, named
from rnnlab.figures.registry import register
from rnnlab.figures.theme import BASELINE_COLOR, BASELINE_WIDTH, GRID_COLOR, LINE_WIDTH, base_layout, model_color

# The uids of the traces in their order, by which the page fills them.
PHASE_TRACES = ("driven", "alone", "driven_arrows", "alone_arrows", "rest", "start")
EIGENVALUE_TRACES = ("driven", "trail", "alone", "leading", "beyond")
ALONE_COLOR = "#8A63D2"  # of a network that reads its own output; readable on light and dark pages
MAX_REACH = 32.0  # half the side of the phase plane: two states of 256 units are never farther apart
MAX_RADIUS = 1.22  # of an eigenvalue that is drawn where it is; the axes end at AXIS_END
AXIS_END = 1.32
MAX_WAY_POINTS = 1000
ARROWS = 6  # on a way

LABELS = {
    "driven": "the sine goes on",
    "alone": "its own output",
    "driven_arrows": "direction",
    "alone_arrows": "direction",
    "rest": "fixed point",
    "start": "start",
    "trail": "the windows before",
    "leading": "the largest",
    "beyond": "off the picture",
    "plane.x": "cos t = 1  →",
    "plane.y": "sin t = 1  →",
    "plane.real": "real part",
    "plane.imaginary": "imaginary part",
}


@dataclass(frozen=True)
class PhaseWays:
    """The ways of a network's hidden states in a plane; each is a list of points (x, y) in the order of time."""

    model: str = "rnn"
    driven: Points = ()  # while the sine goes on; its first point is the start of both ways
    alone: Points = ()  # when the network reads its own output
    rest: Sequence[float] = ()  # (2,): where such a network stays; empty if nowhere
    reach: float = 1.0  # half the side of the picture
    markers: bool = True  # whether each sample of the driven way has a marker


@dataclass(frozen=True)
class EigenvalueClouds:
    """Eigenvalues as points (real, imaginary ≥ 0), the largest first; the other one of a pair is drawn as well."""

    model: str = "rnn"
    driven: Points = ()  # of a step whose input is given
    alone: Points = ()  # of a step at the fixed point, the output being fed back
    trail: Points = ()  # the largest of `alone` after each earlier window
    step: float | None = None  # the angle by which the sine turns in a step, in radians


def phase_figure(ways: PhaseWays, labels: Mapping[str, str] = LABELS) -> go.Figure:
    """Draw one trace per name in PHASE_TRACES, in that order, empty ones included; a unit is as long on both axes."""
    color = model_color(ways.model)
    lines = {"driven": _bounded(ways.driven), "alone": _bounded(ways.alone)}
    colors = {"driven": color, "alone": ALONE_COLOR}
    marker = {"size": 7, "color": color}
    traces = [
        _line(lines["driven"], color, mode="lines+markers" if ways.markers else "lines", marker=marker),
        _line(lines["alone"], ALONE_COLOR, mode="lines"),
        *(_arrows(lines[name], colors[name]) for name in ("driven", "alone")),
        _points(_bounded([(ways.rest[0], ways.rest[1])] if ways.rest else []), ALONE_COLOR, "x-thin", 15, width=4),
        _points(lines["driven"][:1], BASELINE_COLOR, "circle-open", 19, width=3.5),
    ]
    end = min(max(ways.reach, 1e-3), MAX_REACH)
    axes = {name: {"title": {"text": labels[f"plane.{name}"], "standoff": 4}, **_axis(end)} for name in ("x", "y")}
    return go.Figure(named(PHASE_TRACES, traces, labels), _square(axes["x"], axes["y"]))


def eigenvalues_figure(clouds: EigenvalueClouds, labels: Mapping[str, str] = LABELS) -> go.Figure:
    """Draw one trace per name in EIGENVALUE_TRACES, in that order, empty ones included, and the unit circle.

    An eigenvalue of a magnitude above MAX_RADIUS is an arrow there, in its direction.
    """
    driven, alone, trail = (pairs_of(_bounded(points)) for points in (clouds.driven, clouds.alone, clouds.trail))
    hollow = {"symbol": "circle-open", "size": 9, "color": model_color(clouds.model), "line": {"width": 2}}
    filled = {"symbol": "circle", "size": 9, "color": ALONE_COLOR}
    ring = {"symbol": "circle-open", "size": 21, "color": ALONE_COLOR, "line": {"width": 3.5}}
    far = [point for point in driven + alone if math.hypot(*point) > MAX_RADIUS]
    rim = [(MAX_RADIUS * x / math.hypot(x, y), MAX_RADIUS * y / math.hypot(x, y)) for x, y in far]
    triangle = {"symbol": "triangle-up", "size": 13, "color": BASELINE_COLOR, "angle": [_heading(*p) for p in far]}
    trail_line = {"color": ALONE_COLOR, "width": 2.5, "dash": "dot"}
    leading = alone[: 2 if alone and alone[0][1] else 1]
    traces = [
        _cloud(driven, mode="markers", marker=hollow),
        _cloud([p for p in trail if p[1] >= 0], mode="lines", line=trail_line, opacity=0.7, hoverinfo="skip"),
        _cloud(alone, mode="markers", marker=filled),
        _cloud(leading, mode="markers", marker=ring, hoverinfo="skip"),
        go.Scatter(x=[x for x, _ in rim], y=[y for _, y in rim], mode="markers", marker=triangle, showlegend=False),
    ]
    axes = [
        {"title": {"text": labels[f"plane.{name}"], "standoff": 4}, **_axis(AXIS_END), "tickvals": [-1, 0, 1]}
        for name in ("real", "imaginary")
    ]
    layout = _square(*axes) | {"shapes": _circle_and_rays(clouds.step), "annotations": _angle(clouds.step)}
    return go.Figure(named(EIGENVALUE_TRACES, traces, labels), layout)


def pairs_of(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return `points` with the conjugate of each after it, if that is another.

    >>> pairs_of([(0.5, 0.5), (0.1, 0.0)])
    [(0.5, 0.5), (0.5, -0.5), (0.1, 0.0)]
    """
    return [pair for x, y in points for pair in ([(x, y), (x, -y)] if y else [(x, y)])]


def arrows_of(points: Sequence[tuple[float, float]], count: int = ARROWS) -> list[tuple[float, float, float]]:
    """Return about `count` arrows on a way: x and y in the middle of a part of it, and degrees clockwise from up.

    >>> arrows_of([(0, 0), (2, 0)])
    [(1.0, 0.0, 90.0)]
    """
    stride = max(1, (len(points) - 1) / count)
    found = []
    for k in range(min(count, len(points) - 1)):
        i = int(stride * (k + 0.5))
        (x0, y0), (x1, y1) = points[i], points[i + 1]
        if math.hypot(x1 - x0, y1 - y0) > 0:
            found.append(((x0 + x1) / 2, (y0 + y1) / 2, _heading(x1 - x0, y1 - y0)))
    return found


def _heading(dx: float, dy: float) -> float:
    """Return the direction (dx, dy) in degrees clockwise from up, as Plotly turns markers."""
    return math.degrees(math.atan2(dx, dy))


def _bounded(points: Points) -> list[tuple[float, float]]:
    """Return the first MAX_WAY_POINTS points that are finite and not far off the picture."""
    array = as_array(points)[:MAX_WAY_POINTS]
    return [(x, y) for x, y in array.tolist() if abs(x) <= 1e6 and abs(y) <= 1e6]


def _line(points: Sequence[tuple[float, float]], color: str, **style: Any) -> go.Scatter:
    line = {"color": color, "width": LINE_WIDTH, "shape": "spline", "smoothing": 0.6}
    x, y = [x for x, _ in points], [y for _, y in points]
    return go.Scatter(x=x, y=y, line=line, hovertemplate="%{x:.2f}, %{y:.2f}", **style)


def _points(points: Sequence[tuple[float, float]], color: str, symbol: str, size: float, width: float) -> go.Scatter:
    marker = {"symbol": symbol, "size": size, "color": color, "line": {"width": width, "color": color}}
    return go.Scatter(x=[x for x, _ in points], y=[y for _, y in points], mode="markers", marker=marker)


def _arrows(points: Sequence[tuple[float, float]], color: str) -> go.Scatter:
    arrows = arrows_of(points)
    marker = {"symbol": "arrow", "size": 15, "color": color, "angle": [angle for _, _, angle in arrows]}
    x, y = [x for x, _, _ in arrows], [y for _, y, _ in arrows]
    return go.Scatter(x=x, y=y, mode="markers", marker=marker, hoverinfo="skip", showlegend=False)


def _cloud(points: Sequence[tuple[float, float]], **style: Any) -> go.Scatter:
    near = [point for point in points if math.hypot(*point) <= MAX_RADIUS]
    sizes = [math.hypot(*point) for point in near]
    x, y = [x for x, _ in near], [y for _, y in near]
    return go.Scatter(x=x, y=y, customdata=sizes, hovertemplate="|λ| = %{customdata:.3f}", **style)


def _axis(end: float) -> dict[str, Any]:
    line = {"zeroline": True, "zerolinecolor": GRID_COLOR, "zerolinewidth": 1.5, "nticks": 6}
    return {"range": [-end, end], "constrain": "domain", **line}


def _square(xaxis: dict[str, Any], yaxis: dict[str, Any]) -> dict[str, Any]:
    return base_layout(
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        showlegend=False,
        hovermode="closest",
        xaxis=xaxis,
        yaxis={**yaxis, "scaleanchor": "x", "scaleratio": 1},
    )


def _circle_and_rays(step: float | None) -> list[dict[str, Any]]:
    """Describe the unit circle, and the two rays at ± the angle of a step."""
    circle = {"type": "circle", "x0": -1, "x1": 1, "y0": -1, "y1": 1, "layer": "below"}
    shapes = [{**circle, "line": {"color": BASELINE_COLOR, "width": 2.5}, "fillcolor": "rgba(128, 128, 128, 0.07)"}]
    dashed = {"color": BASELINE_COLOR, "width": BASELINE_WIDTH, "dash": "dash"}
    ray = {"type": "line", "x0": 0, "y0": 0, "layer": "below", "line": dashed}
    for angle in () if step is None else (step, -step):
        x, y = MAX_RADIUS * math.cos(angle), MAX_RADIUS * math.sin(angle)
        shapes.append({**ray, "x1": x, "y1": y})
    return shapes


def _angle(step: float | None) -> list[dict[str, Any]]:
    """Describe the label at the end of the upper ray: the angle in degrees."""
    if step is None:
        return []
    place = {
        "x": MAX_RADIUS * math.cos(step),
        "y": MAX_RADIUS * math.sin(step),
        "xanchor": "center",
        "yanchor": "bottom",
    }
    text = f"{math.degrees(step):.3g}°"
    return [{"text": text, "showarrow": False, **place, "font": {"color": BASELINE_COLOR}}]


def _phase_of_points(points: Points) -> go.Figure:
    return phase_figure(PhaseWays(driven=points, alone=points, rest=(1.0, 1.0), reach=1e300))


def _eigenvalues_of_points(points: Points) -> go.Figure:
    return eigenvalues_figure(EigenvalueClouds(driven=points, alone=points, trail=points, step=0.3))


register("phase", lambda: phase_figure(PhaseWays()), _phase_of_points)
register("eigenvalues", lambda: eigenvalues_figure(EigenvalueClouds()), _eigenvalues_of_points)
