"""Keep the values of fields over a reload (`frontend/lib/fields.js` stores them in the browser tab)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

from rnnlab.ui.components.event_options import QUIET, changes_of
from rnnlab.ui.i18n.languages import Language


def remember(
    app: gr.Blocks, name: str, components: Sequence[Component], first: Mapping[Language, Sequence[Any]] | None = None
) -> None:
    """Let `components` show after a reload what they showed before; the browser keeps it under `name`.

    `first` is what they show when nothing is kept, in the page's language; without it they stay as they are built.
    """
    changes = changes_of(components)
    gr.on(changes, None, components, None, js=f"(...values) => rnnlab.keep({json.dumps(name)}, values)", **QUIET)
    start = f"({json.dumps(first)})[rnnlab.languageKey()]" if first else "[]"
    restored = f"() => rnnlab.kept({json.dumps(name)}, {len(components)}, {start})"
    app.load(None, None, components, js=restored, **QUIET)
