"""Bound the axes and the number of points of every curve, for all values that a run can produce.

A value above the ceiling of its figure is a gap in its line and an arrow ▲ at the upper edge, with the number beside
the last arrow of each line. A long line is thinned to the lowest and the highest point of each stretch.
`frontend/lib/bounds.js` applies the same rules to the points that it appends; a browser test compares the two.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnnlab.limits import MAX_LINE_POINTS

MAX_ARROWS = 40  # of one line
MAX_DECADES_WITH_DIGITS = 2.5  # a longer log axis has labels at powers of ten only
MAX_LABELS = 6  # of a log axis, approximately

Points = Sequence[tuple[float, float | None]] | np.ndarray  # (x, y); y is None or NaN where there is no number


def short_number(value: float | None, digits: int = 4) -> str:
    """Write a number in few characters: from a million on as a power of ten; None is infinite.

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
    """Describe a logarithmic axis from `floor` to `ceiling`, with a bounded number of labels."""
    low, high = math.log10(floor), math.log10(ceiling)
    few = high - low <= MAX_DECADES_WITH_DIGITS
    return {
        "type": "log",
        "minallowed": low,
        "maxallowed": high,
        "dtick": "D2" if few else max(1, math.ceil((high - low) / MAX_LABELS)),
        "tickformat": ",~g" if high <= 6 else "~e",
        "exponentformat": "power",
    }


def thinned(x: np.ndarray, y: np.ndarray, limit: int = MAX_LINE_POINTS) -> tuple[np.ndarray, np.ndarray]:
    """Keep about `limit` points of x, y (N,): of each stretch the lowest, highest and first gap (NaN).

    >>> thinned(np.arange(6), np.array([1.0, 9.0, 2.0, 3.0, 0.0, 1.0]), limit=4)
    (array([0, 1, 3, 4]), array([1., 9., 3., 0.]))
    """
    if len(x) <= limit:
        return x, y
    kept: list[int] = []
    for part in np.array_split(np.arange(len(x)), max(1, limit // 2)):
        values = y[part]
        gaps = np.isnan(values)
        chosen = {int(part[gaps.argmax()])} if gaps.any() else set()
        if not gaps.all():
            chosen |= {int(part[np.nanargmin(values)]), int(part[np.nanargmax(values)])}
        kept += sorted(chosen)
    return x[kept], y[kept]


def as_array(points: Points | None) -> np.ndarray:
    """Return the points with a finite x as an array (N, 2); a missing y is NaN."""
    array = np.asarray(() if points is None else points, dtype=float).reshape(-1, 2)
    return array[np.isfinite(array[:, 0])]


def last_x(points: Points) -> int:
    """Return the largest x, rounded up: how far an axis must go; at least 1."""
    return max(1, math.ceil(as_array(points)[:, 0].max(initial=0)))


def named(names: Sequence[str], traces: Sequence[go.Scatter], labels: Mapping[str, str]) -> list[go.Scatter]:
    """Set the uid of each trace, by which a page finds it, and its label, in the order of `names`."""
    return [trace.update(uid=name, name=labels[name]) for name, trace in zip(names, traces, strict=True)]


@dataclass(frozen=True)
class Line:
    """A line with values that may be above the axis.

    uid: of its trace (see `named`).
    arrows: the maximum number of its arrows.
    numbered: whether the last arrow has its number beside it; the others show their numbers on hover.
    labelled: whether the right end of the line has a label with its number (`figures/end_labels.py`); an arrow there
        has none of its own.
    visible: whether the line and its arrows are drawn; the arrows of a hidden line keep their values.
    """

    uid: str
    name: str
    color: str
    points: Points | None = ()
    arrows: int = MAX_ARROWS
    numbered: bool = True
    labelled: bool = False
    visible: bool = True


@dataclass(frozen=True)
class Bounds:
    """The bounds of one figure.

    ceiling: the largest value that is drawn.
    log: whether the axis is logarithmic, so that only positive values are drawn.
    middle: of the horizontal axis; the numbers beside arrows are on the side of their arrow that faces it.
    """

    ceiling: float
    log: bool = False
    middle: float = 0.0

    def line(self, points: Points | None, **style: Any) -> go.Scatter:
        """Draw a line with a bounded number of points; values that the axis cannot show are gaps."""
        x, y = as_array(points).T
        hidden = ~np.isfinite(y) | (np.abs(y) > self.ceiling) | (self.log & (y <= 0))
        x, y = thinned(x, np.where(hidden, math.nan, y))
        return go.Scatter(x=x.tolist(), y=[None if math.isnan(value) else value for value in y.tolist()], **style)

    def arrows(self, lines: Sequence[Line]) -> go.Scatter:
        """Draw values above the ceiling as arrows at the upper edge; numbers of lines are below one another.

        NaN counts as infinite, because JSON writes both as null.
        """
        columns: dict[str, list[Any]] = {name: [] for name in ("x", "y", "text", "hovertext", "color", "customdata")}
        row = 0
        for line in lines:
            points = as_array(line.points)
            shown = points[~(points[:, 1] <= self.ceiling)][-line.arrows :].tolist()
            for at, value in shown:
                value = value if math.isfinite(value) else None
                columns["x"].append(at)
                columns["y"].append(self.ceiling if line.visible else None)
                columns["text"].append("")
                columns["hovertext"].append(f"{line.name}: {short_number(value)}")
                columns["color"].append(line.color)
                columns["customdata"].append([line.uid, value])
            at_label = shown and line.labelled and shown[-1][0] == points[-1, 0]
            if shown and line.numbered and line.visible and not at_label:
                columns["text"][-1] = "<br>" * row + short_number(value)
                row += 1
        colors = columns.pop("color")
        return go.Scatter(
            **columns,
            hovertemplate="%{hovertext}<extra></extra>",
            mode="markers+text",
            textposition=[f"bottom {'left' if at > self.middle else 'right'}" for at in columns["x"]] or None,
            textfont={"color": colors or None},
            marker={"symbol": "triangle-up", "size": 12, "color": colors or None},
            showlegend=False,
        )

    def meta(
        self, lines: Sequence[Line] = (), beyond: str = "", ends: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    ) -> dict[str, Any]:
        """Return the bounds for `frontend/lib/bounds.js`.

        `beyond` is the uid of the trace of arrows; `ends` has the right ends of the lines that are labelled there.
        """
        return {
            "ceiling": self.ceiling,
            "log": self.log,
            "middle": self.middle,
            "max_points": MAX_LINE_POINTS,
            "arrows": {line.uid: line.arrows for line in lines},
            "numbered": [line.uid for line in lines if line.numbered],
            "beyond": beyond,
            "ends": dict(ends),
        }
