"""Routes of runs: a run's picture, its stream of server-sent events (SSE), its model as a file.

Each event carries a cursor as its id, and a browser that reconnects sends the last one that it received, so no row is
lost or doubled. A viewer costs no thread.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, aclosing
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
from rnnlab.runs.protocols import progress_of
from rnnlab.ui.i18n import section
from rnnlab.ui.i18n.languages import Language, language_of
from rnnlab.ui.server.exports import export_routes
from rnnlab.ui.server.json_response import json_response
from rnnlab.ui.server.stream_limit import RECONNECT, StreamLimit
from rnnlab.ui.session.client_id import COOKIE
from rnnlab.validation import InvalidInput

INTERVAL = 0.25  # seconds between two events at least: the page redraws no more than four times a second
SERVER_ID = secrets.token_hex(4)  # part of a cursor: after a restart the rows may have other numbers
PROGRESS_EVERY = 2.0  # seconds of silence within a long epoch after which the page learns how far it is
KEEPALIVE = 10.0  # seconds of silence after which a comment keeps proxies from closing the stream
SAVE_GRACE = 30.0  # seconds at most from the end of a run until its stream ends, for the last save or its failure


class Pictures(Protocol):
    """What is drawn of a run: first the whole, then what is new."""

    def picture(self, run: Run, snapshot: Snapshot, language: Language) -> dict[str, Any]: ...
    def news(self, run: Run, snapshot: Snapshot, language: Language) -> dict[str, Any]: ...


class Payloads(Pictures, Protocol):
    """The payloads of the tabs' runs; `rnnlab.ui.tabs.payloads` implements it."""

    def recorded_curve(self, name: str, language: Language) -> Mapping[str, Any]: ...
    def default_run(self, name: str, language: Language) -> Mapping[str, Any]: ...
    def recorded_row(self, run: Run, epoch: int) -> dict[str, Any] | None: ...
    def passage(self, run: Run, place: tuple[int, int, int, int]) -> dict[str, Any] | None: ...
    def recorded_passage(self, name: str, place: tuple[int, int, int, int]) -> dict[str, Any] | None: ...


