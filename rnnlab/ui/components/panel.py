"""A panel: static HTML with its own style and module, which draws the panel's value.

A template holds no data: Gradio's templates run values as JavaScript.

The module exports `attach({ element, props, watch, trigger })`, which Gradio's `js_on_load` calls when the fragment is
on the page; the value is `props.value`. `frontend/boot.js` knows the address of the modules.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import gradio as gr

UI = Path(__file__).parents[1]
TABS = UI / "tabs"
PARTS = "<!-- parts -->"


def panel(elem_id: str, folder: str, value: Any = None, file: str = "panel", parts: Sequence[str] = ()) -> gr.HTML:
    """Make the panel of `tabs/<folder>/<file>.html`, `.css` and `.js`; `value` is its `props.value`.

    parts: names of files in the folder whose HTML stands in place of PARTS, each in a `<section data-section>`, which
    is hidden at first. The rules of a part's style sheet hold inside of its section alone.
    """
    name = PurePosixPath("tabs", folder, file)  # an empty folder is `tabs` itself
    html, css = ((UI / f"{name}.{kind}").read_text("utf-8") for kind in ("html", "css"))
    sections = []
    for part in parts:
        inner, style = ((TABS / folder / f"{part}.{kind}").read_text("utf-8") for kind in ("html", "css"))
        sections.append(f'<section data-section="{part}" hidden>\n{inner}</section>\n')
        css += f'[data-section="{part}"] {{\n{style}}}\n'
    html = html.replace(PARTS, "".join(sections))
    start = on_load(f"{name}.js")
    return gr.HTML(
        value, html_template=html, css_template=css, js_on_load=start, apply_default_css=False, elem_id=elem_id
    )


def on_load(module: str) -> str:
    """Return the line of JavaScript that imports a module of ours and attaches it to a panel.

    >>> on_load("tabs/train/panel.js")
    'import(rnnlab.module("tabs/train/panel.js")).then((it) => it.attach({ element, props, watch, trigger }))'
    """
    return f'import(rnnlab.module("{module}")).then((it) => it.attach({{ element, props, watch, trigger }}))'
