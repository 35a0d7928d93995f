"""The queue: which event is next, and what a client's share is."""

import asyncio
from types import SimpleNamespace

import pytest
from gradio.queueing import Queue
from starlette.requests import Request

from rnnlab.ui.server import queue as queue_module
from rnnlab.ui.server.queue import FairQueue, bodies_of
from rnnlab.ui.server.request_bodies import BODY


class Fn:
    concurrency_id, concurrency_limit, batch, api_name, validator, connection = "any", None, False, "call", None, "sse"
    fn = None


def request(client):
    """A request from an address; from a visitor with a cookie if it is a name."""
    scope = {"type": "http", "headers": [], "client": (client, 1)}
    if not client[0].isdigit():
        scope["headers"] = [(b"cookie", f"rnnlab_seat={client}".encode())]
    return Request(scope)


@pytest.fixture
def queue():
    blocks = SimpleNamespace(fns={0: Fn()}, default_config=SimpleNamespace(fns={0: Fn()}), state_holder={})
    made = Queue(
        live_updates=True, concurrency_count=8, update_intervals=1, max_size=None, blocks=blocks,
        default_concurrency_limit=None,
    )  # fmt: skip
    FairQueue.adopt(made)
    made.active_jobs = [None] * 8
    return made


def wait(queue, client, limit=None):
    """Add an event of this client that waits."""
    fn = Fn()
    fn.concurrency_limit, fn.concurrency_id = limit, f"limit {limit}"
    event = queue_module.Event(None, fn, request(client), None)
    queue.create_event_queue_for_fn(fn)
    queue.event_queue_per_concurrency_id[fn.concurrency_id].queue.append(event)
    queue.event_ids_to_events[event._id] = event
    return event


def begin(queue):
    """Begin with the next event, and return it."""
    found = queue.get_events()
    if found is None:
        return None
    (event,), _, concurrency_id = found
    queue.active_jobs[queue.active_jobs.index(None)] = [event]
    queue.event_queue_per_concurrency_id[concurrency_id].current_concurrency += 1
    return event


def test_clients_take_turns(queue):
    loop = [wait(queue, "10.0.0.1") for _ in range(5)]
    visitor = wait(queue, "anna")
    assert [begin(queue) for _ in range(3)] == [loop[0], visitor, loop[1]]


def test_no_client_has_more_than_its_share_of_the_places(queue):
    for _ in range(9):
        wait(queue, "10.0.0.1")
        wait(queue, "anna")
    begun = [begin(queue) for _ in range(8)]
    assert [event for event in begun if event is None] == [None, None], "half for an address, a quarter for a browser"
    newcomer = wait(queue, "ben")
    assert begin(queue) is newcomer


def test_an_event_at_its_concurrency_limit_does_not_delay_others(queue):
    wait(queue, "10.0.0.1", limit=1)
    second = wait(queue, "10.0.0.2", limit=1)
    other = wait(queue, "10.0.0.1")
    assert {begin(queue) for _ in range(3)} >= {other, None}
    assert queue.event_queue_per_concurrency_id["limit 1"].queue == [second]


def test_a_client_with_too_many_waiting_events_is_refused_and_another_is_not(queue, monkeypatch):
    monkeypatch.setattr(queue_module, "MAX_WAITING_EVENTS_OF_CLIENT", 3)
    for _ in range(3):
        wait(queue, "10.0.0.1")
    body = SimpleNamespace(fn_index=0, session_hash="s", data=[])
    assert asyncio.run(queue.push(body, request("10.0.0.1"), None))[2] == "queue_full"
    monkeypatch.setattr(
        queue_module.Queue, "push", lambda self, body, request, username: done((True, "event", "success"))
    )
    assert asyncio.run(queue.push(body, request("anna"), None))[0]


async def done(answer):
    return answer


def test_an_estimate_of_the_wait_is_sent_only_to_readers(queue):
    event = wait(queue, "anna")
    messages = queue.pending_messages_per_session[event.session_hash] = asyncio.Queue()
    for _ in range(3):
        queue.broadcast_estimations(event.concurrency_id)
    assert messages.qsize() == 1, "nobody has read the first"
    messages.get_nowait()
    queue.broadcast_estimations(event.concurrency_id)
    assert messages.qsize() == 1


def test_the_bodies_of_waiting_events_are_counted(queue):
    wait(queue, "anna").request.scope[BODY] = "body"
    wait(queue, "ben")
    assert list(bodies_of(queue)) == ["body"]
