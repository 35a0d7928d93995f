"""Draw how speed and memory depend on the size of the text, of the hidden state and of the time steps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnlab.figures.bounds import Bounds, Points, as_array
from rnnlab.figures.registry import register
from rnnlab.figures.theme import FONT_SIZE, LINE_WIDTH, base_layout, model_color

# The order of the columns, and of the rows within each: two traces per column.
SIZES = {"characters": "characters of text", "hidden_size": "hidden units", "num_steps": "time steps"}
COSTS = {"tokens_per_second": "characters/s", "memory_mib": "memory, MiB"}

COST_BOUNDS = Bounds(ceiling=1e12)  # characters per second, or MiB: beyond every machine
MAX_TICKS, MAX_MARKERS = 10, 60

Sweeps = Mapping[str, Sequence[Mapping[str, Any]]]  # by size, the measurements: {size: …, **COSTS}


def growth_figure(sweeps: Sweeps, model: str = "gru") -> go.Figure:
    """Draw one column per size, with speed above memory; the columns of a row share their axis.

    Traces are named `size/cost`. A missing sweep is drawn empty.
    """
    figure = make_subplots(
        rows=2, cols=3, shared_xaxes=True, shared_yaxes=True, vertical_spacing=0.06, horizontal_spacing=0.03
    )
    figure.update_layout(base_layout(showlegend=False, hovermode="closest", font={"size": FONT_SIZE + 2}))
    color = model_color(model)
    for column, (size, title) in enumerate(SIZES.items(), start=1):
        points = sweeps.get(size, ())
        points = [point for point in points if math.isfinite(point[size]) and point[size] > 0]
        sizes = [point[size] for point in points]
        for row, cost in enumerate(COSTS, start=1):
            trace = COST_BOUNDS.line(
                [(point[size], point[cost]) for point in points],
                name=f"{size}/{cost}",
                mode="lines+markers" if len(sizes) <= MAX_MARKERS else "lines",
                line={"color": color, "width": LINE_WIDTH},
                marker={"size": 9},
                hovertemplate="%{x:,}: %{y:,}<extra></extra>",
            )
            figure.add_trace(trace, row=row, col=column)
        labelled = sizes[:: math.ceil(len(sizes) / MAX_TICKS) or 1]
        ticks = {"tickvals": labelled, "ticktext": [short_size(value) for value in labelled]}
        figure.update_xaxes(type="log", title={"text": title}, row=2, col=column, **ticks)
        figure.update_xaxes(type="log", row=1, col=column, **ticks)
    grid = figure.layout.xaxis.gridcolor
    figure.update_xaxes(gridcolor=grid, zeroline=False)
    figure.update_yaxes(gridcolor=grid, zeroline=False, rangemode="tozero", tickformat=",", automargin=True)
    for row, title in enumerate(COSTS.values(), start=1):
        figure.update_yaxes(title={"text": title, "standoff": 10}, row=row, col=1)
    return figure


def short_size(number: int) -> str:
    """Write a size in few characters, for the labels of an axis.

    >>> short_size(350), short_size(63_000), short_size(10_000_000)
    ('350', '63k', '10M')
    """
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= unit and number % unit == 0:
            return f"{number // unit}{letter}"
    return str(number)


def _growth_of_points(points: Points) -> go.Figure:
    """Draw one sweep with the values of the points as costs."""
    sweep = [
        {"characters": n, "tokens_per_second": y, "memory_mib": y}
        for n, y in enumerate(as_array(points)[:, 1].tolist())  # a size of 0 is left out, too
    ]
    return growth_figure({"characters": sweep})


register("growth", lambda: growth_figure({}), _growth_of_points)
