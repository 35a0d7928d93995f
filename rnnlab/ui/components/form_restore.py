"""Restore a settings form after a reload: it shows the settings of the visitor's run.

`frontend/lib/form.js` does this in the browser. The panel's payload carries the run's settings; fields edited since
then are kept in the session storage of the browser tab.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import gradio as gr
from gradio.components import Component

from rnnlab.ui.components.settings_form import shown_values
from rnnlab.validation import Config

Ids = Mapping[str, str]  # of each setting, the elem_id of its field


def connect_form(name: str, panel: gr.HTML, fields: Mapping[str, Component]) -> None:
    """Have `frontend/lib/form.js` fill and mark `fields` (named by their settings) each time `panel` has drawn."""
    components = list(fields.values())
    about = f"{json.dumps(name)}, {json.dumps([component.elem_id for component in components])}"
    only_here = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    panel.submit(None, components, components, js=f"(...values) => rnnlab.form.fill({about}, values)", **only_here)
    changes = [component.change for component in components]
    edited = f"(...values) => rnnlab.form.edited({about}, values)"
    gr.on(changes, None, components, None, js=edited, trigger_mode="always_last", **only_here)


def chosen_by_hand(name: str, elem_id: str) -> str:
    """Return JavaScript for a field whose choice sets others; it passes null if `form.js` itself has set the field."""
    return f"(value, ...others) => [rnnlab.form.byHand({json.dumps(name)}, {json.dumps(elem_id)}, value), ...others]"


def chosen_anew(name: str, elem_id: str) -> str:
    """JavaScript for a list whose choice sets others: it passes no value if the choice is the one of before."""
    return f"(value, ...others) => [rnnlab.form.anew({json.dumps(name)}, {json.dumps(elem_id)}, value), ...others]"


def settings_shown(config: Config, ids: Ids) -> dict[str, Any]:
    """What each field shows for `config`, by its elem_id."""
    return dict(zip(ids.values(), shown_values(config, list(ids)), strict=True))
