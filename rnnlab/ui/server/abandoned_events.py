"""Abandoned events: a call without a reader of its answer frees its place after TIMEOUT.

A client first posts a call and then opens a stream, on which the answer comes. Gradio works on the call in either
case: a training whose stream is never opened would keep its place for ever.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from gradio.queueing import Queue

from rnnlab.hosting import line

if TYPE_CHECKING:
    from gradio.queueing import Event

TIMEOUT = 30.0  # seconds without a reader after which a session's events end and their messages are dropped

log = logging.getLogger(__name__)


class AbandonedEvents:
    """End the events of sessions without a reader. Used by the server's event loop alone, so it needs no lock."""

    def __init__(self, queue: Callable[[], Queue], clock: Callable[[], float] = time.monotonic) -> None:
        """`queue` returns Gradio's queue, which Gradio replaces when it is launched."""
        self._queue, self._clock = queue, clock
        self._unread: dict[str, tuple[float, int]] = {}  # sessions without a reader: since when, and messages read

    async def end(self) -> None:
        """End the events that have had no reader for TIMEOUT. To be called every few seconds."""
        queue, now = self._queue(), self._clock()
        events: dict[str, list[Event]] = {}
        for event in queue.event_ids_to_events.values():
            events.setdefault(event.session_hash, []).append(event)
        sessions = events.keys() | queue.pending_event_ids_session.keys() | set(queue.pending_messages_per_session)
        before, self._unread = self._unread, {}
        for session in sessions:
            if (count := messages_read(queue, session)) is not None:
                since, last = before.get(session, (now, count))
                self._unread[session] = since if count == last else now, count
        for session in [session for session, (since, _) in self._unread.items() if now - since > TIMEOUT]:
            for event in events.get(session, ()):
                if event.alive:
                    log.info(line("unheard", event_of=str(event.fn.api_name or event.fn.name)))
                event.alive = False  # an event in progress ends at its next message
                await queue.clean_events(event_id=event._id)
            if messages_read(queue, session) is not None:  # no reader has come meanwhile
                queue.pending_messages_per_session.pop(session, None)
                queue.pending_event_ids_session.pop(session, None)


def messages_read(queue: Queue, session: str) -> int | None:
    """Return how many messages of a session have been read; None while a reader waits for the next one."""
    messages = queue.pending_messages_per_session.get(session)
    if messages is None:
        return 0
    if messages._getters:  # private to asyncio, as is the number of all that were put
        return None
    return messages._unfinished_tasks - messages.qsize()
