"""One look for every figure. A colour always means the same thing (Okabe & Ito's palette, safe for all eyes)."""

from __future__ import annotations

from typing import Any

MODEL_COLORS = {"rnn": "#D55E00", "gru": "#0072B2", "lstm": "#009E73"}
# The same hues, lighter, for a dark page.
DARK_COLORS = {"#D55E00": "#FF8A3D", "#0072B2": "#56B4E9", "#009E73": "#33CC9E"}
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
