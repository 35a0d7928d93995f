"""Security: ASGI middleware that rejects requests before Gradio sees them, and corrects Gradio's answers to errors.

It is outermost: Gradio's own layer around the routes allows any site, on every machine but localhost, to send requests
here in a visitor's name.
"""

from __future__ import annotations

import gc
import json
import logging
import math
import re
from contextlib import ExitStack
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rnnlab.hosting import line
from rnnlab.limits import MAX_REQUEST_BYTES
from rnnlab.ui.i18n import words
from rnnlab.ui.i18n.languages import language_of
from rnnlab.ui.server.admission import without_forged_cookie
from rnnlab.ui.server.request_bodies import BODY, Bodies, Body, TooLarge
from rnnlab.ui.server.upload_storage import RETENTION, UploadStorage
from rnnlab.ui.server.visitor_count import VisitorCount
from rnnlab.ui.session.client_id import client_id_of

UPLOAD = "/gradio_api/upload"
PAGE_HEADER = "x-rnnlab-page"  # frontend/boot.js sends it with every request of our pages
OUR_ROUTES = "/lab/"  # without Gradio: an error there is a defect of ours
DIRECT_ROUTES = re.compile(r"/gradio_api/(run|api)/")  # Gradio's, past the queue
PUBLIC_FILES = re.compile(r"/(assets|static)/")  # Gradio's; a browser names the origin of the page that loads them
REMOTE_FILE = re.compile(r"/gradio_api/(file|proxy)[=/].*:/")  # on another machine, to be fetched by this one
HEADERS = {
    "too_large": {"Connection": "close"},
    "inbox_full": {"Retry-After": str(int(RETENTION))},
    "bodies_full": {"Retry-After": "60"},
}

log = logging.getLogger(__name__)


class RequestFilter:
    """Pure ASGI middleware. It rejects, in the visitor's language:

    - a request from a page of another site, which could steer a visitor's runs from their browser;
    - a body beyond MAX_REQUEST_BYTES, counted as it arrives, or one for which there is no room now;
    - an upload for which the disk has no room, and a file sent anywhere else: Gradio would never remove it;
    - the address of a file on another machine.

    Gradio answers two errors of a client with status 500: a refusal on its direct routes (422 here), and a request
    that its routes cannot read (400 here, and a line in the log). It refuses too large a file in English only.
    """

    def __init__(
        self, app: ASGIApp, storage: UploadStorage, bodies: Bodies | None = None, visitors: VisitorCount | None = None
    ) -> None:
        """`visitors` tell one client from another, so that none takes more than its share of the room."""
        self.app, self.storage, self.bodies, self.visitors = app, storage, bodies or Bodies(), visitors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nbytes, upload = nbytes_of(Headers(scope=scope)), is_upload(scope)
        client = client_id_of(Request(without_forged_cookie(scope, self.visitors))) if self.visitors else ""
        body = Body(receive, nbytes, client, parsed=not upload)
        if refused := refusal_of(scope):
            await refuse(*refused, scope, body, send)
            return
        with ExitStack() as reserved:
            lack = ""
            if upload:
                try:
                    self.storage.prepare()
                except OSError as error:
                    await self._refuse_storing(error, scope, body, send)
                    return
                if not reserved.enter_context(self.storage.admit(nbytes, lambda: body.nbytes, client)):
                    lack = "inbox_full"
            elif nbytes and not reserved.enter_context(self.bodies.admit(body)):
                lack = "bodies_full"
            if not lack:
                await self._pass({**scope, BODY: body}, body, send)
                return
        log.info(line("refused", code=lack, field="upload" if upload else "request"))
        await refuse(503, lack, scope, body, send)

    async def _pass(self, scope: Scope, body: Body, send: Send) -> None:
        """Pass a request on, and correct the answer to an error."""
        upload = is_upload(scope)
        response = ErrorBuffer(send, {413, 500} if upload else {500})
        try:
            await self.app(scope, body.receive, response.send)
        except TooLarge:
            if response.has_begun:
                raise
            await refuse(413, "too_large", scope, body, send)
        except Exception as error:
            if isinstance(error, OSError) and upload and not response.has_begun:
                await self._refuse_storing(error, scope, body, send)
                return
            if response.has_begun or scope["path"].startswith(OUR_ROUTES):
                await response.release()
                raise
            log.warning(line("request_not_understood", method=scope["method"]), exc_info=True)
            await refuse(400, "not_understood", scope, body, send)
        else:
            if response.status == 413:
                await refuse(413, "file_too_large", scope, body, send)
                return
            await response.release(422 if DIRECT_ROUTES.match(scope["path"]) and response.is_refusal() else 500)

    async def _refuse_storing(self, error: OSError, scope: Scope, body: Body, send: Send) -> None:
        """Say that the machine cannot keep a file, as when its disk is full."""
        reason = error.strerror or type(error).__name__
        log.warning(line("upload_not_kept", reason=reason))
        error.__traceback__ = error.__context__ = (
            None  # its frames keep the file open, and so its room on the disk taken
        )
        gc.collect()
        await refuse(507, "upload_not_kept", scope, body, send, reason=reason)


