"""`/export`: a run as a script, a notebook, numbers, or a reader of its weights."""

from __future__ import annotations

from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.export import TEXT_KINDS, export
from rnnlab.resources import SHIPPED_MODELS
from rnnlab.runs import Runner
from rnnlab.ui.api.signature import signed
from rnnlab.ui.api.writers import model_called
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.validation import Choice


def take_along(runner: Runner, request: gr.Request, model: str, kind: str) -> dict[str, Any]:
    """Write a run as a file: lyrics-zh, lyrics-en, or the `run` of a row that /train gave you.

    `kind` is script (plain PyTorch, prints the same numbers), notebook, csv (the curve), or reader (lines that load the
    weights into torch.nn). Returns the `name` of a file for it, its `content`, and how many `bytes` and `lines` it has.
    """
    with refusals_shown(request, program=True):
        kind = Choice(TEXT_KINDS).check("kind", kind)
        exported = export(model_called(runner, model), kind)
    return {
        "name": exported.name,
        "kind": exported.kind,
        "content": exported.content.decode(),
        "bytes": len(exported.content),
        "lines": exported.lines,
    }


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    own = signed(take_along, {"model": (str, next(iter(SHIPPED_MODELS))), "kind": (str, TEXT_KINDS[0])}, [], dict)
    gr.api(MethodType(own, runner), api_name="export", concurrency_limit=8)
