"""The queue: who comes next, what a share is, and what waiting requests weigh."""

import asyncio
from types import SimpleNamespace

import pytest
from starlette.requests import Request

from rnnlab.ui.server import queue as queue_module
from rnnlab.ui.server import request_bodies
from rnnlab.ui.server.queue import FairQueue
from rnnlab.ui.server.request_bodies import BODY, Bodies, Body, TooLarge


class Fn:
    concurrency_id, concurrency_limit, batch, api_name, validator, connection = "any", None, False, "call", None, "sse"
    fn = None


def request(owner, weight=0):
    """As it comes from an address; one with a name is somebody with a seat."""
    scope = {"type": "http", "headers": [], "client": (owner, 1), BODY: SimpleNamespace(weight=weight)}
    if not owner[0].isdigit():
        scope["headers"] = [(b"cookie", f"rnnlab_seat={owner}".encode())]
    return Request(scope)


@pytest.fixture
def queue():
    blocks = SimpleNamespace(fns={0: Fn()}, default_config=SimpleNamespace(fns={0: Fn()}), state_holder={})
    made = FairQueue(
        live_updates=True, concurrency_count=8, update_intervals=1, max_size=None, blocks=blocks,
        default_concurrency_limit=None,
    )  # fmt: skip
    made.active_jobs = [None] * 8
    return made


def wait(queue, owner, limit=None, weight=0):
    """An event of this owner that waits."""
    fn = Fn()
    fn.concurrency_limit, fn.concurrency_id = limit, f"limit {limit}"
    event = queue_module.Event(None, fn, request(owner, weight), None)
    queue.create_event_queue_for_fn(fn)
    queue.event_queue_per_concurrency_id[fn.concurrency_id].queue.append(event)
    queue.event_ids_to_events[event._id] = event
    return event


def begin(queue):
    """Begin with the next event; whose it is."""
    found = queue.get_events()
    if found is None:
        return None
    (event,), _, concurrency_id = found
    queue.active_jobs[queue.active_jobs.index(None)] = [event]
    queue.event_queue_per_concurrency_id[concurrency_id].current_concurrency += 1
    return event


def test_owners_take_turns(queue):
    loop = [wait(queue, "10.0.0.1") for _ in range(5)]
    visitor = wait(queue, "anna")
    assert [begin(queue) for _ in range(3)] == [loop[0], visitor, loop[1]]


def test_nobody_has_more_than_a_share_of_the_places(queue):
    for _ in range(9):
        wait(queue, "10.0.0.1")
        wait(queue, "anna")
    begun = [begin(queue) for _ in range(8)]
    assert [event for event in begun if event is None] == [None, None], "half for an address, a quarter for a seat"
    newcomer = wait(queue, "ben")
    assert begin(queue) is newcomer


def test_what_may_be_worked_on_only_a_few_at_once_holds_nobody_else_up(queue):
    wait(queue, "10.0.0.1", limit=1)
    second = wait(queue, "10.0.0.2", limit=1)
    other = wait(queue, "10.0.0.1")
    assert {begin(queue) for _ in range(3)} >= {other, None}
    assert queue.event_queue_per_concurrency_id["limit 1"].queue == [second]


def test_beyond_the_most_that_may_wait_a_visitor_is_still_let_in(queue, monkeypatch):
    monkeypatch.setattr(queue_module, "MOST_WAITING_OF_ONE", 3)
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


def test_what_waits_is_weighed_by_owner(queue):
    wait(queue, "10.0.0.1", weight=3)
    wait(queue, "anna", weight=5)
    owner = queue_module.owner_of_event(wait(queue, "anna", weight=1))
    assert (queue.weight(), queue.weight(owner), queue.weight("nobody")) == (9, 6, 0)


def room(nbytes, owner, queue, most, coming=()):
    made = Bodies(lambda: queue, most=most)
    made._coming = list(coming)
    with made.taking(nbytes, Body(None), owner) as has_room:
        return has_room


def test_bodies_that_wait_and_that_come_leave_room_for_others(queue, monkeypatch):
    monkeypatch.setattr(request_bodies, "LIGHT", 0)
    owner = queue_module.owner_of_event(wait(queue, "10.0.0.1", weight=40))
    assert room(10, owner, queue, most=100)
    assert not room(11, owner, queue, most=100), "half of it for one"
    assert room(50, "anna", queue, most=100)
    assert not room(50, "anna", queue, 100, [("ben", 20, Body(None))])
    monkeypatch.setattr(request_bodies, "LIGHT", 50)
    assert room(50, "anna", queue, 100, [("ben", 20, Body(None))]), "a small one is never turned away"


def received(*chunks, **how):
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]

    async def receive():
        return messages.pop(0)

    async def read():
        body = Body(receive, **how)
        while messages:
            await body.receive()
        return body

    return asyncio.run(read())


def test_a_body_is_weighed_by_what_it_becomes():
    text = received(b'{"data": ["', b"la, la " * 1000, b'"]}', parsed=True)
    assert text.nbytes < text.weight < 6 * text.nbytes
    lists = received(b"[" + b"[]," * 1000, parsed=True)
    assert lists.weight > 30 * lists.nbytes
    assert received(b"[" + b"[]," * 1000).weight == 3001, "a file is not parsed"
    with pytest.raises(TooLarge):
        received(b"[],[]," * 1_000_000, parsed=True)
    with pytest.raises(TooLarge):
        received(b"a" * 11, most=10)
