"""Draw how the gradient of a prediction falls from one character to the one before it, for several networks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import plotly.graph_objects as go

from rnnlab.figures.bounds import Bounds, Line, Points, as_array, log_axis, named, short_number
from rnnlab.figures.end_labels import end_labels, end_of
from rnnlab.figures.registry import register
from rnnlab.figures.theme import BASELINE_COLOR, LINE_WIDTH, base_layout, model_color

MIN_NORM, MAX_NORM = 1e-18, 10.0  # the ends of the axis, whatever the values: no curve is scaled by its own maximum
LENS_BOUNDS = Bounds(MAX_NORM, log=True)
TICKS = range(-18, 1, 4)  # powers of ten: the page's own choice for this axis (`logLabels` in frontend/lib/bounds.js)
MAX_LAG = 50
THIN = 1.75  # px, of a line that was measured in advance

LABELS = {
    "lag": "lag k (characters back)",
    "norm": "‖∂ℓ/∂state‖, log scale",
    "here": "the chosen character",
    "under": "below the axis",
    "beyond": "off the scale",
}


@dataclass(frozen=True)
class LagLine:
    """The gradient by lag of one network."""

    uid: str  # Plotly makes a CSS selector of it: letters, digits and hyphens
    name: str  # at its right end
    model: str  # it decides on the colour
    points: Points = ()  # (lag, norm); None where there is none
    dash: str = "solid"  # "dot" before training
    thin: bool = False  # measured in advance, and not of the visitor's own network


def gradient_lens_figure(
    lines: Sequence[LagLine] = (), labels: Mapping[str, str] = LABELS, *, here: Points = ()
) -> go.Figure:
    """Draw a line for each network on a log axis from MIN_NORM to MAX_NORM, with its name at its right end.

    A norm below MIN_NORM, 0 included, is drawn at the lower edge with ▼ at the first of them, one above MAX_NORM as an
    arrow at the upper edge; pointing at either tells the number.

    here: (lag, norm) at a single place, drawn dashed and grey; the page fills it in itself.
    """
    traces = [_line(line) for line in lines]
    clipped = [Line(line.uid, line.name, model_color(line.model), line.points, arrows=1) for line in lines]
    others = {name: labels[name] for name in ("here", "under", "beyond")}
    traces = named(
        [*(line.uid for line in lines), *others],
        [*traces, _here(here), _under(lines), LENS_BOUNDS.arrows(clipped)],
        {line.uid: line.name for line in lines} | others,
    )
    yaxis = {"title": {"text": labels["norm"]}, **log_axis(MIN_NORM, MAX_NORM)}
    yaxis["range"] = [yaxis["minallowed"], yaxis["maxallowed"]]
    # The texts belong to these ticks alone, so the axis cannot be zoomed.
    yaxis |= {"tickvals": [10.0**power for power in TICKS], "ticktext": [f"10{_raised(power)}" for power in TICKS]}
    yaxis["fixedrange"] = True
    ends = {line.uid: replace(end_of(_clipped(line.points)), text=line.name) for line in lines}
    ends["here"] = replace(end_of(_clipped(here)), text=labels["here"], minor=True)
    annotations, width = end_labels(traces, ends, yaxis["range"], LENS_BOUNDS.ceiling)
    layout = base_layout(
        xaxis={"title": {"text": labels["lag"], "standoff": 4}, "range": [0, MAX_LAG], "dtick": 10},
        yaxis=yaxis,
        annotations=annotations,
        margin={"r": 16 + width},
        showlegend=False,
        hovermode="closest",
        meta=LENS_BOUNDS.meta((), "beyond", {uid: asdict(end) for uid, end in ends.items()}),
    )
    return go.Figure(traces, layout)


def _raised(power: int) -> str:
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _clipped(points: Points) -> np.ndarray:
    """Return the points (N, 2) with norms below the axis at its lower end."""
    array = as_array(points).copy()
    array[:, 1] = np.where(array[:, 1] < MIN_NORM, MIN_NORM, array[:, 1])  # NaN stays NaN
    return array


def _line(line: LagLine) -> go.Scatter:
    style = {"color": model_color(line.model), "width": THIN if line.thin else LINE_WIDTH, "dash": line.dash}
    trace = LENS_BOUNDS.line(_clipped(line.points), mode="lines", line=style, opacity=0.85 if line.thin else 1.0)
    array = as_array(line.points)
    true = dict(zip(array[:, 0].tolist(), array[:, 1].tolist(), strict=True))
    trace.text = [short_number(true.get(lag, math.nan), 2) for lag in trace.x]
    trace.hovertemplate = f"{line.name}<br>k = %{{x}}: %{{text}}<extra></extra>"
    return trace


def _here(points: Points) -> go.Scatter:
    style = {"color": BASELINE_COLOR, "width": THIN, "dash": "dash"}
    return LENS_BOUNDS.line(_clipped(points), mode="lines", line=style, hoverinfo="skip", meta={"baseline": True})


def _under(lines: Sequence[LagLine]) -> go.Scatter:
    """Mark where each line leaves the axis at its lower edge."""
    found = []
    for line in lines:
        array = as_array(line.points)
        under = array[array[:, 1] < MIN_NORM]
        if len(under):
            text = f"{line.name}: {short_number(float(under[0, 1]), 2)}"
            found.append((float(under[0, 0]), text, model_color(line.model)))
    return go.Scatter(
        x=[lag for lag, _, _ in found],
        y=[MIN_NORM for _ in found],
        hovertext=[text for _, text, _ in found],
        hovertemplate="k = %{x}, %{hovertext}<extra></extra>",
        mode="markers",
        marker={"symbol": "triangle-down", "size": 12, "color": [color for _, _, color in found] or None},
        showlegend=False,
        cliponaxis=False,
    )


def _gradient_lens_of_points(points: Points) -> go.Figure:
    """Draw the points for every cell, before and after training."""
    cells = ("rnn", "gru", "lstm")
    return gradient_lens_figure(
        [LagLine(f"{cell}-{dash}", f"{cell} {dash}", cell, points, dash) for cell in cells for dash in ("dot", "solid")]
    ).update_xaxes(range=[0, max(MAX_LAG, as_array(points)[:, 0].max(initial=0))])


register("gradient_lens", gradient_lens_figure, _gradient_lens_of_points)
