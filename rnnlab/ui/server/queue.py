"""The queue of calls: a number of places, in which clients take turns and none has more than its share."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any

from gradio.queueing import Event, Queue
from gradio.server_messages import EstimationMessage, EventMessage
from gradio.utils import LRUCache
from starlette.requests import Request

from rnnlab.hosting import line
from rnnlab.limits import MAX_WAITING_EVENTS, MAX_WAITING_EVENTS_OF_CLIENT
from rnnlab.runs.scheduler import ADDRESS
from rnnlab.ui.server.request_bodies import BODY, Body
from rnnlab.ui.session.client_id import client_id_of

CLIENT = "rnnlab.client"  # key of a request's scope: its client id
POLL = 0.01  # seconds between two looks for a free place

log = logging.getLogger(__name__)


class FairQueue(Queue):
    """Gradio's queue, but next is the event whose client has the fewest in progress, and of those the oldest.

    In Gradio's order of arrival one visitor with a loop would delay all others.
    """

    @classmethod
    def adopt(cls, queue: Queue) -> None:
        """Turn a queue of Gradio's into one of these. None of our events are worked on in batches."""
        queue.__class__ = cls
        queue.max_size = None  # on a ZeroGPU Space Gradio lets no more than one event wait
        queue.sleep_when_free = POLL
        # Gradio keeps the messages of 2,000 sessions and drops the oldest, even if a client reads them.
        queue.pending_messages_per_session = LRUCache(2**62)

    def send_message(self, event: Event, event_message: EventMessage) -> None:
        """Send a message, but no estimate of the wait to a session that has not read the last message.

        Gradio sends one to every waiting event whenever one begins: 20,000 to two hundred abandoned events.
        """
        messages = self.pending_messages_per_session.get(event.session_hash)
        if not isinstance(event_message, EstimationMessage) or (messages is not None and messages.empty()):
            super().send_message(event, event_message)

    async def push(self, body: Any, request: Request, username: str | None) -> tuple[bool, Any, Any]:
        """Let an event wait, unless too many do."""
        waiting = [event for queue in self.event_queue_per_concurrency_id.values() for event in queue.queue]
        if len(waiting) >= MAX_WAITING_EVENTS_OF_CLIENT:
            own = [client_of(event) for event in waiting].count(client_id_of(request))
            if own >= MAX_WAITING_EVENTS_OF_CLIENT or len(waiting) >= MAX_WAITING_EVENTS:
                log.info(line("refused", code="queue_full", waiting=len(waiting)))
                return False, "Too many requests wait; try again in a minute.", "queue_full"
        return await super().push(body, request, username)

    def get_events(self) -> tuple[list[Event], bool, str] | None:
        """Remove and return the next event for which there is a place."""
        busy = Counter(client_of(event) for events in self.active_jobs for event in events or ())
        waiting = [
            (busy[client_of(event)], event.enqueue_time, index, event, queue)
            for queue in self.event_queue_per_concurrency_id.values()
            if queue.concurrency_limit is None or queue.current_concurrency < queue.concurrency_limit
            for index, event in enumerate(queue.queue)
            if busy[client_of(event)] < share_of(client_of(event), self.max_thread_count)
        ]
        if not waiting:
            return None
        *_, event, queue = min(waiting, key=lambda item: item[:3])
        queue.queue.remove(event)
        return [event], False, queue.concurrency_id


def bodies_of(queue: Queue) -> Iterator[Body]:
    """Return the request bodies of all events that wait or are in progress."""
    scopes = (event.request.scope for event in queue.event_ids_to_events.values())
    return (scope[BODY] for scope in scopes if BODY in scope)


def share_of(client: str, places: int) -> int:
    """Return how many places one client may have; an address may be that of a whole school."""
    return places // (2 if client.startswith(ADDRESS) else 4)


def client_of(event: Event) -> str:
    """Return an event's client id, which is needed some hundred times a second."""
    scope = event.request.scope
    if CLIENT not in scope:
        scope[CLIENT] = client_id_of(event.request)
    return scope[CLIENT]
