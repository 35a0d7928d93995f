"""`/<name>`: the run of a lesson that has no endpoint of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import fields
from functools import partial
from types import MethodType
from typing import Any

import gradio as gr
from starlette.concurrency import run_in_threadpool

from rnnlab.runs import FINISHED, QUEUED, RUNNING, Row, Run, Runner
from rnnlab.ui.api.signature import parameter, settings_of, signed
from rnnlab.ui.api.snapshots import snapshots
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.ui.session.client_id import client_id_of
from rnnlab.ui.tabs.lesson import Lesson, TakesText, View
from rnnlab.ui.tabs.own_text import sent_text
from rnnlab.validation import InvalidInput

POLL = 0.2  # seconds between two snapshots of the run
ANSWER = """

    Every argument is a setting of the run. While it runs you get a few rows a second: the `state`, queued or running,
    the `position` in the queue, and the newest row of the run as `latest`. The last row is the result, and that alone
    is what `predict` returns: all `rows` of the run, in the order in which they came. Cancelling the call stops it.
"""
TEXT = """ The `corpus` own stands for the `text` that you send.
"""


def build_lesson_endpoint(view: View, runner: Runner) -> None:
    """Register the endpoint that runs `view` with the settings that a program sends."""
    settings = settings_of(view.config)

    async def run_lesson(runner: Runner, request: gr.Request, *values: Any) -> AsyncIterator[Row]:
        with refusals_shown(request, program=True):
            # In a thread, because it may read a long text; nothing is lost if the client cancels meanwhile.
            make: Callable[[], Lesson] = partial(_requested, view, values[: len(settings)], *values[len(settings) :])
            if takes_text:
                make = partial(runner.make, client_id_of(request), make)
            lesson = await run_in_threadpool(make)
            run = runner.start(Run(lesson, view.new_record(), pool=view.pool, owner=client_id_of(request)))
        latest: Row | None = None
        try:
            with run.viewers.watch():
                async for snapshot in snapshots(runner, run, POLL):
                    latest = snapshot.rows[-1] if snapshot.rows else latest
                    if snapshot.state in (QUEUED, RUNNING):
                        yield {"state": snapshot.state, "position": snapshot.position, "latest": latest}
        finally:
            runner.forget(run)
        with refusals_shown(request, program=True):
            if run.state != FINISHED:
                raise run.error if isinstance(run.error, InvalidInput) else InvalidInput("run_failed", "run")
        yield {"state": run.state, "rows": list(run.since(0).rows)}

    takes_text = isinstance(view, TakesText)
    run_lesson.__doc__ = (view.summary or f"Run the lesson {view.name}.") + ANSWER + (TEXT if takes_text else "")
    texts = [parameter("text", str, "")] if takes_text else []
    endpoint = signed(run_lesson, {}, [*settings, *texts], Row)
    gr.api(MethodType(endpoint, runner), api_name=view.name, concurrency_limit=None)


def _requested(view: View, values: tuple[Any, ...], text: Any = "") -> Lesson:
    """Make the requested run, not started yet. Raises InvalidInput."""
    config = view.config(**{item.name: value for item, value in zip(fields(view.config), values, strict=True)})
    if not isinstance(view, TakesText):
        return view.lesson(config)
    return view.lesson_on(config, sent_text(getattr(config, "corpus", ""), text))
