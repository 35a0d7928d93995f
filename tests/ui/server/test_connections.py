"""Connections with a real uvicorn: which ones must go, and what is told to those for whom there is no room."""

import asyncio
import contextlib
import socket
import time
from functools import partial

import pytest
import uvicorn

from rnnlab.ui.server import connections
from rnnlab.ui.server.connections import Connection, ConnectionLimit
from rnnlab.ui.server.web_server import crowded

SOON = 20.0  # seconds: long enough for a busy machine
GET = b"GET /%s HTTP/1.1\r\nHost: lab\r\n\r\n"


async def site(scope, receive, send):
    """`/stream` tells something again and again, `/flood` more than anybody reads, the rest how long its body was."""
    if scope["path"] == "/refused":
        await send({"type": "http.response.start", "status": 413, "headers": [(b"connection", b"close")]})
        await send({"type": "http.response.body", "body": b"too much"})
        return
    message = await receive()
    length = len(message.get("body", b""))
    while message.get("more_body"):
        message = await receive()
        length += len(message.get("body", b""))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while scope["path"] in ("/stream", "/flood"):
        await send(
            {
                "type": "http.response.body",
                "body": b"la " * (50_000 if scope["path"] == "/flood" else 1),
                "more_body": True,
            }
        )
        await asyncio.sleep(0.02)
    await send({"type": "http.response.body", "body": b"%d bytes." % length})


