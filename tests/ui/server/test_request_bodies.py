"""Request bodies: what one weighs, and how much all of them may."""

import asyncio

import pytest

from rnnlab.limits import MAX_REQUEST_BYTES
from rnnlab.ui.server import request_bodies
from rnnlab.ui.server.request_bodies import Bodies, Body, TooLarge


def received(*chunks, **options):
    """A body after all of its chunks have arrived but the end."""
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]

    async def receive():
        return messages.pop(0)

    async def read():
        body = Body(receive, **options)
        while messages:
            await body.receive()
        return body

    return asyncio.run(read())


def test_a_body_weighs_what_it_takes_in_memory():
    text = received(b'{"data": ["', b"la, la " * 1000, b'"]}', parsed=True)
    assert text.nbytes < text.weight < 6 * text.nbytes
    lists = received(b"[" + b"[]," * 1000, parsed=True)
    assert lists.weight > 30 * lists.nbytes
    assert received(b"[" + b"[]," * 1000).weight == 3001, "a file is not parsed"


def test_a_body_beyond_the_limits_is_too_large():
    with pytest.raises(TooLarge):
        received(b"[],[]," * 1_000_000, parsed=True)
    with pytest.raises(TooLarge):
        received(b"a" * MAX_REQUEST_BYTES, b"a")


def test_a_body_weighs_what_its_header_announces_until_it_has_arrived():
    async def test():
        messages = [{"body": b"a" * 10, "more_body": True}, {"body": b"a", "more_body": False}]

        async def receive():
            return messages.pop(0)

        body = Body(receive, nbytes=1000)
        weights = [body.weight]
        while messages:
            await body.receive()
            weights.append(body.weight)
        assert weights == [1000, 1000, 11]

    asyncio.run(test())


def has_room(bodies, weight, client):
    with bodies.admit(Body(None, weight, client)) as room:
        return room


def test_all_bodies_and_those_of_one_client_have_limited_room(monkeypatch):
    monkeypatch.setattr(request_bodies, "LIGHT", 0)
    waiting = [Body(None, 40, "anna")]
    bodies = Bodies(lambda: waiting, max_weight=100)
    assert has_room(bodies, 10, "anna")
    assert not has_room(bodies, 11, "anna"), "half of the room for one client"
    with bodies.admit(Body(None, 50, "ben")) as arriving:
        assert arriving
        assert not has_room(bodies, 11, "carl")
        monkeypatch.setattr(request_bodies, "LIGHT", 11)
        assert has_room(bodies, 11, "carl"), "a light body always has room"
    waiting.clear()
    assert has_room(bodies, 50, "anna")


def test_a_body_that_arrives_and_waits_counts_once(monkeypatch):
    waiting = []
    bodies = Bodies(lambda: waiting, max_weight=2**20)
    body = Body(None, 2**19, "anna")
    with bodies.admit(body):
        waiting.append(body)
        assert has_room(bodies, 2**19, "ben")


def test_the_rest_of_a_refused_body_is_discarded_for_a_limited_time(monkeypatch):
    async def test():
        chunks = [{"body": b"a", "more_body": True}, {"body": b"a", "more_body": False}]

        async def receive():
            return chunks.pop(0) if chunks else await asyncio.Event().wait()

        await Body(receive).drain()
        assert not chunks
        monkeypatch.setattr(request_bodies, "DRAIN", 0.05)
        async with asyncio.timeout(30):
            await Body(receive).drain()

    asyncio.run(test())
