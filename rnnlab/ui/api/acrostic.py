"""`/acrostic`: lines that begin, or end, with given characters, and what each of these costs the model."""

from __future__ import annotations

from dataclasses import fields
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.experiments.language_model import acrostic_row, write_acrostic
from rnnlab.generation import Acrostic
from rnnlab.resources import SHIPPED_MODELS
from rnnlab.runs import Runner
from rnnlab.ui.api.signature import parameter, settings_of, signed
from rnnlab.ui.api.writers import DEFAULT_CORPUS, writer_called
from rnnlab.ui.i18n.errors import refusals_shown


def acrostic_of(runner: Runner, request: gr.Request, model: str, *values: Any) -> dict[str, Any]:
    """Write a line for each of the `heads`, which stands at its start or end (`at`); tell what each head costs.

    `model` and `corpus` are as in /generate; `min_line` and `max_line` are by default the quartiles of the lines of
    the learned text, and are returned. Each of the `lines` has its `text`, in which text[head_start:head_end] is the
    head, the head's `probability`, `rank` and `bits` in the model's own distribution, what was `likeliest` there, the
    `end_probability`, and the `candidates` of which the line is that of number `chosen`. Of a head that the model does
    not know, these are null; it is told which are `nearest`, by which `measure`, and the first of them was read.
    """
    with refusals_shown(request, program=True):
        *settings, corpus = values
        how = Acrostic(**dict(zip([item.name for item in fields(Acrostic)], settings, strict=True)))
        written = write_acrostic(writer_called(runner, model, corpus), how)
        lines = [acrostic_row(line) for line in written.lines]
    return {"min_line": written.how.min_line, "max_line": written.how.max_line, "lines": lines}


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    settings = [*settings_of(Acrostic), parameter("corpus", str, DEFAULT_CORPUS)]
    own = signed(acrostic_of, {"model": (str, next(iter(SHIPPED_MODELS)))}, settings, dict)
    gr.api(MethodType(own, runner), api_name="acrostic", concurrency_limit=4)
