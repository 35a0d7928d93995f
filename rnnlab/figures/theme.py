"""Define the colours (Okabe & Ito's palette, safe for colour blindness) and layout of all figures."""

from __future__ import annotations

from typing import Any

MODEL_COLORS = {"rnn": "#D55E00", "gru": "#0072B2", "lstm": "#009E73"}
NO_RECURRENCE_COLOR = "#9463A8"  # of a model without a recurrent layer; readable on light and dark pages
OTHER_MODEL_COLOR = "#A6761D"  # of a recurrent layer without an entry above; readable on light and dark pages
# The same hues, lighter, for a dark page.
DARK_COLORS = {"#D55E00": "#FF8A3D", "#0072B2": "#56B4E9", "#009E73": "#33CC9E"}
BASELINE_COLOR = "#8A8A8A"
GRID_COLOR = "rgba(128, 128, 128, 0.25)"
FONT_SIZE = 15  # px at 1280 × 720; the page enlarges it on larger screens
LINE_WIDTH = 3  # px
BASELINE_WIDTH = 1.5  # px


def model_color(model: str) -> str:
    """Return the colour of a model: "rnn", "gru", "lstm", "none" or another recurrent layer."""
    return {**MODEL_COLORS, "none": NO_RECURRENCE_COLOR}.get(model, OTHER_MODEL_COLOR)


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
