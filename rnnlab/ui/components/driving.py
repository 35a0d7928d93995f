"""Let scripts of the page set and read its fields (`frontend/lib/drive.js`), as links, tutorials and lessons do."""

from __future__ import annotations

import json
from collections.abc import Iterable

import gradio as gr
from gradio.components import Component

from rnnlab.ui.components.event_options import QUIET


def connect_driving(app: gr.Blocks, ids: Iterable[str]) -> None:
    """Let `drive.js` set and read the fields with these elem_ids, on whichever tab they are; call it last."""
    by_id = {block.elem_id: block for block in app.blocks.values() if isinstance(block, Component)}
    known = sorted(set(ids))
    components, names = [by_id[elem_id] for elem_id in known], json.dumps(known)
    to_set, to_read = (gr.Button("", elem_id=f"drive-{what}", elem_classes="unseen") for what in ("set", "read"))
    to_set.click(None, components, components, js=f"(...values) => rnnlab.drive.given({names}, values)", **QUIET)
    to_read.click(None, components, None, js=f"(...values) => rnnlab.drive.read({names}, values)", **QUIET)
