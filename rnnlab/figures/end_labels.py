"""Name lines at their right end, each with its last number, in place of a legend.

A label stands in the right margin at the height of its line's last point; labels that would overlap are moved apart.
`frontend/lib/end_labels.js` does the same for the size that the plot has on the page, and follows a curve that grows.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnnlab.figures.bounds import Points, as_array, short_number
from rnnlab.figures.theme import FONT_SIZE

PLOT_HEIGHT = 300  # px between the axes, of a figure that is not on our page
LINE_HEIGHT = 1.3  # of a label, times the size of its text
GAP = 8  # px between the plot and the labels


@dataclass(frozen=True)
class End:
    """The right end of a line.

    x, y: the last point; y is None where it is infinite. Both are None for a line without points.
    text: stands in place of the name and the number.
    minor: left out on a narrow screen.
    """

    x: float | None = None
    y: float | None = None
    text: str = ""
    minor: bool = False


def end_of(points: Points | None, *, minor: bool = False) -> End:
    """Return the end of a line through `points`."""
    array = as_array(points)
    if not len(array):
        return End(minor=minor)
    x, y = array[-1].tolist()
    return End(x, y if math.isfinite(y) else None, minor=minor)


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move places on a line apart to a distance of `gap` and into [low, high], by least squares; the order is kept.

    >>> spread([10.0, 12.0, 50.0], gap=8.0, low=0.0, high=100.0)
    [7.0, 15.0, 50.0]
    >>> spread([1.0, 2.0], gap=8.0, low=0.0, high=100.0)
    [0.0, 8.0]
    """
    order = sorted(range(len(places)), key=lambda i: places[i])
    blocks: list[tuple[float, int]] = []  # (mean of the first label's wanted place, labels): each block is contiguous
    for rank, i in enumerate(order):
        mean, count = places[i] - rank * gap, 1
        while blocks and blocks[-1][0] > mean:
            before, others = blocks.pop()
            mean, count = (before * others + mean * count) / (others + count), count + others
        blocks.append((mean, count))
    top = max(low, high - (len(places) - 1) * gap)
    firsts = [min(max(mean, low), top) for mean, count in blocks for _ in range(count)]
    moved = [0.0] * len(places)
    for rank, i in enumerate(order):
        moved[i] = firsts[rank] + rank * gap
    return moved


def end_labels(
    traces: Sequence[Any], ends: Mapping[str, End], y_range: Sequence[float], ceiling: float
) -> tuple[list[dict[str, Any]], int]:
    """Return the labels of the visible traces as annotations of a figure with a log axis, and their width in px.

    Args:
        traces: scatter traces with a uid and a name.
        ends: the right end of each line that has a label, by uid.
        y_range: the ends of the axis as powers of ten.
        ceiling: labels of larger values stand there.
    """
    shown = [(trace, ends[trace.uid]) for trace in traces if trace.uid in ends and trace.visible is not False]
    shown = [(trace, end) for trace, end in shown if end.x is not None and (end.y is None or end.y > 0)]
    low, high = y_range
    heights = [math.log10(min(math.inf if end.y is None else end.y, ceiling)) for _, end in shown]
    heights = [PLOT_HEIGHT * (min(max(height, low), high) - low) / (high - low) for height in heights]
    places = spread(heights, FONT_SIZE * LINE_HEIGHT, 0.0, float(PLOT_HEIGHT))
    texts = [end.text or f"{trace.name} {short_number(end.y)}" for trace, end in shown]
    labels = [
        {
            "text": text,
            "x": 1,
            "xref": "paper",
            "xanchor": "left",
            "xshift": GAP,
            "y": place / PLOT_HEIGHT,
            "yref": "paper",
            "yanchor": "middle",
            "showarrow": False,
            "align": "left",
            "font": {"color": color_of(trace)},
        }
        for (trace, _), text, place in zip(shown, texts, places, strict=True)
    ]
    return labels, round(max(map(text_width, texts), default=0) + GAP)


def color_of(trace: Any) -> str | None:
    """Return the colour of a label: its line's; a baseline's grey would be too pale for text."""
    return None if (trace.meta or {}).get("baseline") else trace.line.color


def text_width(text: str) -> float:
    """Estimate the width of a text in px: a Chinese character is as wide as it is high."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return FONT_SIZE * (wide + 0.58 * (len(text) - wide))
