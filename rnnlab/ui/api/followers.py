"""`/followers`: what followed some characters in a text, and how an n-gram model backs off from them."""

from __future__ import annotations

from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.experiments.language_model import text_to_count, what_followed
from rnnlab.limits import MAX_PASTED_CHARACTERS
from rnnlab.runs import Runner
from rnnlab.ui.api.signature import signed
from rnnlab.ui.api.writers import DEFAULT_CORPUS, text_called
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.validation import Integer, Text

ROWS = Integer(1, 1000)
N = Integer(1, 5, optional=True)


def followers(
    runner: Runner, request: gr.Request, context: str, corpus: str, text: str, n: int | None, rows: int
) -> dict[str, Any]:
    """Count what followed `context`, three characters for example.

    `text` is the text itself; empty takes what the model called `corpus` has learned (lyrics-zh, lyrics-en, or the
    `run` of a row that /train gave you). Returns the `context` as the text has it, the ending of it that the table
    falls back to if nothing followed (`used`), and the most frequent `rows`: each a `token` with its `count`, its
    `share`, its `probability` by the n-gram model (by default the one that reads exactly the context), and the first
    `line` with what stands `before` and `after`. The `levels` are what the model has counted after each shorter
    context, with the weight `passed_on` to the next one.
    """
    with refusals_shown(request, program=True):
        most, order = ROWS.require("rows", rows), N.check("n", n)
        given = Text(0, MAX_PASTED_CHARACTERS).check("text", text)
        learned = text_to_count(given, "text") if given else text_called(runner, corpus)
        return what_followed(context, learned, most, order).to_dict()


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    arguments = {
        "context": (str, "不分开"),
        "corpus": (str, DEFAULT_CORPUS),
        "text": (str, ""),
        "n": (int | None, None),
        "rows": (int, 20),
    }
    own = signed(followers, arguments, [], dict)
    gr.api(MethodType(own, runner), api_name="followers", concurrency_limit=4)