def routes(
    runner: Runner, payloads: Payloads, ending: threading.Event, limit: StreamLimit | None = None
) -> list[BaseRoute]:
    """Return the routes under `lab/` about runs. When `ending` is set, all streams end, and the pages reconnect.

    `limit` counts the streams of each browser.
    """

    async def lesson(request: Request) -> Response:
        return await json_or_404(payloads.default_run, request.path_params["name"], language_of(request))

    async def recorded(request: Request) -> Response:
        return await json_or_404(payloads.recorded_curve, request.path_params["name"], language_of(request))

    async def recorded_passage(request: Request) -> Response:
        return await passage_or_404(request, partial(payloads.recorded_passage, request.path_params["name"]))

    async def passage(request: Request, _: Runner, run: Run) -> Response:
        return await passage_or_404(request, partial(payloads.passage, run))

    async def recorded_row(request: Request, _: Runner, run: Run) -> Response:
        epoch = epoch_of(request)
        found = None if epoch is None else await run_in_threadpool(payloads.recorded_row, run, epoch)
        return json_response({"state": "gone"}, 404) if found is None else json_response(found)

    def with_run(answer: Callable[[Request, Runner, Run], Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            run = runner.get(request.path_params["run_id"])
            return json_response({"state": "gone"}, 404) if run is None else await answer(request, runner, run)

        return endpoint

    return [
        Route("/lab/words/{section}", section_of_words),
        Route("/lab/curves/{name}", recorded),
        Route("/lab/curves/{name}/passage", recorded_passage),
        Route("/lab/lessons/{name}", lesson),
        Route("/lab/runs/{run_id}", with_run(partial(whole, payloads))),
        Route("/lab/runs/{run_id}/events", with_run(partial(events, payloads, ending, limit or StreamLimit()))),
        Route("/lab/runs/{run_id}/model", with_run(model)),
        *export_routes(runner),
        Route("/lab/runs/{run_id}/passage", with_run(passage)),
        Route("/lab/runs/{run_id}/recorded", with_run(recorded_row)),
    ]


async def section_of_words(request: Request) -> Response:
    """Answer with the words of one section, for a panel that its own script fills in."""
    words = section(request.path_params["section"], language_of(request))
    return json_response(words, 200 if words else 404)


async def json_or_404(picture: Callable[[str, Language], object], name: str, language: Language) -> Response:
    """Answer with the picture called `name`, or 404."""
    try:
        return json_response(await run_in_threadpool(picture, name, language))
    except InvalidInput:
        return json_response({"state": "gone"}, 404)


async def passage_or_404(request: Request, find: Callable[[tuple[int, int, int, int]], object]) -> Response:
    """Answer with where the copied run `?epoch=&song=&run=` stands in the text, or 404.

    `&step=` names the minibatch, where the song was written within the epoch.
    """
    found, place = None, place_of(request)
    if place is not None:
        try:
            found = await run_in_threadpool(find, place)
        except InvalidInput:
            found = None
    return json_response({"state": "gone"}, 404) if found is None else json_response(found)


def place_of(request: Request) -> tuple[int, int, int, int] | None:
    """Return the numbers `?epoch=&song=&run=&step=`; None if one is missing or none, except for `step`, which is 0."""
    given = [request.query_params.get(name, "")[:9] for name in ("epoch", "song", "run")]
    given.append(request.query_params.get("step", "0")[:9])
    if not all(number.isascii() and number.isdigit() for number in given):
        return None
    epoch, song, number, step = map(int, given)
    return epoch, song, number, step


def epoch_of(request: Request) -> int | None:
    """Return the number `?epoch=`; None if it is missing or none."""
    epoch = request.query_params.get("epoch", "")[:9]
    return int(epoch) if epoch.isascii() and epoch.isdigit() else None


async def whole(payloads: Pictures, request: Request, runner: Runner, run: Run) -> Response:
    """Answer with the picture of a run from its first row to now."""
    snapshot = runner.follow(run)
    settled = runner.supervisor.autosave.settled(run)
    picture = await run_in_threadpool(payloads.picture, run, snapshot, language_of(request))
    return json_response({**picture, "live": picture["live"] or not settled})


async def events(
    payloads: Payloads, ending: threading.Event, limit: StreamLimit, request: Request, runner: Runner, run: Run
) -> Response:
    """Answer with the events of a run from a cursor on: Last-Event-ID after a reconnection, `?cursor=` at first.

    `?away` says that the page is hidden.
    """
    claim = limit.claim(request.cookies.get(COOKIE, ""), "away" in request.query_params)
    return Stream(
        follow(runner, payloads, run, start_of(request), language_of(request), ending, claim),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )


def start_of(request: Request) -> int:
    """Return the row from which a stream goes on; 0 with a cursor of another server: the page then draws anew."""
    cursor = request.headers.get("last-event-id", "") or request.query_params.get("cursor", "0")
    server, _, position = cursor.rpartition("-")
    known = server in ("", SERVER_ID) and position.isascii() and position.isdigit()
    return int(position[:18]) if known else 0


class Stream(StreamingResponse):
    """A response that closes its generator, and so ends the viewer, as soon as the client has gone."""

    def __init__(self, content: AsyncGenerator[bytes], **options: Any) -> None:
        super().__init__(content, **options)
        self._content = content

    async def stream_response(self, send: Send) -> None:
        async with aclosing(self._content):
            await super().stream_response(send)


async def follow(
    runner: Runner,
    payloads: Pictures,
    run: Run,
    cursor: int,
    language: Language,
    ending: threading.Event,
    claim: AbstractContextManager[int] | None = None,
    *,
    viewer: AbstractContextManager[None] | None = None,
    interval: float = INTERVAL,
) -> AsyncGenerator[bytes]:
    """Yield a run's events until it has ended and is saved; the last event says so (`last`).

    When the server ends, the stream ends without that. If `claim` does not let the stream stay open, its only event
    says so (`rest`), and the browser asks again. The stream counts as a viewer of the run, unless `viewer` is another
    context; `interval` is the seconds between two events at least.
    """
    before, sent, ended = None, time.monotonic(), None
    with claim or StreamLimit().claim() as pause, viewer or run.viewers.watch():
        while True:
            snapshot = runner.follow(run, cursor)
            if ending.is_set():
                return
            ended = (ended or time.monotonic()) if snapshot.over else None
            last = ended is not None and (
                runner.supervisor.autosave.settled(run) or time.monotonic() - ended > SAVE_GRACE
            )
            ends = {"last": last, "rest": bool(pause) and not last}
            now = (snapshot.cursor, snapshot.state, snapshot.position, run.why, run.not_saved, run.config, ends)
            progress = progress_of(run.experiment)
            if now != before or (progress is not None and time.monotonic() - sent > PROGRESS_EVERY):
                before, cursor, sent = now, snapshot.cursor, time.monotonic()
                news = orjson.dumps({**payloads.news(run, snapshot, language), **ends})
                yield b"id: %s-%d\nretry: %d\ndata: %s\n\n" % (SERVER_ID.encode(), cursor, pause or RECONNECT, news)
            elif time.monotonic() - sent > KEEPALIVE:
                sent = time.monotonic()
                yield b": still here\n\n"
            if any(ends.values()):
                return
            await asyncio.sleep(interval)


async def model(request: Request, runner: Runner, run: Run) -> Response:
    """Answer with the run's model after its kept epoch, as a file for `generate` and the Generate tab."""
    latest = await run_in_threadpool(runner.latest, run)
    if latest is None:
        return json_response({"state": "gone"}, 404)
    name = f"rnnlab-{latest.architecture.model}-epoch-{latest.kept_epoch}.safetensors"
    return Response(
        await run_in_threadpool(checkpoints.to_bytes, latest),
        media_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
