"""The cost of growth: speed and memory against the size of the text, of the hidden state, and of the time steps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnlab.figures.bounds import Bounds
from rnnlab.figures.theme import FONT_SIZE, LINE_WIDTH, MODEL_COLORS, base_layout

# The order of the columns, and of the rows within each: two traces per column.
SIZES = {"characters": "characters of text", "hidden_size": "hidden units", "num_steps": "time steps"}
COSTS = {"tokens_per_second": "characters/s", "memory_mib": "memory, MiB"}

MEASURED = Bounds(ceiling=1e12)  # characters a second, or MiB: no machine is beyond
MAX_TICKS, MAX_MARKERS = 10, 60

Sweeps = Mapping[str, Sequence[Mapping[str, Any]]]  # of each size, the points measured: {size, *COSTS}


def growth_figure(sweeps: Sweeps, model: str = "gru") -> go.Figure:
    """One column per size that grows, speed above memory; the rows share an axis, so that columns can be compared.

    Traces are named `size/cost`. A sweep that is missing is drawn empty.
    """
    figure = make_subplots(
        rows=2, cols=3, shared_xaxes=True, shared_yaxes=True, vertical_spacing=0.06, horizontal_spacing=0.03
    )
    figure.update_layout(base_layout(showlegend=False, hovermode="closest", font={"size": FONT_SIZE + 2}))
    color = MODEL_COLORS[model]
    for column, (size, title) in enumerate(SIZES.items(), start=1):
        points = sweeps.get(size, ())
        points = [point for point in points if math.isfinite(point[size]) and point[size] > 0]
        sizes = [point[size] for point in points]
        for row, cost in enumerate(COSTS, start=1):
            trace = MEASURED.line(
                [(point[size], point[cost]) for point in points],
                name=f"{size}/{cost}",
                mode="lines+markers" if len(sizes) <= MAX_MARKERS else "lines",
                line={"color": color, "width": LINE_WIDTH},
                marker={"size": 9},
                hovertemplate="%{x:,}: %{y:,}<extra></extra>",
            )
            figure.add_trace(trace, row=row, col=column)
        labelled = sizes[:: math.ceil(len(sizes) / MAX_TICKS) or 1]
        ticks = {"tickvals": labelled, "ticktext": [in_short(value) for value in labelled]}
        figure.update_xaxes(type="log", title={"text": title}, row=2, col=column, **ticks)
        figure.update_xaxes(type="log", row=1, col=column, **ticks)
    style = figure.layout.xaxis.gridcolor
    figure.update_xaxes(gridcolor=style, zeroline=False)
    figure.update_yaxes(gridcolor=style, zeroline=False, rangemode="tozero", tickformat=",", automargin=True)
    for row, title in enumerate(COSTS.values(), start=1):
        figure.update_yaxes(title={"text": title, "standoff": 10}, row=row, col=1)
    return figure


def in_short(number: int) -> str:
    """A size as an axis has room for it.

    >>> in_short(350), in_short(63_000), in_short(10_000_000)
    ('350', '63k', '10M')
    """
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= unit and number % unit == 0:
            return f"{number // unit}{letter}"
    return str(number)
