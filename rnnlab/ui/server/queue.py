"""The queue of what pages and programs ask for: places for so many at once, and nobody takes more than a share."""

from __future__ import annotations

import logging
from asyncio import Queue as Messages
from collections import Counter
from typing import TYPE_CHECKING, Any

from gradio.blocks import Blocks
from gradio.queueing import Event, Queue
from gradio.server_messages import EstimationMessage, EventMessage
from starlette.requests import Request

from rnnlab.hosting import line
from rnnlab.runs.scheduler import ADDRESS
from rnnlab.ui.server.request_bodies import BODY
from rnnlab.ui.session.client_id import client_id_of

if TYPE_CHECKING:
    from rnnlab.ui.server.abandoned_events import Listeners

PLACES = 200  # events in progress at once: a lecture hall presses Train together
MOST_WAITING = 10_000  # events
MOST_WAITING_OF_ONE = 2_000  # of them of one owner, or of one address, which a school may share
OWNER = "rnnlab.owner"  # where the scope of a request keeps whose it is
LOOKS = 0.01  # seconds between two looks whether a place is free

log = logging.getLogger(__name__)


class FairQueue(Queue):
    """Gradio's queue, in which owners take turns and none has more than a part of the places.

    Next is whose owner has the fewest in progress, and of those what has waited longest. Gradio's own order is that in
    which they came, behind which one visitor with a loop would hold up all others.
    """

    @classmethod
    def of(cls, queue: Queue, blocks: Blocks) -> FairQueue:
        """One in the place of Gradio's, set up likewise."""
        return cls(
            live_updates=queue.live_updates,
            concurrency_count=queue.max_thread_count,
            update_intervals=queue.update_intervals,
            max_size=None,  # on a ZeroGPU Space Gradio lets no more than one event wait
            blocks=blocks,
            default_concurrency_limit=queue.default_concurrency_limit,
        )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.sleep_when_free = LOOKS
        self.listeners: Listeners | None = None
        # Gradio keeps those of 2000 sessions and forgets the oldest, be it one that somebody listens to.
        self.pending_messages_per_session: dict[str, Messages] = {}

    def weight(self, owner: str | None = None) -> int:
        """What the requests of all events that wait or are in progress take in memory, or of one owner's."""
        events = [event for event in self.event_ids_to_events.values() if owner in (None, owner_of_event(event))]
        return sum(event.request.scope[BODY].weight for event in events if BODY in event.request.scope)

    def send_message(self, event: Event, event_message: EventMessage) -> None:
        """Tell the session of an event; nobody is told how long the queue is who does not listen to it.

        Each event that begins tells all that wait how long they will: to two hundred that nobody hears, 20,000 times.
        """
        listens = self.listeners is None or self.listeners.hears(event.session_hash)
        if listens or not isinstance(event_message, EstimationMessage):
            super().send_message(event, event_message)

    async def push(self, body: Any, request: Request, username: str | None) -> tuple[bool, Any, Any]:
        """Let an event wait, unless too many do."""
        waiting = [event for queue in self.event_queue_per_concurrency_id.values() for event in queue.queue]
        if len(waiting) >= MOST_WAITING_OF_ONE:
            own = [owner_of_event(event) for event in waiting].count(client_id_of(request))
            if own >= MOST_WAITING_OF_ONE or len(waiting) >= MOST_WAITING:
                log.info(line("refused", code="queue_full", waiting=len(waiting)))
                return False, "Too many requests wait; try again in a minute.", "queue_full"
        return await super().push(body, request, username)

    def get_events(self) -> tuple[list[Event], bool, str] | None:
        """The next event for which there is a place. None of ours are worked on in batches."""
        has = Counter(owner_of_event(event) for events in self.active_jobs for event in events or ())
        best: tuple[int, float] | None = None
        for queue in self.event_queue_per_concurrency_id.values():
            if queue.concurrency_limit is not None and queue.current_concurrency >= queue.concurrency_limit:
                continue
            for owner, event in first_of_each(queue.queue).items():
                rank = has[owner], event.enqueue_time
                if has[owner] < share_of(owner, self.max_thread_count) and (best is None or rank < best):
                    best, chosen, of = rank, event, queue
        if best is None:
            return None
        of.queue.remove(chosen)
        return [chosen], False, of.concurrency_id


def first_of_each(events: list[Event]) -> dict[str, Event]:
    """The event of each owner that has waited longest."""
    first: dict[str, Event] = {}
    for event in events:
        first.setdefault(owner_of_event(event), event)
    return first


def share_of(owner: str, places: int) -> int:
    """How many places one owner may have: of an address a whole school may be behind it."""
    return places // (2 if owner.startswith(ADDRESS) else 4)


def owner_of_event(event: Event) -> str:
    """Whose it is, which is asked some hundred times a second."""
    scope = event.request.scope
    if OWNER not in scope:
        scope[OWNER] = client_id_of(event.request)
    return scope[OWNER]
