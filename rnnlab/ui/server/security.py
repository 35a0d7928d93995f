"""What is turned away before Gradio sees it, and what Gradio must not answer.

Outermost of all: Gradio's own layer around the routes answers a browser that asks, for any site, whether it may send
requests here in a visitor's name, and says yes on every machine but localhost.
"""

from __future__ import annotations

import gc
import json
import logging
import math
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rnnlab.hosting import line
from rnnlab.ui.i18n import words
from rnnlab.ui.i18n.languages import language_of
from rnnlab.ui.server.admission import genuine
from rnnlab.ui.server.request_bodies import BODY, MOST_BYTES, Bodies, Body, TooLarge
from rnnlab.ui.server.upload_storage import KEPT, MIB, UploadStorage
from rnnlab.ui.server.visitor_limit import VisitorLimit
from rnnlab.ui.session.client_id import client_id_of

MOST_BYTES_OF_A_FILE = 20 * MIB
UPLOAD = "/gradio_api/upload"
PAGE_HEADER = "x-rnnlab-page"  # frontend/boot.js sends it with every request of a page of ours
OURS = "/lab/"  # routes that Gradio has no part in: what fails there is our own failure
DIRECT = re.compile(r"/gradio_api/(run|api)/")  # Gradio's routes past the queue
HEADERS = {
    "too_large": {"Connection": "close"},
    "inbox_full": {"Retry-After": str(int(KEPT))},
    "bodies_full": {"Retry-After": "60"},
}
PUBLIC = re.compile(r"/(assets|static)/")  # Gradio's own files; a browser names the origin of a page that loads them
ELSEWHERE = re.compile(r"/gradio_api/(file|proxy)[=/].*:/")  # a file on another machine, fetched by this one

log = logging.getLogger(__name__)


@asynccontextmanager
async def guarded(
    inbox: UploadStorage, app: Starlette, *, bodies: Bodies | None = None, seats: VisitorLimit | None = None
) -> AsyncIterator[None]:
    """A lifespan that puts `RequestFilter` around everything, the layers that Gradio adds by itself included."""
    app.middleware_stack = RequestFilter(app.middleware_stack, inbox, bodies, seats)
    yield


class RequestFilter:
    """Pure ASGI middleware. Turned away, in the visitor's language:

    - a request that a page of another site makes, so that it cannot steer a visitor's runs from their browser;
    - one of more than MOST_BYTES, counted as they come, or for whose body there is no room now;
    - a file when the inbox has no room for it, and one that is sent anywhere else: Gradio would leave it lying;
    - an address on another machine where a file of ours is meant.

    Gradio answers two things with status 500 that are the visitor's doing: a refusal on its direct routes (422 here),
    and a request that its routes were not written for (400 here, and a line in the log). That a file is too large it
    says in English; here the visitor's language does.
    """

    def __init__(
        self, app: ASGIApp, inbox: UploadStorage, bodies: Bodies | None = None, seats: VisitorLimit | None = None
    ) -> None:
        """`seats` tell one visitor from another, so that none takes more than a share of the room."""
        self.app, self.inbox, self.bodies, self.seats = app, inbox, bodies, seats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if refused := refusal_of(scope):
            await answer(*refused, scope, receive, send)
            return
        if is_upload(scope):
            try:
                self.inbox.prepare()
            except OSError as error:
                await self._cannot_keep(error, scope, receive, send)
                return
        body = Body(receive, MOST_BYTES, parsed=not is_upload(scope))
        with self._taking(scope, body) as lack:
            if not lack:
                await self._pass({**scope, BODY: body}, body, send)
            else:
                await body.drain()
                log.info(line("refused", code=lack, field="upload" if is_upload(scope) else "request"))
                await answer(503, lack, scope, receive, send)

    @contextmanager
    def _taking(self, scope: Scope, body: Body) -> Iterator[str]:
        """Take room for the body while it comes; if there is none, which one is lacking."""
        nbytes = length_of(Headers(scope=scope))
        owner = client_id_of(Request(genuine(scope, self.seats))) if self.seats is not None else ""
        if is_upload(scope):
            with self.inbox.taking(nbytes, lambda: body.nbytes, owner) as has_room:
                yield "" if has_room else "inbox_full"
        elif self.bodies is not None and nbytes:
            with self.bodies.taking(nbytes, body, owner) as has_room:
                yield "" if has_room else "bodies_full"
        else:
            yield ""

    async def _pass(self, scope: Scope, body: Body, send: Send) -> None:
        """Let it through, and look at what Gradio makes of it."""
        receive = body.receive
        held = Held(send, {413, 500} if is_upload(scope) else {500})
        try:
            await self.app(scope, receive, held.send)
        except TooLarge:
            if held.begun:
                raise
            await body.drain()
            await answer(413, "too_large", scope, receive, send)
        except Exception as error:
            if isinstance(error, OSError) and is_upload(scope) and not held.begun:
                await self._cannot_keep(error, scope, receive, send)
                return
            if held.begun or scope["path"].startswith(OURS):
                await held.release()
                raise
            log.warning(line("request_not_understood", method=scope["method"]), exc_info=True)
            await answer(400, "not_understood", scope, receive, send)
        else:
            if held.status == 413:
                await answer(413, "file_too_large", scope, receive, send)
                return
            await held.release(422 if DIRECT.match(scope["path"]) and held.is_refusal() else 500)

    async def _cannot_keep(self, error: OSError, scope: Scope, receive: Receive, send: Send) -> None:
        """Say that the machine cannot keep a file, as when its disk is full."""
        reason = error.strerror or type(error).__name__
        log.warning(line("upload_not_kept", reason=reason))
        error.__traceback__ = error.__context__ = None  # its frames hold the file open, and so its room on the disk
        gc.collect()
        await answer(507, "upload_not_kept", scope, receive, send, reason=reason)


