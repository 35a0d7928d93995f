"""List all figures, each with an empty case and a case from arbitrary points, for the tests.

To add a figure, write `rnnlab/figures/<name>.py` with `<name>_figure` and a call of `register`, and export the function
in `rnnlab/figures/__init__.py`. The tests in `tests/figures/test_registry.py` and `tests/browser/test_figures.py` then
draw it without data, with infinite, missing and huge values, and with many points.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from rnnlab.figures.bounds import Points


@dataclass(frozen=True)
class RegisteredFigure:
    """The test cases of one figure.

    empty: draws it without data.
    of_points: draws it with the given (x, y) points in each of its lines, or as many of them as the figure can have; y
    may be infinite, NaN, None, negative or huge.
    fits_page: whether all texts are legible at 760 × 400 px; False for a figure with the width of a notebook.
    """

    name: str
    empty: Callable[[], go.Figure]
    of_points: Callable[[Points], go.Figure]
    fits_page: bool = True


REGISTRY: dict[str, RegisteredFigure] = {}


def register(
    name: str, empty: Callable[[], go.Figure], of_points: Callable[[Points], go.Figure], *, fits_page: bool = True
) -> None:
    """Add the function `<name>_figure` to REGISTRY; raise ValueError if there is a figure of this name."""
    if name in REGISTRY:
        raise ValueError(f"there is a figure {name!r} already")
    REGISTRY[name] = RegisteredFigure(name, empty, of_points, fits_page)


def extreme_points() -> dict[str, Points]:
    """Return points that no run should produce, by a name, with which the tests draw every figure."""
    wild = (5.0, 1e300, math.inf, math.nan, -3.0, 0.0, None, 1e-300, 2e10, 7.0)
    many = np.arange(100_000)
    return {
        "wild values": list(enumerate(wild, start=1)),
        "exploding values": [(i / 30, min(10.0 ** (i / 3), 1e306)) for i in range(1, 301)],
        "100,000 points": np.column_stack([many / 5000, 1.0 + many * 7919 % 1000]),
    }
