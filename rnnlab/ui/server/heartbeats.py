"""Heartbeats: which pages are open, with at most one connection of each browser for it.

Over HTTP/1.1 a browser opens six connections to a host. Gradio keeps one of them open for every page, so that the
seventh page of a browser would never load. Here the first page of a browser keeps its heartbeat open, and the others
send one every BEAT seconds (`frontend/boot.js`); a page is closed when it says so or is silent for TIMEOUT.

Programs, and browsers without a visitor's cookie, keep theirs open, as Gradio has them do.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncGenerator
from itertools import count

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from rnnlab.limits import MAX_PAGES_OF_BROWSER
from rnnlab.ui.server.admission import HEARTBEAT, cookie_of
from rnnlab.ui.server.security import PAGE_HEADER
from rnnlab.ui.server.sse import Stream
from rnnlab.ui.server.visitor_count import VisitorCount

BEAT = 15  # seconds between two heartbeats of a page
TIMEOUT = 90.0  # seconds of silence after which a page is closed; browsers slow a hidden page down to one beat a minute
ALIVE = b"data: ALIVE\n\n"


class OpenPages:
    """The pages that are open, by the session that Gradio knows them by. Used by the server's event loop alone."""

    def __init__(self, visitors: VisitorCount) -> None:
        self.visitors, self._clock = visitors, visitors.clock
        self._pages: dict[str, tuple[str, float]] = {}  # session -> browser and last beat, the longest silent first
        self.connections: Counter[str] = Counter()  # heartbeats that programs keep open, by session

    def is_open(self, session: str) -> bool:
        return session in self._pages or self.connections[session] > 0

    def beat(self, browser: str, session: str) -> None:
        """Note that a page of this browser is open; beyond MAX_PAGES_OF_BROWSER the longest silent one is closed."""
        if self._pages.pop(session, None) is None:
            self.visitors.connect(browser)
        self._pages[session] = browser, self._clock()
        own = [other for other, (of, _) in self._pages.items() if of == browser]
        if len(own) > MAX_PAGES_OF_BROWSER:
            self.close(browser, own[0])

    def close(self, browser: str, session: str) -> None:
        if self._pages.get(session, ("",))[0] == browser:
            del self._pages[session]
            self.visitors.disconnect(browser)

    def close_silent(self) -> None:
        """Close the pages that have been silent for TIMEOUT."""
        now = self._clock()
        for session, (browser, last) in list(self._pages.items()):
            if now - last > TIMEOUT:
                self.close(browser, session)


class Heartbeats:
    """Pure ASGI middleware that answers the heartbeats of our pages; other requests pass."""

    def __init__(self, app: ASGIApp, pages: OpenPages, ending: threading.Event) -> None:
        """When `ending` is set, no heartbeat is kept open, so that the server can end."""
        self.app, self.pages, self._ending = app, pages, ending
        self._keeping: set[str] = set()  # browsers of which a page keeps its heartbeat open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match = HEARTBEAT.search(scope["path"]) if scope["type"] == "http" else None
        if match is None:
            await self.app(scope, receive, send)
        elif browser := self._browser_of(scope):
            await self._answer(browser, match[1], scope["method"])(scope, receive, send)
        else:
            self.pages.connections[match[1]] += 1
            try:
                await self.app(scope, receive, send)
            finally:
                self.pages.connections[match[1]] -= 1
                self.pages.connections += Counter()  # drops the sessions that count nothing

    def _browser_of(self, scope: Scope) -> str | None:
        """Return the visitor whose page sends this; None if it is no page of ours or has no signed cookie."""
        browser = cookie_of(scope) or ""
        return browser if PAGE_HEADER in Headers(scope=scope) and self.pages.visitors.is_signed(browser) else None

    def _answer(self, browser: str, session: str, method: str) -> Response:
        if method == "POST":
            self.pages.close(browser, session)
            return Response(status_code=204)
        self.pages.beat(browser, session)
        headers = {"Cache-Control": "no-store"}
        if browser in self._keeping:
            return Response(ALIVE, media_type="text/event-stream", headers={**headers, "Retry-After": str(BEAT)})
        self._keeping.add(browser)
        return Stream(self._keep(browser, session), media_type="text/event-stream", headers=headers)

    async def _keep(self, browser: str, session: str) -> AsyncGenerator[bytes]:
        """Beat for a page until its connection ends, or it has closed."""
        try:
            for second in count():
                if self._ending.is_set() or not self.pages.is_open(session):
                    return
                if second % BEAT == 0:
                    self.pages.beat(browser, session)
                    yield ALIVE
                await asyncio.sleep(1.0)
        finally:
            self._keeping.discard(browser)
            self.pages.close(browser, session)
