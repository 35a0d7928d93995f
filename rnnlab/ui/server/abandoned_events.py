"""Who listens: an event that nobody hears holds none of the server's places for long.

Whoever asks for something posts it first and then opens a stream on which the answer comes. Gradio works on the event
in either case, for ever if it must: a training that was posted and whose stream nobody has opened would keep its place.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from gradio.queueing import Queue
from gradio.routes import App
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from rnnlab.hosting import line
from rnnlab.ui.server.admission import COOKIE, address, outside
from rnnlab.ui.session.cleanup import Sessions

if TYPE_CHECKING:
    from gradio.queueing import Event

UNHEARD = 30.0  # seconds until an event that nobody listens to ends, and what it has told so far is forgotten
PERIOD = 2.0  # seconds between two looks
HEARTBEAT = re.compile(r"/gradio_api/heartbeat/([^/]+)$")
EVENT = re.compile(r"/gradio_api/call/(?:v2/)?[^/]+/([^/]+)$")
SESSION = re.compile(r"/gradio_api/queue/data$")

log = logging.getLogger(__name__)


class Listeners:
    """Which sessions are listened to, and which pages are open. Used by the server's event loop alone."""

    def __init__(
        self, queue: Callable[[], Queue], clock: Callable[[], float] = time.monotonic, most: int = 2**31
    ) -> None:
        """`queue` gives Gradio's queue, which it makes anew when it is launched.

        `most` is how many streams may last that come from one address and without a seat's cookie.
        """
        self._queue, self._clock, self.most = queue, clock, most
        self._of_address: Counter[str] = Counter()  # such streams
        self._streams: Counter[str] = Counter()  # by session
        self._pages: Counter[str] = Counter()  # likewise
        self._unheard: dict[str, float] = {}  # sessions with something to tell: since when nobody listens

    def is_open(self, session: str) -> bool:
        """Whether a page of this session is open."""
        return session in self._pages

    def hears(self, session: str) -> bool:
        """Whether somebody listens to the answers of this session."""
        return session in self._streams

    @contextmanager
    def there(self, scope: Scope) -> Iterator[bool]:
        """While this request lasts somebody is there, if it is one that tells so; False when there are too many."""
        counter, session = self._meant(scope)
        if counter is None:
            yield True
            return
        unknown = "" if COOKIE in Request(scope).cookies else address(scope)
        if self._of_address[unknown] >= self.most and unknown:
            yield False
            return
        with counted(counter, session), counted(self._of_address, unknown):
            yield True

    def _meant(self, scope: Scope) -> tuple[Counter[str] | None, str]:
        if scope["method"] == "GET":
            if page := HEARTBEAT.search(scope["path"]):
                return self._pages, page[1]
            if event := EVENT.search(scope["path"]):
                return self._streams, self._session_of(event[1])
            if SESSION.search(scope["path"]):
                given = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])
                return self._streams, given[0]
        return None, ""

    def _session_of(self, event_id: str) -> str:
        """As Gradio finds it: of an event that is done it knows no more than that it has been told of."""
        queue = self._queue()
        if event := queue.event_ids_to_events.get(event_id):
            return event.session_hash
        told = (session for session, ids in queue.pending_event_ids_session.items() if event_id in ids)
        return next(told, event_id)

    async def look(self) -> None:
        """End the events that nobody has listened to for UNHEARD, and forget what they have told."""
        queue, now = self._queue(), self._clock()
        going: dict[str, list[Event]] = {}
        for event in queue.event_ids_to_events.values():
            going.setdefault(event.session_hash, []).append(event)
        telling = going.keys() | queue.pending_event_ids_session.keys() | set(queue.pending_messages_per_session)
        self._unheard = {s: self._unheard.get(s, now) for s in telling if not self.hears(s)}
        for session in [session for session, since in self._unheard.items() if now - since > UNHEARD]:
            for event in going.get(session, ()):
                await self._end(queue, event)
            if not self.hears(session):  # nobody has come meanwhile
                queue.pending_messages_per_session.pop(session, None)
                queue.pending_event_ids_session.pop(session, None)

    async def _end(self, queue: Queue, event: Event) -> None:
        """What waits is not begun; what runs ends when it next has something to tell, and gives its place back."""
        if event.alive:
            log.info(line("unheard", event_of=str(event.fn.api_name or event.fn.name)))
        event.alive = False
        await queue.clean_events(event_id=event._id)

    async def watch(self) -> None:
        """Look again and again."""
        while True:
            await asyncio.sleep(PERIOD)
            try:
                await self.look()
            except Exception:  # one defect must not leave every place taken for good
                log.exception(line("listeners_failed"))


@contextmanager
def counted(counter: Counter[str], name: str) -> Iterator[None]:
    """One more in the counter, while the block lasts."""
    counter[name] += 1
    try:
        yield
    finally:
        counter[name] -= 1
        if not counter[name]:
            del counter[name]


@asynccontextmanager
async def watched(
    listeners: Listeners, lifespan: Callable[[App], AbstractAsyncContextManager[None]], app: App
) -> AsyncIterator[None]:
    """A lifespan around another one, in which events that nobody hears end, and open pages are remembered first."""
    blocks = app.get_blocks()
    app.state_holder = Sessions(listeners.is_open)
    app.state_holder.set_blocks(blocks)
    blocks._queue.listeners = listeners
    watch = asyncio.create_task(listeners.watch())
    try:
        async with lifespan(app):
            yield
    finally:
        watch.cancel()


class Listening:
    """Pure ASGI middleware that tells `listeners` who is there."""

    def __init__(self, app: ASGIApp, listeners: Listeners) -> None:
        self.app, self.listeners = app, listeners

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with self.listeners.there(scope) as has_room:
            if has_room:
                await self.app(scope, receive, send)
                return
        log.info(line("refused", code="streams_full"))
        await outside(Request(scope), self.listeners.most, crowded=True)(scope, receive, send)