def refusal_of(scope: Scope) -> tuple[int, str] | None:
    """Return the status and the message with which a request is rejected for its head alone, or None."""
    headers = Headers(scope=scope)
    is_public = scope["method"] == "GET" and PUBLIC_FILES.match(scope["path"])
    if is_foreign(headers, scope["method"]) and not is_public:
        return 403, "foreign"
    if REMOTE_FILE.search(scope["path"]):
        return 403, "elsewhere"
    if nbytes_of(headers) > MAX_REQUEST_BYTES:
        return 413, "too_large"
    if "multipart/" in headers.get("content-type", "").lower() and not is_upload(scope):
        return 400, "not_understood"
    return None


def is_upload(scope: Scope) -> bool:
    return scope["path"] == UPLOAD and scope["method"] == "POST"


def nbytes_of(headers: Headers) -> float:
    """Return how many bytes a body has at most by the headers; inf if they are no number."""
    if "transfer-encoding" in headers:  # takes precedence over a content-length
        return MAX_REQUEST_BYTES
    length = headers.get("content-length", "0")
    return int(length[:18]) if length.isdecimal() else math.inf


def is_foreign(headers: Headers, method: str) -> bool:
    """Return whether a page of another site makes this request. It may link to the page and frame it.

    Browsers send Fetch Metadata, but only over HTTPS and on localhost. Elsewhere `Origin` must equal the host, or the
    request must carry the header that only our pages send (`frontend/boot.js`): a proxy may not pass the host on, and
    another site cannot send that header without a CORS preflight, which is never answered. Programs send none of these.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        is_link = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
        return site not in ("same-origin", "none") and not is_link
    return origin is not None and host_of(origin) != headers.get("host", "").lower() and PAGE_HEADER not in headers


def host_of(origin: str) -> str | None:
    """`https://Example.org:8000` → example.org:8000; None for what is no origin, as `null`."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


class ErrorBuffer:
    """A `send` that holds back responses with certain statuses until it is known what caused them."""

    def __init__(self, send: Send, statuses: set[int]) -> None:
        self._send, self._statuses, self.has_begun = send, statuses, False
        self._messages: list[Message] = []

    @property
    def status(self) -> int | None:
        """The status of the response that is held back, if one is."""
        return self._messages[0]["status"] if self._messages else None

    async def send(self, message: Message) -> None:
        if self._messages or (message["type"] == "http.response.start" and message["status"] in self._statuses):
            self._messages.append(message)
            return
        self.has_begun = True
        await self._send(message)

    def is_refusal(self) -> bool:
        """Return whether the response held back has a message for the visitor; one to a defect has none."""
        try:
            content = json.loads(b"".join(message.get("body", b"") for message in self._messages))
        except ValueError:
            return False
        return isinstance(content, dict) and isinstance(content.get("error"), str)

    async def release(self, status: int = 500) -> None:
        """Send the response held back, if there is one, with another status."""
        for message in self._messages:
            await self._send({**message, "status": status} if message["type"] == "http.response.start" else message)
        self._messages = []


async def refuse(status: int, key: str, scope: Scope, body: Body, send: Send, **facts: str) -> None:
    """Answer with the words `guard.<key>` in the visitor's language; the page shows the text of an upload's answer."""
    await body.drain()
    text = words(language_of(Request(scope)))[f"guard.{key}"].format(**facts)
    headers = HEADERS.get(key)
    response: Response = JSONResponse({"error": text, "detail": text}, status, headers)
    if is_upload(scope):
        response = PlainTextResponse(text, status, headers)
    await response(scope, body.receive, send)
