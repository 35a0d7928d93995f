"""`/text`: what a text holds, before anything is trained on it."""

from __future__ import annotations

from dataclasses import fields
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.inspection import TextConfig, plain_data, text_facts
from rnnlab.limits import MAX_PASTED_CHARACTERS, MAX_SHOWN_VOCABULARY
from rnnlab.resources import corpus_text
from rnnlab.runs import Runner
from rnnlab.text import Source
from rnnlab.ui.api.signature import settings_of, signed
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.validation import Text


def describe_text(runner: Runner, request: gr.Request, text: str, corpus: str, *values: Any) -> dict[str, Any]:
    """Count the lines, characters and tokens of a text, and the minibatches of an epoch.

    `text` is the text itself; empty takes the one called `corpus` (lyrics-zh, lyrics-en, brackets, distance). The other
    arguments say how a training takes it. Returns `lines`, `characters`, `distinct` (characters of the whole text),
    `first_lines`, `tokens` (after the tokenizer), `taken` (of them), `vocab_size`, the `vocabulary` by id (each entry
    with `token`, `id` and `count`; at most 5000), the `beginning` as tokens with their ids, and the `minibatches` of an
    epoch (0: the text is too short).
    """
    with refusals_shown(request, program=True):
        config = TextConfig(**{item.name: value for item, value in zip(fields(TextConfig), values, strict=True)})
        text = Text(0, MAX_PASTED_CHARACTERS).check("text", text)
        found = text_facts(Source(text or corpus_text(corpus), ("UTF-8",)), config)
    row = plain_data(found)
    return {**row, "vocabulary": row["vocabulary"][:MAX_SHOWN_VOCABULARY]}


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    first = {"text": (str, ""), "corpus": (str, "lyrics-zh")}
    own = signed(describe_text, first, settings_of(TextConfig), dict)
    gr.api(MethodType(own, runner), api_name="text", concurrency_limit=8)