def refusal_of(scope: Scope) -> tuple[int, str] | None:
    """The status and the words with which a request is turned away at once, if it is."""
    headers = Headers(scope=scope)
    public = scope["method"] == "GET" and PUBLIC.match(scope["path"])
    if is_foreign(headers, scope["method"]) and not public:
        return 403, "foreign"
    if ELSEWHERE.search(scope["path"]):
        return 403, "elsewhere"
    if length_of(headers) > MOST_BYTES:
        return 413, "too_large"
    if "multipart/" in headers.get("content-type", "").lower() and not is_upload(scope):
        return 400, "not_understood"
    return None


def is_upload(scope: Scope) -> bool:
    return scope["path"] == UPLOAD and scope["method"] == "POST"


def length_of(headers: Headers) -> float:
    """How many bytes a request has at most by what it says; endless if that is no number."""
    if "transfer-encoding" in headers:  # which counts, whatever else it says
        return MOST_BYTES
    length = headers.get("content-length", "0")
    return int(length[:18]) if length.isdecimal() else math.inf


def is_foreign(headers: Headers, method: str) -> bool:
    """Whether a page of another site makes this request; following a link or framing the page is none of that.

    Browsers send Fetch Metadata, but only over HTTPS and on localhost. Elsewhere `Origin` must equal the host, or the
    request must carry the header that only our pages send (`frontend/boot.js`): a proxy may not pass the host on, and
    another site cannot send that header without a CORS preflight, which is never answered. Programs send none of these.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        follows = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
        return site not in ("same-origin", "none") and not follows
    return origin is not None and host_of(origin) != headers.get("host", "").lower() and PAGE_HEADER not in headers


def host_of(origin: str) -> str | None:
    """`https://Example.org:8000` → example.org:8000; None for what is no origin, as `null`."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


class Held:
    """Lets a response pass, except one of these statuses: that is kept until it is known what it was."""

    def __init__(self, send: Send, statuses: set[int]) -> None:
        self._send, self._statuses, self._messages, self.begun = send, statuses, [], False

    @property
    def status(self) -> int | None:
        """Of the response that is kept."""
        return self._messages[0]["status"] if self._messages else None

    async def send(self, message: Message) -> None:
        if self._messages or (message["type"] == "http.response.start" and message["status"] in self._statuses):
            self._messages.append(message)
            return
        self.begun = True
        await self._send(message)

    def is_refusal(self) -> bool:
        """Whether the response kept says in words what was wrong; a failure inside says nothing."""
        try:
            content = json.loads(b"".join(message.get("body", b"") for message in self._messages))
        except ValueError:
            return False
        return isinstance(content, dict) and isinstance(content.get("error"), str)

    async def release(self, status: int = 500) -> None:
        """Send what was kept, with another status."""
        for message in self._messages:
            await self._send({**message, "status": status} if message["type"] == "http.response.start" else message)
        self._messages = []


async def answer(status: int, key: str, scope: Scope, receive: Receive, send: Send, **facts: str) -> None:
    """Say `guard.<key>` in the visitor's language; of an upload the page shows the answer as it is."""
    text = words(language_of(Request(scope)))[f"guard.{key}"].format(**facts)
    headers = HEADERS.get(key)
    if is_upload(scope):
        response = PlainTextResponse(text, status, headers)
    else:
        response = JSONResponse({"error": text, "detail": text}, status, headers)
    await response(scope, receive, send)
