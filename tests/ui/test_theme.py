"""Colours that carry text can be read, in light and in dark."""

import re

import pytest

from rnnlab.figures.theme import DARK_COLORS, MODEL_COLORS
from rnnlab.ui.components.panel import TABS
from rnnlab.ui.theme import lab_theme

PAIRS = [
    ("body_text_color", "body_background_fill"),
    ("body_text_color_subdued", "body_background_fill"),
    ("body_text_color_subdued", "background_fill_secondary"),
    ("block_title_text_color", "body_background_fill"),
    ("block_info_text_color", "body_background_fill"),
    ("block_label_text_color", "body_background_fill"),
    ("link_text_color", "body_background_fill"),
    ("input_placeholder_color", "input_background_fill"),
    ("button_primary_text_color", "button_primary_background_fill"),
    ("button_primary_text_color", "button_primary_background_fill_hover"),
    ("button_secondary_text_color", "button_secondary_background_fill"),
    ("button_secondary_text_color", "button_secondary_background_fill_hover"),
    ("button_cancel_text_color", "button_cancel_background_fill"),
    ("button_cancel_text_color", "button_cancel_background_fill_hover"),
    ("checkbox_label_text_color_selected", "checkbox_label_background_fill_selected"),
]


def colour(theme, name, dark):
    """Resolve a theme's variable to `#rrggbb`."""
    value = (getattr(theme, f"{name}_dark", None) if dark else None) or getattr(theme, name)
    while value.startswith("*"):
        value = getattr(theme, value[1:])
    return {"white": "#ffffff"}.get(value, value)


def luminance(hexadecimal):
    """Relative luminance (WCAG 2.2)."""
    channels = [int(hexadecimal[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_colours_have_enough_contrast(text, ground, dark):
    theme = lab_theme()
    lighter, darker = sorted((luminance(colour(theme, name, dark)) for name in (text, ground)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_no_font_is_fetched():
    theme = lab_theme()
    assert theme._stylesheets == []
    assert not re.search(r"url\(['\"]?(?!['\"]?data:)|@font-face|@import", theme._get_theme_css())


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_colours_of_tags_are_readable_and_differ_from_those_of_models(dark):
    rules = re.findall(r"\.tagged \{ (--thing.*) \}", (TABS / "tag" / "sentence" / "panel.css").read_text("utf-8"))
    hues = re.findall(r"#[0-9a-f]{6}", rules[dark])
    ground = luminance(colour(lab_theme(), "body_background_fill", dark))
    assert len(set(hues)) == 6
    for hue in hues:
        lighter, darker = sorted((luminance(hue), ground), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 3
        assert hue.upper() not in {*MODEL_COLORS.values(), *DARK_COLORS.values()}
