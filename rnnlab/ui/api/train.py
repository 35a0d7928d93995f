"""`/train`: train a language model and return a row per epoch."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import fields
from types import MethodType
from typing import Any

import gradio as gr
from starlette.concurrency import run_in_threadpool

from rnnlab.experiments.language_model import PRESETS, Config, Epoch, preset
from rnnlab.perplexity import with_bits
from rnnlab.runs import FAILED, Row, Run, Runner
from rnnlab.ui.api.signature import may_be_null, signed
from rnnlab.ui.api.snapshots import snapshots
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.ui.session.client_id import client_id_of
from rnnlab.ui.tabs.own_text import sent_text
from rnnlab.ui.tabs.train.runs import new_run
from rnnlab.validation import NONE, Choice, InvalidInput, rule_of

POLL = 0.1  # seconds between two snapshots of a run
MAX_SILENCE = 5.0  # seconds without a row
TAKEN = (  # of the text: how much of it is learned or held out, and what is possible on it
    "characters_taken", "characters_total", "entropy_perplexity",
)  # fmt: skip
# Gradio sends what changed since the last row, and gets lists within lists wrong that become shorter: none are sent.
NOT_SENT = ("copied_runs",)
EMPTY_ROW: Row = {
    "kind": "epoch",
    **{item.name: None for item in fields(Epoch) if item.name not in NOT_SENT},
    "epoch": 0,
    "samples": [],
}


async def train(runner: Runner, request: gr.Request, recipe: str, text: str, *values: Any) -> AsyncIterator[Row]:
    """Train a language model; a row per epoch comes back, and the last row once more at the end.

    `preset` is the recipe to start from; `corpus` is lyrics-zh, lyrics-en, brackets, distance, or own for the `text`
    that you send. Every other argument replaces a setting of the recipe: null keeps it, "none" stands for no limit
    where that is allowed. Of your own text all is learned unless `max_tokens` or a tutorial's recipe says a number. The
    first row is an epoch 0 without numbers, with what the untrained model writes. A row holds the epoch's numbers and
    samples, the bits per token of its perplexities (log2), `characters_taken` of the `characters_total` in the text,
    the `entropy_perplexity` that is the lowest possible on brackets and distance, the `test_perplexity` at the end if
    there is a test text, the `state`, the `position` in the queue, from 1 while it waits, and `run`, by which /generate
    finds the model while the server keeps it. When there has been none for five seconds, the last row comes again with
    the state as it is then. Cancelling the call, or going away, stops the run.
    """
    with refusals_shown(request, program=True):
        # In a thread, because it reads a text; nothing is lost if the client cancels meanwhile.
        run = await run_in_threadpool(_requested_run, runner, recipe, text, values, client_id_of(request))
        runner.start(run)
    try:
        with run.viewers.watch():
            async for row in _epochs(runner, run):
                yield row
    finally:
        runner.stop(run)
    with refusals_shown(request, program=True):
        if run.state == FAILED:
            raise run.error if isinstance(run.error, InvalidInput) else InvalidInput("run_failed", "run")


def _requested_run(runner: Runner, recipe: str, text: str, values: tuple[Any, ...], owner: str) -> Run:
    """Make the requested run, not started yet. Raises InvalidInput."""
    Choice(tuple(PRESETS)).check("preset", recipe)
    config = preset(recipe).config(**_given(values))
    return new_run(runner, config, sent_text(config.corpus, text), owner)


def _given(values: tuple[Any, ...]) -> dict[str, Any]:
    """Return the settings that are not null, with "none" as None where a setting is optional."""
    given = {}
    for item, value in zip(fields(Config), values, strict=True):
        if value is not None:
            may_be_none = getattr(rule_of(item), "optional", False)
            given[item.name] = None if may_be_none and value == NONE else value
    return given


async def _epochs(runner: Runner, run: Run) -> AsyncIterator[Row]:
    """Yield a row per epoch as it ends, and the last one again with the state in which the run ended.

    A client that has left is noticed when a row goes out to it, so one goes out at least every MAX_SILENCE.
    """
    last, sent = EMPTY_ROW, time.monotonic()
    taken: Row = dict.fromkeys((*TAKEN, "test_perplexity"))
    async for snapshot in snapshots(runner, run, POLL):
        stands = {"run": run.id, "state": snapshot.state, "position": snapshot.position}
        for row in snapshot.rows:
            if row["kind"] == "start":
                taken |= {name: row.get(name) for name in TAKEN}
            if row["kind"] == "untrained":
                row = {**EMPTY_ROW, "samples": row["samples"]}
            if row["kind"] == "finished":
                taken["test_perplexity"] = row["test_perplexity"]
            if row["kind"] == "epoch":
                last, sent = {name: value for name, value in row.items() if name not in NOT_SENT}, time.monotonic()
                yield {**with_bits(last), **taken, **stands}
        if snapshot.over or time.monotonic() - sent > MAX_SILENCE:
            sent = time.monotonic()
            yield {**with_bits(last), **taken, **stands}


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    settings = [may_be_null(item) for item in fields(Config)]
    own = signed(train, {"preset": (str, "quick"), "text": (str, "")}, settings, Row)
    gr.api(MethodType(own, runner), api_name="train", concurrency_limit=None)
