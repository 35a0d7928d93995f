"""`/sine`: a network learns cos t from sin t, with one memory or all three."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import fields, replace
from functools import partial
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.experiments.event import Event, row
from rnnlab.experiments.sine import ComparisonConfig, Wave
from rnnlab.experiments.sine import run as train
from rnnlab.runs import LESSON, QUEUED, RUNNING, Row, Run, Runner
from rnnlab.ui.api.signature import settings_of, signed
from rnnlab.ui.api.snapshots import snapshots
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.ui.session.client_id import client_id_of
from rnnlab.ui.tabs.lesson import Lesson, View
from rnnlab.ui.tabs.sine import payload
from rnnlab.validation import InvalidInput

VIEW = replace(payload.VIEW, run=train)  # without the phase planes of the page
Result = Callable[[Run, ComparisonConfig], Row]
POLL = 0.2  # seconds between two snapshots of a run
SAMPLES = ("t", "input", "target", "prediction")


async def learn(runner: Runner, request: gr.Request, *values: Any) -> AsyncGenerator[Row]:
    """Let a network hear sin t, window by window, and say cos t; `memory` is carried, reset, bptt or all.

    While it learns you get a few rows a second: the `state`, queued or running, the `position` in the queue, the
    last `window` of all `windows`, and the `mean_loss` of each memory. The last row is the result, and that alone
    is what `predict` returns: for each memory, by its name, the `loss` of every window, `mean_loss` over the last 20,
    the `last_window` (its times `t`, `input`, `target` and `prediction`), and `free_run_error`, the mean squared error
    of every window in which the network went on alone. How long a run may be is limited: a refusal says how far.
    Cancelling the call, or going away, stops the run.
    """
    async with aclosing(answered(runner, request, values, VIEW, _result)) as rows:
        async for row in rows:
            yield row


async def answered(
    runner: Runner, request: gr.Request, values: tuple[Any, ...], view: View, result: Result
) -> AsyncGenerator[Row]:
    """Run the lesson as `view` runs it; yield its progress, then `result` of the ended run."""
    names = [item.name for item in fields(ComparisonConfig)]
    with refusals_shown(request, program=True):
        config = ComparisonConfig(**dict(zip(names, values, strict=True)))
        lesson = Lesson(view, config)
        run = runner.start(Run(lesson, partial(record, config.windows), pool=LESSON, owner=client_id_of(request)))
    try:
        with run.viewers.watch():
            async for row in _progress(runner, run, config):
                yield row
    finally:
        runner.forget(run)
    with refusals_shown(request, program=True):
        yield result(run, config)


def record(windows: int, event: Event) -> Row:
    """Return an event's row; only that of the last window of training keeps its samples."""
    kept = row(event)
    if isinstance(event, Wave) and not (kept["kind"] == "window" and event.window == windows):
        for name in SAMPLES:
            del kept[name]
    return kept


async def _progress(runner: Runner, run: Run, config: ComparisonConfig) -> AsyncGenerator[Row]:
    """Yield the progress of the run until it has ended.

    A client that has left is noticed when a row goes out to it.
    """
    window = 0
    mean_loss: dict[str, float] = {}
    async for snapshot in snapshots(runner, run, POLL):
        for item in snapshot.rows:
            if item["kind"] == "window":
                window, mean_loss = item["window"], {**mean_loss, item["memory"]: item["mean_loss"]}
        if snapshot.state in (QUEUED, RUNNING):
            progress = {"window": window, "windows": config.windows, "mean_loss": mean_loss}
            yield {"state": snapshot.state, "position": snapshot.position, **progress}


def _result(run: Run, config: ComparisonConfig) -> dict[str, Any]:
    """Return the result of an ended run.

    Raises InvalidInput if the run diverged, failed, or was stopped with the server.
    """
    found: dict[str, Any] = {memory: {"loss": [], "free_run_error": []} for memory in config.memories}
    for item in run.since(0).rows:
        match item:
            case {"kind": "window", "memory": memory}:
                found[memory]["loss"].append(item["loss"])
                found[memory]["mean_loss"] = item["mean_loss"]
                if item["window"] == config.windows:
                    found[memory]["last_window"] = {name: item[name] for name in SAMPLES}
            case {"kind": "freerun", "memory": memory}:
                found[memory]["free_run_error"].append(item["error"])
            case {"kind": "finished"}:
                return found
    raise failure_of(run)


def failure_of(run: Run) -> InvalidInput:
    """Return why a run has no result: it diverged, failed, or was stopped with the server."""
    for item in run.since(0).rows:
        if item["kind"] == "diverged":
            return InvalidInput("sine_diverged", "learning_rate", window=item["window"], memory=item["memory"])
    return InvalidInput("run_failed", "run")


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    own = signed(learn, {}, settings_of(ComparisonConfig), Row)
    gr.api(MethodType(own, runner), api_name="sine", concurrency_limit=None)
