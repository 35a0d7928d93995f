"""Bounds that every curve keeps, whatever its numbers are: how far an axis goes, and how many points a line has.

A value beyond the ceiling of its figure leaves a gap in its line; an arrow ▲ at the upper edge stands for it, with
the number at the last one of each line. A long line is thinned to the lowest and the highest point of each stretch.
`frontend/lib/bounds.js` applies the same rules to the points that it appends; a browser test compares the two.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

MAX_POINTS = 2000  # of one line: more cannot be told apart on a screen
MAX_ARROWS = 40  # of one line
DECADES_WITH_DIGITS = 2.5  # a log axis that is longer has labels at powers of ten only
MAX_LABELS = 6  # of a log axis, about

Points = Sequence[tuple[float, float | None]] | np.ndarray  # where, and the value; None and NaN: no number


def short_number(value: float | None, digits: int = 4) -> str:
    """Write a number so that it fits a cell: beyond six digits as a power of ten; None is infinite.

    >>> short_number(1234.5678), short_number(1.89e10), short_number(None), short_number(math.nan)
    ('1,235', '1.9·10¹⁰', '∞', '–')
    """
    if value is None or math.isinf(value):
        return "−∞" if value is not None and value < 0 else "∞"
    if math.isnan(value):
        return "–"
    if value == 0 or 1e-4 <= abs(value) < 1e6:
        text = f"{value:,.{digits}g}" if abs(value) < 10**digits else f"{round(value, digits - 1 - _power(value)):,.0f}"
        return text.replace("-", "−")
    mantissa, power = f"{value:.1e}".replace(".0e", "e").split("e")
    exponent = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa}·10{exponent}".replace("-", "−")


def _power(value: float) -> int:
    return math.floor(math.log10(abs(value)))


def log_axis(floor: float, ceiling: float) -> dict[str, Any]:
    """Describe a logarithmic axis from `floor` to `ceiling`, with a number of labels that does not grow with them."""
    low, high = math.log10(floor), math.log10(ceiling)
    few = high - low <= DECADES_WITH_DIGITS
    return {
        "type": "log",
        "minallowed": low,
        "maxallowed": high,
        "dtick": "D2" if few else max(1, math.ceil((high - low) / MAX_LABELS)),
        "tickformat": ",~g" if high <= 6 else "~e",
        "exponentformat": "power",
    }


def thinned(x: np.ndarray, y: np.ndarray, most: int = MAX_POINTS) -> tuple[np.ndarray, np.ndarray]:
    """Keep about `most` of the points x, y (N,): of each stretch the lowest, the highest, and the first gap (NaN).

    >>> thinned(np.arange(6), np.array([1.0, 9.0, 2.0, 3.0, 0.0, 1.0]), most=4)
    (array([0, 1, 3, 4]), array([1., 9., 3., 0.]))
    """
    if len(x) <= most:
        return x, y
    kept: list[int] = []
    for part in np.array_split(np.arange(len(x)), max(1, most // 2)):
        values = y[part]
        gaps = np.isnan(values)
        chosen = {int(part[gaps.argmax()])} if gaps.any() else set()
        if not gaps.all():
            chosen |= {int(part[np.nanargmin(values)]), int(part[np.nanargmax(values)])}
        kept += sorted(chosen)
    return x[kept], y[kept]


def as_array(points: Points | None) -> np.ndarray:
    """Return the points (N, 2) of which the horizontal place is known; a missing value is NaN."""
    array = np.asarray(() if points is None else points, dtype=float).reshape(-1, 2)
    return array[np.isfinite(array[:, 0])]


@dataclass(frozen=True)
class Line:
    """A line whose values may lie beyond the axis: its trace's uid, and how many arrows it may have.

    The last arrow of one that is `numbered` has its number beside it; the others tell theirs when pointed at.
    """

    uid: str
    name: str
    color: str
    points: Points | None = ()
    arrows: int = MAX_ARROWS
    numbered: bool = True


@dataclass(frozen=True)
class Bounds:
    """The bounds of one figure; the `middle` of its horizontal axis is where the numbers of arrows have most room."""

    ceiling: float
    log: bool = False
    middle: float = 0.0

    def line(self, points: Points | None, **style: Any) -> go.Scatter:
        """Draw a line of a bounded number of points; what the axis cannot show is a gap."""
        x, y = as_array(points).T
        hidden = ~np.isfinite(y) | (np.abs(y) > self.ceiling) | (self.log & (y <= 0))
        x, y = thinned(x, np.where(hidden, math.nan, y))
        return go.Scatter(x=x.tolist(), y=[None if math.isnan(value) else value for value in y.tolist()], **style)

    def arrows(self, lines: Sequence[Line]) -> go.Scatter:
        """Mark at the upper edge what lies beyond it; the numbers of several lines stand below one another.

        A value that is no number counts as infinite, for JSON has one word for all of them.
        """
        columns: dict[str, list[Any]] = {name: [] for name in ("x", "text", "hovertext", "color", "customdata")}
        row = 0
        for line in lines:
            points = as_array(line.points)
            shown = points[~(points[:, 1] <= self.ceiling)][-line.arrows :].tolist()
            for at, value in shown:
                value = value if math.isfinite(value) else None
                columns["x"].append(at)
                columns["text"].append("")
                columns["hovertext"].append(f"{line.name}: {short_number(value)}")
                columns["color"].append(line.color)
                columns["customdata"].append([line.uid, value])
            if shown and line.numbered:
                columns["text"][-1] = "<br>" * row + short_number(value)
                row += 1
        colors = columns.pop("color")
        return go.Scatter(
            **columns,
            y=[self.ceiling] * len(colors),
            hovertemplate="%{hovertext}<extra></extra>",
            mode="markers+text",
            textposition=[f"bottom {'left' if at > self.middle else 'right'}" for at in columns["x"]] or None,
            textfont={"color": colors or None},
            marker={"symbol": "triangle-up", "size": 12, "color": colors or None},
            showlegend=False,
        )

    def meta(self, lines: Sequence[Line], beyond: str) -> dict[str, Any]:
        """Send the same bounds to `frontend/lib/bounds.js`; `beyond` is the uid of the arrows' trace."""
        return {
            "ceiling": self.ceiling,
            "log": self.log,
            "middle": self.middle,
            "arrows": {line.uid: line.arrows for line in lines},
            "numbered": [line.uid for line in lines if line.numbered],
            "beyond": beyond,
        }
