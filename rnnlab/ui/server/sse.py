"""Routes besides Gradio's own: a run's picture, its stream of news, its model as a file.

Server-sent events carry a cursor as their id, and a browser that reconnects sends the last one it saw, so nothing
is lost or doubled. A viewer costs no thread.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from functools import partial
from typing import Any, Protocol

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Send

from rnnlab import checkpoints
from rnnlab.runs import Run, Runner, Snapshot
from rnnlab.ui.i18n import section
from rnnlab.ui.i18n.languages import Language, language_of
from rnnlab.ui.server.admission import COOKIE
from rnnlab.ui.server.sse_quota import Permit, StreamQuota
from rnnlab.validation import InvalidInput

INTERVAL = 0.25  # seconds between two messages at least: the page redraws no more than four times a second
SERVER_ID = secrets.token_hex(4)  # which server's rows a cursor counts: a restarted one has forgotten the last few
HEARTBEAT = 10.0  # seconds of silence after which a comment keeps proxies from closing the stream
SAVE_GRACE = (
    30.0  # seconds at most that a run which has ended is followed until it is saved: a failed save is told, too
)


class Payloads(Protocol):
    """What the tabs send of their runs; `rnnlab.ui.tabs.payloads` implements it."""

    def recorded_curve(self, name: str, language: Language) -> Mapping[str, Any]: ...
    def default_run(self, name: str, language: Language) -> Mapping[str, Any]: ...
    def picture(self, run: Run, snapshot: Snapshot, language: Language) -> dict[str, Any]: ...
    def news(self, run: Run, snapshot: Snapshot, language: Language) -> dict[str, Any]: ...


def routes(runner: Runner, payloads: Payloads, ending: threading.Event) -> list[BaseRoute]:
    """Everything under `lab/` that is about runs; once the server is `ending`, no stream tells what becomes of one."""

    async def lesson(request: Request) -> Response:
        return await json_or_404(payloads.default_run, request.path_params["name"], language_of(request))

    async def recorded(request: Request) -> Response:
        return await json_or_404(payloads.recorded_curve, request.path_params["name"], language_of(request))

    def with_run(answer: Callable[[Request, Runner, Run], Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            run = runner.get(request.path_params["run_id"])
            return _json({"state": "gone"}, 404) if run is None else await answer(request, runner, run)

        return endpoint

    return [
        Route("/lab/words/{section}", section_of_words),
        Route("/lab/curves/{name}", recorded),
        Route("/lab/lessons/{name}", lesson),
        Route("/lab/runs/{run_id}", with_run(partial(whole, payloads))),
        Route("/lab/runs/{run_id}/events", with_run(partial(events, payloads, ending, StreamQuota()))),
        Route("/lab/runs/{run_id}/model", with_run(model)),
    ]


async def section_of_words(request: Request) -> Response:
    """The words of one section, for a panel that its own script writes."""
    words = section(request.path_params["section"], language_of(request))
    return _json(words, 200 if words else 404)


async def json_or_404(picture: Callable[[str, Language], object], name: str, language: Language) -> Response:
    """The picture called `name`, or word that there is none."""
    try:
        return _json(await run_in_threadpool(picture, name, language))
    except InvalidInput:
        return _json({"state": "gone"}, 404)


async def whole(payloads: Payloads, request: Request, runner: Runner, run: Run) -> Response:
    """A run from its first row to now."""
    snapshot = runner.follow(run)
    settled = runner.supervisor.autosave.settled(run)
    told = await run_in_threadpool(payloads.picture, run, snapshot, language_of(request))
    return _json({**told, "live": told["live"] or not settled})


async def events(
    payloads: Payloads, ending: threading.Event, quota: StreamQuota, request: Request, runner: Runner, run: Run
) -> Response:
    """What happens from a cursor on: Last-Event-ID after a reconnection, `?cursor=` at first.

    With `?away` it is a page that nobody looks at, which gives way to those that are looked at (`StreamQuota`).
    """
    again = request.headers.get("last-event-id", "")
    born, _, asked = (again or request.query_params.get("cursor", "0")).rpartition("-")
    if born not in ("", SERVER_ID):  # another server's rows had other numbers: tell everything, and the page draws anew
        asked = "0"
    cursor = int(asked[:18]) if asked.isascii() and asked.isdigit() else 0
    browser, away = request.cookies.get(COOKIE, ""), "away" in request.query_params
    permit = Permit(quota, browser, is_new=not again, is_away=away)
    return Stream(
        follow(runner, payloads, run, cursor, language_of(request), ending, permit),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )


class Stream(StreamingResponse):
    """A response that lets go of its generator, and so of the viewer, as soon as the client has gone."""

    async def stream_response(self, send: Send) -> None:
        async with aclosing(self.body_iterator):
            await super().stream_response(send)


async def follow(
    runner: Runner,
    payloads: Payloads,
    run: Run,
    cursor: int,
    language: Language,
    ending: threading.Event,
    permit: Permit | None = None,
) -> AsyncGenerator[bytes]:
    """Messages until all has been told of a run that has ended and is saved; that one says that it is the `last`.

    When the server ends, which is not the run's end, none is. Without a permit to last, the one message says that the
    stream will `rest`, and the browser asks again.
    """
    told, spoke, ended = None, time.monotonic(), None
    with permit or Permit(StreamQuota()) as permit, run.viewers.watch():
        while True:
            snapshot = runner.follow(run, cursor)
            if ending.is_set():
                return
            ended = (ended or time.monotonic()) if snapshot.over else None
            last = ended is not None and (
                runner.supervisor.autosave.settled(run) or time.monotonic() - ended > SAVE_GRACE
            )
            ends = {"last": last, "rest": not (last or permit.lasts)}
            standing = (snapshot.cursor, snapshot.state, snapshot.position, run.why, run.not_saved, run.config, ends)
            if standing != told:
                told, cursor, spoke = standing, snapshot.cursor, time.monotonic()
                news = orjson.dumps({**payloads.news(run, snapshot, language), **ends})
                yield b"id: %s-%d\nretry: %d\ndata: %s\n\n" % (SERVER_ID.encode(), cursor, permit.retry, news)
            elif time.monotonic() - spoke > HEARTBEAT:
                spoke = time.monotonic()
                yield b": still here\n\n"
            if any(ends.values()):
                return
            await asyncio.sleep(INTERVAL)


async def model(request: Request, runner: Runner, run: Run) -> Response:
    """The run's model after its last whole epoch, as a file that `generate` and the Generate tab read."""
    latest = await run_in_threadpool(runner.latest, run)
    if latest is None:
        return _json({"state": "gone"}, 404)
    name = f"rnnlab-{latest.architecture.model}-epoch-{latest.epoch}.safetensors"
    return Response(
        await run_in_threadpool(checkpoints.to_bytes, latest),
        media_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _json(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json", headers={"Cache-Control": "no-store"})