@contextlib.asynccontextmanager
async def served(most, outside=2):
    """A server for so many connections; yields its crowd and how to connect to it."""
    crowd = ConnectionLimit(most, outside, partial(crowded, most))
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(site, log_level="critical", http=partial(Connection, crowd), ws="none", lifespan="off")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None
    task = asyncio.create_task(server._serve([listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    opened = []

    async def connect(sent=b""):
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.getsockname()[1])
        opened.append(writer)
        writer.write(sent)
        return reader, writer

    try:
        yield crowd, connect
    finally:
        for writer in opened:
            writer.close()
        server.should_exit = server.force_exit = True
        await task


def tried(test, monkeypatch, **limits):
    """Run a coroutine with other limits, in fractions of a second."""
    for name, value in {"PERIOD": 0.05, "GRACE": 0.0, **limits}.items():
        monkeypatch.setattr(connections, name, value)
    asyncio.run(asyncio.wait_for(test(), SOON))


async def is_closed(reader):
    with contextlib.suppress(ConnectionError):
        await reader.read()
    return True


def test_who_never_asks_is_closed_and_who_listens_is_not(monkeypatch):
    async def test():
        async with served(50) as (crowd, connect):
            stream, _ = await connect(GET % b"stream")
            idle = [await connect() for _ in range(5)]
            idle += [await connect(b"GET / HTTP/1.1\r\nHo")]
            for reader, _ in idle:
                assert await is_closed(reader)
            assert await stream.readuntil(b"la ")
            assert len(crowd.inside) == 1

    tried(test, monkeypatch, FIRST=0.3)


def test_a_head_that_comes_drop_by_drop_is_not_waited_for(monkeypatch):
    async def test():
        async with served(50) as (_, connect):
            reader, writer = await connect(b"GET / HTTP/1.1\r\n")
            closed = asyncio.create_task(is_closed(reader))
            began = time.monotonic()
            while not closed.done():
                writer.write(b"X: y\r\n")
                await asyncio.sleep(0.02)
            assert time.monotonic() - began >= 0.3

    tried(test, monkeypatch, FIRST=0.3)


@pytest.mark.parametrize(("pause", "limits"), [(10, {"SILENCE": 0.3}), (0.02, {"TRIED": 0.3})])
def test_a_body_that_does_not_come_or_comes_drop_by_drop_is_not_waited_for(monkeypatch, pause, limits):
    async def test():
        async with served(50) as (crowd, connect):
            reader, writer = await connect(b"POST / HTTP/1.1\r\nHost: lab\r\nContent-Length: 100000\r\n\r\nla")
            closed = asyncio.create_task(is_closed(reader))
            while not closed.done():
                writer.write(b"l")
                await asyncio.wait([closed], timeout=pause)
            assert not crowd.inside

    tried(test, monkeypatch, **limits)


def test_a_body_that_takes_its_time_comes_whole(monkeypatch):
    async def test():
        async with served(50) as (_, connect):
            reader, writer = await connect(b"POST / HTTP/1.1\r\nHost: lab\r\nContent-Length: 10000\r\n\r\n")
            for _ in range(10):
                await asyncio.sleep(0.05)
                writer.write(b"l" * 1000)
            assert await reader.readuntil(b"bytes.")

    tried(test, monkeypatch, FIRST=0.2, SILENCE=5.0, TRIED=0.2)


def test_who_still_sends_hears_why_it_is_refused(monkeypatch):
    async def test():
        async with served(50) as (crowd, connect):
            reader, writer = await connect(b"POST /refused HTTP/1.1\r\nHost: lab\r\nContent-Length: 9000000\r\n\r\n")
            for _ in range(90):
                writer.write(b"l" * 100_000)
                await writer.drain()
            assert await reader.readuntil(b"too much")
            writer.close()
            while crowd.inside:
                await asyncio.sleep(0.02)

    tried(test, monkeypatch)


def test_an_answer_that_nobody_reads_any_more_is_given_up(monkeypatch):
    async def test():
        async with served(50) as (crowd, connect):
            reader, writer = await connect(GET % b"flood")
            assert await reader.readuntil(b"la ")
            writer.transport.pause_reading()
            while crowd.inside:
                await asyncio.sleep(0.02)

    tried(test, monkeypatch, UNREAD=0.3)


def test_an_idle_connection_makes_room_for_a_new_one_and_whoever_is_answered_does_not(monkeypatch):
    async def test():
        async with served(3) as (crowd, connect):
            stream, _ = await connect(GET % b"stream")
            assert await stream.readuntil(b"la ")
            kept, _ = await connect(GET % b"")
            assert await kept.readuntil(b"bytes.")
            await connect()
            await asyncio.sleep(0.05)
            for _ in range(6):
                reader, _ = await connect(GET % b"")
                assert await reader.readuntil(b"bytes.")
                await asyncio.sleep(0.02)
            assert await is_closed(kept)
            assert await stream.readuntil(b"la ")
            assert len(crowd.inside) <= 3

    tried(test, monkeypatch)


def test_beyond_the_most_it_is_said_and_those_inside_go_on(monkeypatch, caplog):
    async def test():
        async with served(3) as (crowd, connect):
            streams = [await connect(GET % b"stream") for _ in range(3)]
            for stream, _ in streams:
                assert await stream.readuntil(b"la ")
            for path, words in ((b"", b"All 3 connections"), (b"lab/health", b"all 3 connections")):
                answer = await (await connect(b"GET /%s HTTP/1.1\r\nHost: lab\r\n\r\n" % path))[0].read()
                assert answer.startswith(b"HTTP/1.1 503")
                assert b"connection: close" in answer.lower()
                assert words in answer
            chinese = await (await connect(b"GET /x HTTP/1.1\r\nHost: lab\r\nAccept-Language: zh-CN\r\n\r\n"))[0].read()
            assert "3 个连接" in chinese.decode()
            outside = [await connect() for _ in range(4)]
            for reader, _ in outside[:2]:
                assert await is_closed(reader), "there are two places for those who are told so"
            for stream, _ in streams:
                assert await stream.readuntil(b"la ")
            streams[0][1].close()
            while len(crowd.inside) == 3:
                await asyncio.sleep(0.02)
            assert await (await connect(GET % b""))[0].readuntil(b"bytes.")

    with caplog.at_level("WARNING", "rnnlab"):
        tried(test, monkeypatch, FIRST=5.0)
    assert [message for message in caplog.messages if "no_more" in message] == [
        "event=no_more_connections connections=3"
    ]
