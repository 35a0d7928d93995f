"""A panel: static HTML with its own style and script, which draws the panel's value.

A template holds no data: Gradio's templates run values as JavaScript.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

TABS = Path(__file__).parents[1] / "tabs"


def panel(elem_id: str, folder: str, value: Any = None, file: str = "panel") -> gr.HTML:
    """Make the panel of `tabs/<folder>/<file>.html`, `.css` and `.js`; `value` is its `props.value`."""
    html, css, js = ((TABS / folder / f"{file}.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
    return gr.HTML(value, html_template=html, css_template=css, js_on_load=js, apply_default_css=False, elem_id=elem_id)
