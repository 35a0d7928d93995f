"""Routes for watching another visitor's run, by a key that opens nothing else (`rnnlab.runs.watching`).

lab/runs/<id>/watch                  the query of the link for watchers; for the owner, who knows the id
lab/watched/<tab>/<key>              the picture of the run, or why there is none: "unknown" or "full"
lab/watched/<tab>/<key>/events       its stream of events
lab/watched/<tab>/<key>/recorded?epoch=7                the songs of a recorded epoch; null if there are none
lab/watched/<tab>/<key>/passage?epoch=&song=&run=&step= where a copied run stands in a shipped text; null otherwise

None of them changes a run or trains anything, and a watcher is no viewer: a run that its owner has left is paused,
ended and forgotten as if nobody watched. A refusal has status 200, because it is an answer that the page shows.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from rnnlab.limits import MAX_WATCHERS
from rnnlab.runs import Run, Runner, Snapshot, find_watched, watch_key_of
from rnnlab.ui.i18n.languages import Language, language_of
from rnnlab.ui.server.json_response import json_response
from rnnlab.ui.server.sse import Stream, epoch_of, follow, place_of, start_of, whole
from rnnlab.ui.server.stream_limit import POLL_HIDDEN, StreamLimit
from rnnlab.ui.session.client_id import COOKIE

WATCH_INTERVAL = 1.0  # seconds between two events at least: there may be a hundred watchers
GONE = b'data: {"gone": true}\n\n'  # the page then asks for the picture, whose answer says why


class WatchedPayloads(Protocol):
    """The payloads of runs as watchers see them; `rnnlab.ui.tabs.watched` implements it."""

    def tab(self, run: Run) -> str: ...
    def has_own_text(self, run: Run) -> bool: ...
    def picture(self, run: Run, snapshot: Snapshot, language: Language) -> dict[str, Any]: ...
    def news(self, run: Run, snapshot: Snapshot, language: Language) -> dict[str, Any]: ...
    def recorded_row(self, run: Run, epoch: int) -> dict[str, Any] | None: ...
    def passage(self, run: Run, place: tuple[int, int, int, int]) -> dict[str, Any] | None: ...


class Watchers:
    """The open streams of the watchers of each run. Used by the server's event loop alone, so it needs no lock."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def is_full(self, run: Run) -> bool:
        """Return whether as many watch the run as may."""
        return self._open[run.key] >= MAX_WATCHERS

    @contextmanager
    def claim(self, run: Run, browser: AbstractContextManager[int]) -> Iterator[int]:
        """Yield as `browser`, a `StreamLimit.claim`; a stream beyond MAX_WATCHERS may not stay open."""
        if self.is_full(run):
            yield POLL_HIDDEN
            return
        with browser as pause:
            stays = not pause
            self._open[run.key] += stays
            try:
                yield pause
            finally:
                self._open[run.key] -= stays
                self._open += Counter()  # drops the runs that nobody watches


def watch_routes(
    runner: Runner, payloads: WatchedPayloads, ending: threading.Event, limit: StreamLimit
) -> list[BaseRoute]:
    """Return the routes. `limit` counts the streams of a browser; when `ending` is set, all streams end."""
    watchers = Watchers()

    def run_in(request: Request) -> Run | None:
        run = find_watched(runner.runs(), request.path_params["watch_key"])
        return run if run is not None and payloads.tab(run) == request.path_params["tab"] else None

    async def link(request: Request) -> Response:
        run = runner.get(request.path_params["run_id"])
        tab = "" if run is None else payloads.tab(run)
        if run is None or not tab:
            return json_response({"query": "", "own": False})
        query = f"tab={tab}&watch={watch_key_of(run.key)}"
        return json_response({"query": query, "own": payloads.has_own_text(run)})

    async def picture(request: Request) -> Response:
        run = run_in(request)
        seen = "again" in request.query_params  # the page shows the run already; its streams are counted all the same
        if run is None or (watchers.is_full(run) and not seen):
            return json_response({"state": "gone", "refused": "unknown" if run is None else "full"})
        return await whole(payloads, request, runner, run)

    async def events(request: Request) -> Response:
        if (run := run_in(request)) is None:
            return Response(GONE, media_type="text/event-stream", headers={"Cache-Control": "no-store"})
        browser = limit.claim(request.cookies.get(COOKIE, ""), "away" in request.query_params)
        return Stream(
            follow(
                runner, payloads, run, start_of(request), language_of(request), ending, watchers.claim(run, browser),
                viewer=nullcontext(), interval=WATCH_INTERVAL,
            ),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )  # fmt: skip

    async def recorded(request: Request) -> Response:
        run, epoch = run_in(request), epoch_of(request)
        if run is None or epoch is None:
            return json_response(None)
        return json_response(await run_in_threadpool(payloads.recorded_row, run, epoch))

    async def passage(request: Request) -> Response:
        run, place = run_in(request), place_of(request)
        if run is None or place is None:
            return json_response(None)
        return json_response(await run_in_threadpool(payloads.passage, run, place))

    return [
        Route("/lab/runs/{run_id}/watch", link),
        Route("/lab/watched/{tab}/{watch_key}", picture),
        Route("/lab/watched/{tab}/{watch_key}/events", events),
        Route("/lab/watched/{tab}/{watch_key}/recorded", recorded),
        Route("/lab/watched/{tab}/{watch_key}/passage", passage),
    ]
