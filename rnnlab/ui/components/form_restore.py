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

from rnnlab.ui.components.event_options import QUIET, changes_of
from rnnlab.ui.components.settings_form import shown_values
from rnnlab.validation import Config

Ids = Mapping[str, str]  # of each setting, the elem_id of its field


def connect_form(name: str, panel: gr.HTML, fields: Mapping[str, Component]) -> None:
    """Let `frontend/lib/form.js` fill and mark `fields` (by setting) each time `panel` has drawn."""
    components = list(fields.values())
    about = f"{json.dumps(name)}, {json.dumps([component.elem_id for component in components])}"
    panel.submit(None, components, components, js=f"(...values) => rnnlab.form.fill({about}, values)", **QUIET)
    edited = f"(...values) => rnnlab.form.edited({about}, values)"
    gr.on(changes_of(components), None, components, None, js=edited, trigger_mode="always_last", **QUIET)


def chosen_by_hand(name: str, elem_id: str) -> str:
    """Return JavaScript for a choice that sets other fields; it passes null if `form.js` has set it."""
    return f"(value, ...others) => [rnnlab.form.byHand({json.dumps(name)}, {json.dumps(elem_id)}, value), ...others]"


def chosen_anew(name: str, elem_id: str) -> str:
    """Return JavaScript for a choice that sets other fields; it passes null if the choice is unchanged."""
    return f"(value, ...others) => [rnnlab.form.anew({json.dumps(name)}, {json.dumps(elem_id)}, value), ...others]"


def settings_shown(config: Config, ids: Ids) -> dict[str, Any]:
    """Return what each field shows for `config`, by its elem_id."""
    return dict(zip(ids.values(), shown_values(config, list(ids)), strict=True))
