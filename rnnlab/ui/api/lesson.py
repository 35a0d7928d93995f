"""`/<name>`: the run of a lesson that has no endpoint of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import fields
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.runs import FINISHED, QUEUED, RUNNING, Row, Run, Runner
from rnnlab.ui.api.signature import settings_of, signed
from rnnlab.ui.api.snapshots import snapshots
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.ui.session.client_id import client_id_of
from rnnlab.ui.tabs.lesson import View
from rnnlab.validation import InvalidInput

POLL = 0.2  # seconds between two snapshots of the run
ANSWER = """

    Every argument is a setting of the run. While it runs you get a few rows a second: the `state`, queued or running,
    the `position` in the queue, and the newest row of the run as `latest`. The last row is the result, and that alone
    is what `predict` returns: all `rows` of the run, in the order in which they came. Cancelling the call stops it.
"""


def build_lesson_endpoint(view: View, runner: Runner) -> None:
    """Register the endpoint that runs `view` with the settings that a program sends."""

    async def run_lesson(runner: Runner, request: gr.Request, *values: Any) -> AsyncIterator[Row]:
        with refusals_shown(request, program=True):
            config = view.config(**{item.name: value for item, value in zip(fields(view.config), values, strict=True)})
            run = runner.start(Run(view.lesson(config), view.new_record(), pool=view.pool, owner=client_id_of(request)))
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

    run_lesson.__doc__ = (view.summary or f"Run the lesson {view.name}.") + ANSWER
    endpoint = signed(run_lesson, {}, settings_of(view.config), Row)
    gr.api(MethodType(endpoint, runner), api_name=view.name, concurrency_limit=None)
