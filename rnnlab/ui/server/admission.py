"""Admission control: ASGI middleware that limits concurrent visitors, and the page shown when the server is full.

A visitor is a browser, identified by a signed cookie; all of its tabs count once. A page holds a heartbeat request for
as long as it is open (`heartbeats.py`): the visitor is connected while one is open, and leaves when the last one ends.
Connected visitors are never disconnected.

Only cookies signed by this server count. Visitors behind one shared address are counted one by one; an address may hold
only a few places for cookies that are never sent back, such as those of programs without a cookie jar.
"""

from __future__ import annotations

import html
import logging
import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rnnlab.hosting import line
from rnnlab.ui.i18n import section
from rnnlab.ui.i18n.languages import LANGUAGES, language_of
from rnnlab.ui.server.visitor_limit import VisitorLimit
from rnnlab.ui.session.client_id import COOKIE

TRY_AGAIN = 20  # seconds until the page of somebody outside asks anew
HEARTBEAT = re.compile(r"/gradio_api/heartbeat/([\w-]+)$")
FOLLOWING = re.compile(r"/lab/runs/[^/]+/events$")

log = logging.getLogger(__name__)


class Admission:
    """Pure ASGI middleware that lets in as many as there are seats."""

    def __init__(self, app: ASGIApp, seats: VisitorLimit) -> None:
        self.app, self.seats = app, seats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope = genuine(scope, self.seats)
        self.seats.claim(Request(scope).cookies.get(COOKIE, ""))
        if wants_in(scope):
            await self._enter(scope, receive, send)
        elif visitor := staying(scope):
            await self._stay(visitor, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        known = request.cookies.get(COOKIE)
        name = known or self.seats.new_name()
        if not (self.seats.admit(name) if known else self._welcome(name, scope)):
            log.info(line("refused", code="full", visitors=self.seats.visitors))
            await outside(request, self.seats.most)(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and not known:
                MutableHeaders(scope=message).append("Set-Cookie", cookie(name, request))
            await send(message)

        await self.app(scope, receive, send_with_cookie)

    def _welcome(self, name: str, scope: Scope) -> bool:
        """Programs without a cookie have one seat for all of their address, until they show the one that they get."""
        if is_program(scope):
            return self.seats.welcome(name, f"programs, {address(scope)}", 1)
        return self.seats.welcome(name, address(scope))

    async def _stay(self, visitor: str, scope: Scope, receive: Receive, send: Send) -> None:
        """The visitor is in from the answer on, if there is one: what is not found lasts for nobody."""
        is_in = False

        async def send_and_count(message: Message) -> None:
            nonlocal is_in
            if message["type"] == "http.response.start" and message["status"] == 200:
                self.seats.connect(visitor)
                is_in = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_count)
        finally:
            if is_in:
                self.seats.disconnect(visitor, address(scope))


def wants_in(scope: Scope) -> bool:
    """Whether a browser asks for the page, or a program for what it must know first. Whoever only looks whether the
    server answers takes no seat."""
    if scope["method"] != "GET":
        return False
    return is_program(scope) or (scope["path"] == "/" and "text/html" in Headers(scope=scope).get("accept", ""))


def is_program(scope: Scope) -> bool:
    """Whether whoever wants in asks for what a program must know first, and not for the page."""
    named = "gradio_client" in Headers(scope=scope).get("user-agent", "")
    return scope["path"] == "/config" or (scope["path"] == "/" and named)


def genuine(scope: Scope, seats: VisitorLimit) -> Scope:
    """The same request; one with a seat that we have not given comes without cookies, for nobody to take it for one."""
    known = Request(scope).cookies.get(COOKIE)
    if known is None or seats.has_given(known):
        return scope
    return {**scope, "headers": [header for header in scope["headers"] if header[0] != b"cookie"]}


def staying(scope: Scope) -> str | None:
    """Whose connection this is, if it lasts as long as somebody is there: the heartbeat, or a run that is followed.

    Only with the second is a page in touch with a server that was started anew. Without a cookie, which a strict frame
    may forbid, all pages and programs of one address are one visitor as long as a heartbeat of theirs lasts.
    """
    known = Request(scope).cookies.get(COOKIE)
    if HEARTBEAT.search(scope["path"]):
        return known or address(scope)
    return known if FOLLOWING.search(scope["path"]) else None


def address(scope: Scope) -> str:
    return f"address {(scope.get('client') or ('unknown',))[0]}"


def cookie(visitor: str, request: Request) -> str:
    """A cookie for as long as the browser is open; within a frame of another site, as on Spaces, it needs HTTPS.

    Without a path it goes to the folder of the page that is asked for, which a proxy may have put anywhere.
    """
    secure = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
    return f"{COOKIE}={visitor}; HttpOnly; SameSite={'None; Secure; Partitioned' if secure else 'Lax'}"


def outside(request: Request, seats: int, crowded: bool = False) -> Response:
    """What they get for whom there is no seat: a page that tries again by itself, or a line for a program.

    `crowded`: it is connections that are lacking, of which there are so many.
    """
    language = language_of(request)
    words = section("door", language)
    words |= {"full": words["crowded"], "program": words["program_crowded"]} if crowded else {}
    numbers = {"seats": seats, "seconds": TRY_AGAIN}
    headers = {"Retry-After": str(TRY_AGAIN), "Cache-Control": "no-store"}
    if request.url.path != "/":
        return PlainTextResponse(words["program"].format(**numbers), 503, headers)
    nonce = secrets.token_urlsafe(16)
    headers["Content-Security-Policy"] = CSP.format(nonce=nonce)
    said = {name: html.escape(text.format(**numbers)) for name, text in words.items()}
    lang = LANGUAGES[language].html
    return HTMLResponse(
        PAGE.format(**said, lang=lang, style=STYLE, script=SCRIPT, nonce=nonce, seconds=TRY_AGAIN),
        503,
        headers,
    )


STYLE = """
:root { color-scheme: light; --page: #ffffff; --text: #1f2937; --link: #005f9e; }
@media (prefers-color-scheme: dark) { :root { color-scheme: dark; --page: #0b0f19; --text: #e5e7eb; --link: #7cc4f5; } }
body { max-width: 34em; margin: 18vh auto 0; padding: 0 24px; background: var(--page); color: var(--text);
  font: 18px/1.6 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; }
h1 { font-size: 1.5em; line-height: 1.3; }
a { display: inline-block; min-height: 44px; line-height: 44px; color: var(--link); }
a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
"""
# It asks without loading the page anew, which would interrupt who is read to; the answer that lets in brings the seat.
SCRIPT = """
const seconds = Number(document.currentScript.dataset.seconds);
setInterval(async () => {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
  if (answer?.ok) location.reload();
}, 1000 * seconds);
"""
CSP = "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'"
PAGE = """<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main><h1>{title}</h1>
<p>{full}</p>
<p>{kept}</p>
<a href="">{again}</a></main>
<script nonce="{nonce}" data-seconds="{seconds}">{script}</script>
</body>
</html>
"""
