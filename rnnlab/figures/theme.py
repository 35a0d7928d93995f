"""One look for every figure. A colour always means the same thing (Okabe & Ito's palette, safe for all eyes)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnlab.recurrent import CellSpec


class CellColors(Mapping[str, str]):
    """Colours of the registered cells, and `more`, read at each use: importing this file does not load torch."""

    def __init__(self, entry: Callable[[str, CellSpec], tuple[str, str]], **more: str) -> None:
        self.entry, self.more = entry, more

    def _read(self) -> dict[str, str]:
        from rnnlab.recurrent import MODELS, cell_spec

        return dict(self.entry(model, cell_spec(model)) for model in MODELS) | self.more

    def __getitem__(self, key: str) -> str:
        return self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def model_color(model: str, spec: CellSpec) -> tuple[str, str]:
    """Return the entry of a cell in MODEL_COLORS."""
    return model, spec.color


MODEL_COLORS = CellColors(model_color)
# The same hues, lighter, for a dark page.
DARK_COLORS = CellColors(lambda model, spec: (spec.color, spec.dark_color or spec.color))
BASELINE_COLOR = "#8A8A8A"
GRID_COLOR = "rgba(128, 128, 128, 0.25)"
FONT_SIZE = 15  # px at 1280 × 720; the page enlarges it on larger screens
LINE_WIDTH = 3  # px
BASELINE_WIDTH = 1.5  # px


def base_layout(**changes: Any) -> dict[str, Any]:
    """What all figures share: no frame, the page's own background, room for labels, a horizontal legend on top."""
    axis = {"gridcolor": GRID_COLOR, "zeroline": False, "automargin": True, "title": {"standoff": 10}}
    layout = {
        "template": "none",
        "paper_bgcolor": "rgba(0, 0, 0, 0)",
        "plot_bgcolor": "rgba(0, 0, 0, 0)",
        "font": {"size": FONT_SIZE, "family": "system-ui, 'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC'"},
        "margin": {"l": 64, "r": 16, "t": 8, "b": 48},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "bgcolor": "rgba(0, 0, 0, 0)"},
        "hovermode": "x unified",
        "modebar": {"orientation": "v", "bgcolor": "rgba(0, 0, 0, 0)"},  # beside the curve, never over the legend
        "uirevision": "keep",  # zoom and hidden legend entries outlive new data
        "xaxis": dict(axis),
        "yaxis": dict(axis),
    }
    for name, value in changes.items():
        layout[name] = {**layout[name], **value} if isinstance(layout.get(name), dict) else value
    return layout
