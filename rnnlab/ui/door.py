"""The door: how many visitors are in at once, and what those read who come beyond that.

A visitor is a browser, known by a cookie that says nothing else; its tabs share a seat. Gradio's pages and clients keep
one connection open for as long as they are there, the heartbeat, so a seat is taken while such a connection is open and
free when it ends: closing the browser is enough. Nobody who is in is ever sent out.

A cookie is signed, so only who was let in can hold a seat; what anybody makes up holds none.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import logging
import re
import secrets
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rnnlab.checkpoints import write_file
from rnnlab.operating import line
from rnnlab.ui.language import language_of
from rnnlab.ui.words import section

COOKIE = "rnnlab_seat"
NAME, SIGNATURE = 16, 32  # hexadecimal digits: a visitor's name by chance, and that we have given it
KEY = 32  # bytes
HELD = 20.0  # seconds a seat is held for who has been let in, or was here a moment ago, and is not connected
TRY_AGAIN = 20  # seconds until the page of somebody outside asks anew
HEARTBEAT = re.compile(r"/gradio_api/heartbeat/([\w-]+)$")
FOLLOWING = re.compile(r"/lab/runs/[^/]+/events$")

log = logging.getLogger(__name__)


class Seats:
    """Who is in: at most `most` visitors. Used by the server's event loop alone, so it needs no lock.

    With the `key` it signs the names that it gives; a server that is started anew with the same one knows them still.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic, key: bytes = b"") -> None:
        self.most, self._clock, self._key = most, clock, key or secrets.token_bytes(KEY)
        self._open: Counter[str] = Counter()  # connections of each visitor
        self._held: dict[str, float] = {}  # until when; never more than there are seats

    @property
    def visitors(self) -> int:
        """How many are connected."""
        return len(self._open)

    def new_name(self) -> str:
        """A name for a visitor, which nobody can make up."""
        name = secrets.token_hex(NAME // 2)
        return name + self._signature(name)

    def has_given(self, name: str) -> bool:
        """Whether we have given this name."""
        return name.isascii() and hmac.compare_digest(name[NAME:], self._signature(name[:NAME]))

    def _signature(self, name: str) -> str:
        return hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()[:SIGNATURE]

    def admit(self, visitor: str) -> bool:
        """Hold a seat for whoever asks for the page; False when all others are taken."""
        return self._hold(visitor) or visitor in self._open

    def connect(self, visitor: str) -> None:
        self._held.pop(visitor, None)
        self._open[visitor] += 1
        if self._open[visitor] == 1:
            log.info(line("visitor_came", visitors=self.visitors))

    def disconnect(self, visitor: str) -> None:
        self._open[visitor] -= 1
        if not self._open[visitor]:
            del self._open[visitor]
            if self.has_given(visitor):
                self._hold(visitor)  # a reload comes back to its own seat
            log.info(line("visitor_left", visitors=self.visitors))

    def _hold(self, visitor: str) -> bool:
        """Hold a seat for a while, if one is free; whether it was."""
        now = self._clock()
        self._held = {who: until for who, until in self._held.items() if until > now}
        if len((self._open.keys() | self._held.keys()) - {visitor}) >= self.most:
            return False
        self._held[visitor] = now + HELD
        return True


def key_in(folder: Path) -> bytes:
    """The key that this folder keeps, readable by its owner alone; a new one where it has none or can keep none."""
    file, new = folder / "seats.key", secrets.token_bytes(KEY)
    try:
        if file.is_file() and len(key := file.read_bytes()) == KEY:
            return key
        write_file(file, new, 0o600)
    except OSError as error:
        log.warning(line("seats_not_kept", reason=error.strerror))
    return new


class Door:
    """Pure ASGI middleware that lets in as many as there are seats."""

    def __init__(self, app: ASGIApp, seats: Seats) -> None:
        self.app, self.seats = app, seats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope = genuine(scope, self.seats)
        if wants_in(scope):
            await self._enter(scope, receive, send)
        elif visitor := staying(scope):
            await self._stay(visitor, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        known = request.cookies.get(COOKIE)
        visitor = known or self.seats.new_name()
        if not self.seats.admit(visitor):
            log.info(line("refused", code="full", visitors=self.seats.visitors))
            await outside(request, self.seats.most)(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and not known:
                MutableHeaders(scope=message).append("Set-Cookie", cookie(visitor, request))
            await send(message)

        await self.app(scope, receive, send_with_cookie)

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
                self.seats.disconnect(visitor)


def wants_in(scope: Scope) -> bool:
    """Whether a browser asks for the page, or a program for what it must know first. Whoever only looks whether the
    server answers takes no seat."""
    if scope["method"] != "GET":
        return False
    headers = Headers(scope=scope)
    comes = "text/html" in headers.get("accept", "") or "gradio_client" in headers.get("user-agent", "")
    return scope["path"] == "/config" or (scope["path"] == "/" and comes)


def genuine(scope: Scope, seats: Seats) -> Scope:
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
    """A cookie for as long as the browser is open; within a frame of another site, as on Spaces, it needs HTTPS."""
    secure = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
    return f"{COOKIE}={visitor}; Path=/; HttpOnly; SameSite={'None; Secure; Partitioned' if secure else 'Lax'}"


def outside(request: Request, seats: int) -> Response:
    """What they get for whom there is no seat: a page that tries again by itself, or a line for a program."""
    language = language_of(request)
    words = section("door", language)
    numbers = {"seats": seats, "seconds": TRY_AGAIN}
    headers = {"Retry-After": str(TRY_AGAIN), "Cache-Control": "no-store"}
    if request.url.path != "/":
        return PlainTextResponse(words["program"].format(**numbers), 503, headers)
    nonce = secrets.token_urlsafe(16)
    headers["Content-Security-Policy"] = CSP.format(nonce=nonce)
    said = {name: html.escape(text.format(**numbers)) for name, text in words.items()}
    lang = "zh-CN" if language == "zh" else "en"
    return HTMLResponse(
        PAGE.format(**said, lang=lang, style=STYLE, script=SCRIPT, nonce=nonce, seconds=TRY_AGAIN), 503, headers
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
