"""Panels: a static page fragment with its own script, which draws what it is told. No data goes into the template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

STATIC = Path(__file__).parent / "static"


def panel(name: str, value: Any = None) -> gr.HTML:
    """The panel made of `static/<name>.html`, `.css` and `.js`; the script finds `value` as `props.value`."""
    html, css, js = ((STATIC / f"{name}.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
    return gr.HTML(value, html_template=html, css_template=css, js_on_load=js, apply_default_css=False, elem_id=name)
