"""`/evaluate`: measure how well a trained model predicts a text."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.experiments.event import plain
from rnnlab.experiments.language_model import Config
from rnnlab.experiments.language_model.text_evaluation import Evaluation, evaluating
from rnnlab.limits import MAX_PASTED_CHARACTERS
from rnnlab.resources import CORPORA, SHIPPED_MODELS, corpus_text
from rnnlab.runs import Runner
from rnnlab.ui.api.signature import signed
from rnnlab.ui.api.writers import model_called
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.ui.tabs.own_text import OWN
from rnnlab.validation import Choice, Text

INTERVAL = 1.0  # seconds between two rows; a call that was cancelled ends at the next one

Answer = dict[str, Any]


def evaluate_text(runner: Runner, request: gr.Request, model: str, corpus: str, text: str) -> Iterator[Answer]:
    """Measure how well a model predicts a text: lyrics-zh, lyrics-en, or the `run` of a row that /train gave you.

    `corpus` is lyrics-zh, lyrics-en, brackets, distance, or own for the `text` that you send. Returns `nats`, `bits`
    and `perplexity` per predicted token (a character, unless the model's tokenizer cuts words), the number of
    `predicted` tokens and of all `tokens`, and of those that the model does not know (`unknown`, the first of them in
    `unknown_tokens`): these are left out. Every token is predicted once, except the first. That is the last row, and
    what `predict` returns; before, a long text yields the `share` that has been read, once a second. Cancelling the
    call ends it.
    """
    with refusals_shown(request, program=True):
        checkpoint = model_called(runner, model)
        if Choice((*CORPORA, OWN)).check("corpus", corpus) == OWN:
            read, field = Text(2, MAX_PASTED_CHARACTERS).check("text", text), "text"
        else:
            read, field = corpus_text(corpus, Config.from_strings(checkpoint.config).distance), "corpus"
        parts = evaluating(checkpoint, read, device="cpu", field=field)
        share = next(parts, None)  # what is refused is refused here
    sent = time.monotonic()
    while share is not None:
        if time.monotonic() - sent > INTERVAL:
            sent = time.monotonic()
            yield {"share": share}
        try:
            share = next(parts)
        except StopIteration as end:
            result: Evaluation = end.value
            yield plain(asdict(result))
            return


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    first = {"model": (str, next(iter(SHIPPED_MODELS))), "corpus": (str, OWN), "text": (str, "")}
    gr.api(MethodType(signed(evaluate_text, first, [], Answer), runner), api_name="evaluate", concurrency_limit=2)
