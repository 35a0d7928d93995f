"""Heartbeats: how the server knows which pages are open, with at most one connection of each browser for it.

Over HTTP/1.1 a browser opens six connections to a host. Gradio holds one open for every page, its heartbeat, so that
the seventh page of a browser never loaded and no button worked in the other six. Here the first page of a browser
holds its heartbeat, and the others ask every BEAT seconds (`frontend/boot.js`). For Gradio each of them is a heartbeat
that lasts: this middleware makes that request itself and ends it when the page has left or is silent for PATIENCE.

Programs, and browsers without a seat's cookie, hold theirs as Gradio has them do.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, Callable
from itertools import count

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rnnlab.hosting import line
from rnnlab.ui.server.admission import COOKIE
from rnnlab.ui.server.security import PAGE_HEADER
from rnnlab.ui.server.sse import Stream
from rnnlab.ui.server.visitor_limit import VisitorLimit

HEARTBEAT = re.compile(r"/gradio_api/heartbeat/([\w-]+)$")
BEAT = 15.0  # seconds between two heartbeats of a page
PATIENCE = 90.0  # seconds of silence after which a page has gone; a browser slows a hidden one down to one a minute
LOOK = 5.0  # seconds between two looks for pages that have gone
MAX_PAGES = 32  # of one browser; beyond them the one that was silent the longest goes
ALIVE = b"data: ALIVE\n\n"

log = logging.getLogger(__name__)


class OpenPage:
    """One page's heartbeat as Gradio sees it: a request that lasts until the page has gone."""

    def __init__(self, app: ASGIApp, scope: Scope, now: float) -> None:
        self.last_beat, self.held = now, False
        self._asked, self._gone = count(), asyncio.Event()
        self._status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.request = asyncio.create_task(self._ask(app, scope))

    async def status(self) -> int:
        """Return the status of Gradio's answer; 500 if there was none."""
        await asyncio.wait([self.request, self._status], return_when=asyncio.FIRST_COMPLETED)
        return self._status.result() if self._status.done() else 500

    def leave(self) -> None:
        """End the request."""
        self._gone.set()

    @property
    def over(self) -> bool:
        return self._gone.is_set() or self.request.done()

    async def _ask(self, app: ASGIApp, scope: Scope) -> None:
        headers = [header for header in scope["headers"] if header[0] != PAGE_HEADER.encode()]
        try:
            await app({**scope, "method": "GET", "headers": headers}, self._receive, self._send)
        except Exception:  # a task of its own: nobody waits for what it raises
            log.exception(line("heartbeat_failed"))

    async def _receive(self) -> Message:
        if next(self._asked) == 0:
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and not self._status.done():
            self._status.set_result(message["status"])


class Heartbeats:
    """ASGI middleware in front of the door. Used by the server's event loop alone, so it needs no lock."""

    def __init__(
        self,
        app: ASGIApp,
        seats: VisitorLimit,
        clock: Callable[[], float],
        on_return: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`on_return` is told the session of a page whose heartbeat begins, for the first time or again."""
        self.app, self.seats, self._clock, self._on_return = app, seats, clock, on_return
        self._pages: dict[tuple[str, str], OpenPage] = {}  # by browser and session; the longest silent first
        self._reaper: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        heartbeat = scope["type"] == "http" and HEARTBEAT.search(scope["path"])
        browser = self._browser(scope) if heartbeat else None
        if not browser:
            await self.app(scope, receive, send)
            return
        response = await (self._leave if scope["method"] == "POST" else self._beat)(browser, heartbeat[1], scope)
        await response(scope, receive, send)

    def _browser(self, scope: Scope) -> str | None:
        """Return the seat of the browser whose page asks; None where it is no page of ours, or has no seat."""
        if PAGE_HEADER not in Headers(scope=scope):
            return None
        seat = Request(scope).cookies.get(COOKIE, "")
        return seat if self.seats.has_given(seat) else None

    async def _leave(self, browser: str, session: str, scope: Scope) -> Response:
        if page := self._pages.get((browser, session)):
            page.leave()
        return Response(status_code=204)

    async def _beat(self, browser: str, session: str, scope: Scope) -> Response:
        page = self._pages.pop((browser, session), None)
        returns = page is None or page.over
        if returns:
            page = OpenPage(self.app, scope, self._clock())
        page.last_beat = self._clock()
        self._pages[browser, session] = page
        self._reap()
        if (status := await page.status()) != 200:
            page.leave()
            return Response(status_code=status)
        if returns:
            self._on_return(session)
        headers = {"Cache-Control": "no-store"}
        if any(other.held for other in self._of(browser)):
            return Response(ALIVE, media_type="text/event-stream", headers={**headers, "Retry-After": str(int(BEAT))})
        page.held = True
        return Stream(self._held(page), media_type="text/event-stream", headers=headers)

    async def _held(self, page: OpenPage) -> AsyncGenerator[bytes]:
        """The heartbeat of a browser's first page: when the connection ends, the page has left."""
        try:
            while not page.over:
                page.last_beat = self._clock()
                yield ALIVE
                await asyncio.wait([page.request], timeout=BEAT)
        finally:
            page.held = False
            page.leave()

    def _of(self, browser: str) -> list[OpenPage]:
        return [page for (owner, _), page in self._pages.items() if owner == browser and not page.over]

    def _reap(self) -> None:
        """Look for pages that have gone, for as long as there are any."""
        if self._reaper is None or self._reaper.done():
            self._reaper = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while self._pages:
            await asyncio.sleep(LOOK)
            counted: dict[str, int] = {}
            for (browser, session), page in reversed(list(self._pages.items())):
                counted[browser] = counted.get(browser, 0) + 1
                silent = self._clock() - page.last_beat > PATIENCE
                if not page.held and (silent or counted[browser] > MAX_PAGES):
                    page.leave()
                if page.over:
                    self._pages.pop((browser, session), None)
