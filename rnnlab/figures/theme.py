"""Define the colours (Okabe & Ito's palette, safe for colour blindness) and layout of all figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnlab.recurrent import CellSpec


class CellColors(Mapping[str, str]):
    """Colours of the registered cells, read at each use: importing this file does not load torch."""

    def __init__(self, entry: Callable[[str, CellSpec], tuple[str, str]]) -> None:
        self.entry = entry

    def _read(self) -> dict[str, str]:
        from rnnlab.recurrent import MODELS, cell_spec

        return dict(self.entry(model, cell_spec(model)) for model in MODELS)

    def __getitem__(self, key: str) -> str:
        return self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


MODEL_COLORS = CellColors(lambda model, spec: (model, spec.color))
NO_RECURRENCE_COLOR = "#9463A8"  # of a model without a recurrent layer; readable on light and dark pages
OTHER_MODEL_COLOR = "#A6761D"  # of a recurrent layer without an entry above; readable on light and dark pages
# The same hues, lighter, for a dark page.
DARK_COLORS = CellColors(lambda model, spec: (spec.color, spec.dark_color or spec.color))
BASELINE_COLOR = "#8A8A8A"
GRID_COLOR = "rgba(128, 128, 128, 0.25)"
FONT_SIZE = 16  # px at 1280 × 720; the page enlarges it on larger screens
LINE_WIDTH = 3  # px
BASELINE_WIDTH = 1.5  # px


def model_color(model: str) -> str:
    """Return the colour of a model: a registered cell, "none", or another recurrent layer."""
    return NO_RECURRENCE_COLOR if model == "none" else MODEL_COLORS.get(model, OTHER_MODEL_COLOR)


def base_layout(**changes: Any) -> dict[str, Any]:
    """Return the shared layout of figures with `changes`, of which dicts are merged one level deep.

    It has no frame, the page's background, room for labels, and a horizontal legend at the top.
    """
    axis = {"gridcolor": GRID_COLOR, "zeroline": False, "automargin": True, "title": {"standoff": 10}}
    layout: dict[str, Any] = {
        "template": "none",
        "paper_bgcolor": "rgba(0, 0, 0, 0)",
        "plot_bgcolor": "rgba(0, 0, 0, 0)",
        "font": {"size": FONT_SIZE, "family": "system-ui, 'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC'"},
        "margin": {"l": 64, "r": 16, "t": 8, "b": 48},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "bgcolor": "rgba(0, 0, 0, 0)"},
        "hovermode": "x unified",
        "modebar": {"orientation": "v", "bgcolor": "rgba(0, 0, 0, 0)"},  # beside the plot, so that the legend is free
        "uirevision": "keep",  # zoom and hidden legend entries are kept when data are added
        "xaxis": dict(axis),
        "yaxis": dict(axis),
    }
    for name, value in changes.items():
        layout[name] = {**layout[name], **value} if isinstance(layout.get(name), dict) else value
    return layout
