"""`/train`: a language model trains, and a row per epoch comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.experiments.language_model import PRESETS, Config, preset
from rnnlab.runs import FAILED, Row, Run, Runner
from rnnlab.ui.api.signature import may_be_null, signed
from rnnlab.ui.refusals import refusals_shown
from rnnlab.ui.training import LONGEST_PASTE, OWN, new_run
from rnnlab.validation import NONE, Choice, InvalidInput, Text, rule_of

POLL = 0.1  # seconds between two looks at a run


def train(runner: Runner, request: gr.Request, recipe: str, text: str, *values: Any) -> Iterator[Row]:
    """Train a language model; a row per epoch comes back as it ends, and the last row once more at the end.

    `preset` is the recipe to start from; `corpus` is lyrics-zh, lyrics-en, or own for the `text` that you send. Every
    other argument replaces a setting of the recipe: null keeps it, "none" stands for no limit where that is allowed.
    A row holds the epoch's numbers and samples, the `state`, and `run`, by which /generate finds the model while the
    server keeps it. Cancelling the call stops the run.
    """
    with refusals_shown(request):
        Choice(tuple(PRESETS)).check("preset", recipe)
        config = preset(recipe).config(**_given(values))
        own = Text(2, LONGEST_PASTE).check("text", text) if config.corpus == OWN else None
        run = runner.start(new_run(config, own))
    try:
        with run.viewer():
            yield from _epochs(run)
    finally:
        runner.stop(run)
    with refusals_shown(request):
        if run.state == FAILED:
            raise run.error if isinstance(run.error, InvalidInput) else InvalidInput("run_failed", "run")


def _given(values: tuple[Any, ...]) -> dict[str, Any]:
    """The settings that were sent: not null, with "none" as None where a setting may be none."""
    given = {}
    for item, value in zip(fields(Config), values, strict=True):
        if value is not None:
            may_be_none = getattr(rule_of(item), "optional", False)
            given[item.name] = None if may_be_none and value == NONE else value
    return given


def _epochs(run: Run) -> Iterator[Row]:
    """The run's epochs as they end; after the last, that row again with the state in which the run ended."""
    cursor, last = 0, {"epoch": 0}
    while True:
        snapshot = run.since(cursor)
        cursor = snapshot.cursor
        for row in snapshot.rows:
            if row["kind"] == "epoch":
                last = row
                yield {**row, "run": run.id, "state": snapshot.state}
        if run.wait(POLL) and run.since(cursor).cursor == cursor:
            yield {**last, "run": run.id, "state": run.state}
            return


def build_endpoint(runner: Runner) -> None:
    settings = [may_be_null(item) for item in fields(Config)]
    own = signed(train, {"preset": (str, "quick"), "text": (str, "")}, settings, Row)
    gr.api(MethodType(own, runner), api_name="train", concurrency_limit=None)
