"""Admission control: ASGI middleware that limits concurrent visitors.

A visitor is a browser, identified by a signed cookie; all of its tabs count once. A page sends heartbeats for as long
as it is open (`heartbeats.py`). A visitor whose page is open is never disconnected.

Only cookies signed by this server count. Visitors behind one shared address are counted one by one; those without
cookies count as one.
"""

from __future__ import annotations

import logging
import re
from collections import Counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rnnlab.hosting import line
from rnnlab.ui.server.full_page import full_response
from rnnlab.ui.server.visitor_count import VisitorCount
from rnnlab.ui.session.client_id import COOKIE

HEARTBEAT = re.compile(r"/gradio_api/heartbeat/([\w-]+)$")
RUN_EVENTS = re.compile(r"/lab/(runs|watched/[^/]+)/[^/]+/events$")

log = logging.getLogger(__name__)


class Admission:
    """Pure ASGI middleware that admits as many visitors as `visitors` has places for.

    Requests without a signed cookie: of one address at most `max_anonymous` are answered at a time.
    """

    def __init__(self, app: ASGIApp, visitors: VisitorCount, max_anonymous: int = 2**31) -> None:
        self.app, self.visitors, self.max_anonymous = app, visitors, max_anonymous
        self._anonymous: Counter[str] = Counter()  # requests in progress by address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope = without_forged_cookie(scope, self.visitors)
        visitor, address = cookie_of(scope), address_of(scope)
        if visitor:
            self.visitors.reserve(visitor)
            await self._answer(visitor, scope, receive, send)
        elif self._anonymous[address] >= self.max_anonymous:
            log.info(line("refused", code="streams_full"))
            await full_response(Request(scope), self.max_anonymous, "connections")(scope, receive, send)
        else:
            self._anonymous[address] += 1
            try:
                await self._answer("", scope, receive, send)
            finally:
                self._anonymous[address] -= 1
                self._anonymous += Counter()  # drops the addresses that count nothing

    async def _answer(self, visitor: str, scope: Scope, receive: Receive, send: Send) -> None:
        if needs_place(scope) and not self.visitors.has_room(visitor):
            log.info(line("refused", code="full", visitors=self.visitors.connected))
            await full_response(Request(scope), self.visitors.limit, "visitors")(scope, receive, send)
        elif needs_place(scope) and not visitor:
            await self._set_cookie(scope, receive, send)
        elif HEARTBEAT.search(scope["path"]):
            await self._connect(visitor or address_of(scope), scope, receive, send)
        elif visitor and RUN_EVENTS.search(scope["path"]):  # all that a page sends to a restarted server
            await self._connect(visitor, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _set_cookie(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a new visitor. Its next request reserves a place, so that a loop of first requests takes none."""
        cookie = new_cookie(self.visitors.new_id(), Request(scope))

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("Set-Cookie", cookie)
            await send(message)

        await self.app(scope, receive, send_with_cookie)

    async def _connect(self, visitor: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the visitor as connected while the answer lasts, unless it is an error."""
        is_connected = False

        async def send_and_count(message: Message) -> None:
            nonlocal is_connected
            if message["type"] == "http.response.start" and message["status"] == 200:
                self.visitors.connect(visitor)
                is_connected = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_count)
        finally:
            if is_connected:
                self.visitors.disconnect(visitor)


def needs_place(scope: Scope) -> bool:
    """Return whether a browser requests the page, or a program its description; a health check needs no place."""
    if scope["method"] != "GET":
        return False
    return is_program(scope) or (scope["path"] == "/" and "text/html" in Headers(scope=scope).get("accept", ""))


def is_program(scope: Scope) -> bool:
    """Return whether the request is the first one of a program that uses `gradio_client`."""
    is_named = "gradio_client" in Headers(scope=scope).get("user-agent", "")
    return scope["path"] == "/config" or (scope["path"] == "/" and is_named)


def without_forged_cookie(scope: Scope, visitors: VisitorCount) -> Scope:
    """Return the request; without any cookies if it carries a visitor id that this server did not sign."""
    visitor = cookie_of(scope)
    if visitor is None or visitors.is_signed(visitor):
        return scope
    return {**scope, "headers": [header for header in scope["headers"] if header[0] != b"cookie"]}


def cookie_of(scope: Scope) -> str | None:
    return Request(scope).cookies.get(COOKIE)


def address_of(scope: Scope) -> str:
    return f"address {(scope.get('client') or ('unknown',))[0]}"


def new_cookie(visitor: str, request: Request) -> str:
    """Return a session cookie; within a frame of another site, as on Spaces, it needs HTTPS.

    Without a path it belongs to the folder of the requested page, which a proxy may have put anywhere.
    """
    secure = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
    return f"{COOKIE}={visitor}; HttpOnly; SameSite={'None; Secure; Partitioned' if secure else 'Lax'}"
