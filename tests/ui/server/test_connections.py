"""Connections with a real uvicorn: which ones are closed, and the answer to those for which there is no room."""

import asyncio
import contextlib
import socket
import time
from functools import partial

import uvicorn

from rnnlab.ui.server import connections as module
from rnnlab.ui.server.connections import Connection, ConnectionLimit
from rnnlab.ui.server.web_server import refuse_connection

SOON = 60.0  # seconds: long enough for a busy machine
GET = b"GET /%s HTTP/1.1\r\nHost: lab\r\n\r\n"


async def site(scope, receive, send):
    """`/stream` sends a little again and again, `/flood` a lot; other paths send the length of the body."""
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
async def served(limit, max_refused=2):
    """A server for so many connections; yields its ConnectionLimit and a function that connects to it."""
    connections = ConnectionLimit(limit, max_refused, partial(refuse_connection, limit))
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        site, log_level="critical", http=partial(Connection, connections), ws="none", lifespan="off"
    )
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
        yield connections, connect
    finally:
        for writer in opened:
            writer.close()
        server.should_exit = server.force_exit = True
        await task


def run_with(test, monkeypatch, **limits):
    """Run a coroutine with other durations, in fractions of a second."""
    for name, value in {"PERIOD": 0.05, "GRACE": 0.0, **limits}.items():
        monkeypatch.setattr(module, name, value)
    asyncio.run(asyncio.wait_for(test(), SOON))


async def is_closed(reader):
    with contextlib.suppress(ConnectionError):
        await reader.read()
    return True


def test_a_connection_without_a_request_is_closed_and_one_with_a_stream_is_not(monkeypatch):
    async def test():
        async with served(50) as (limit, connect):
            stream, _ = await connect(GET % b"stream")
            idle = [await connect() for _ in range(5)]
            idle += [await connect(b"GET / HTTP/1.1\r\nHo")]
            for reader, _ in idle:
                assert await is_closed(reader)
            assert await stream.readuntil(b"la ")
            assert len(limit.served) == 1

    run_with(test, monkeypatch, IDLE=0.3)


def test_a_connection_with_a_slow_head_is_closed(monkeypatch):
    async def test():
        async with served(50) as (_, connect):
            reader, writer = await connect(b"GET / HTTP/1.1\r\n")
            closed = asyncio.create_task(is_closed(reader))
            began = time.monotonic()
            while not closed.done():
                writer.write(b"X: y\r\n")
                await asyncio.sleep(0.02)
            assert time.monotonic() - began >= 0.3

    run_with(test, monkeypatch, IDLE=0.3)


def test_a_connection_with_a_silent_body_is_closed(monkeypatch):
    async def test():
        async with served(50) as (limit, connect):
            reader, writer = await connect(b"POST / HTTP/1.1\r\nHost: lab\r\nContent-Length: 100000\r\n\r\nla")
            assert await is_closed(reader)
            assert not limit.served
            writer.close()

    run_with(test, monkeypatch, SILENCE=0.3)


def test_a_slow_body_arrives_whole(monkeypatch):
    async def test():
        async with served(50) as (_, connect):
            reader, writer = await connect(b"POST / HTTP/1.1\r\nHost: lab\r\nContent-Length: 10000\r\n\r\n")
            for _ in range(10):
                await asyncio.sleep(0.05)
                writer.write(b"l" * 1000)
            assert await reader.readuntil(b"bytes.")

    run_with(test, monkeypatch, IDLE=0.2, SILENCE=5.0)


def test_a_connection_with_an_unread_answer_is_closed(monkeypatch):
    async def test():
        async with served(50) as (limit, connect):
            reader, writer = await connect(GET % b"flood")
            assert await reader.readuntil(b"la ")
            writer.transport.pause_reading()
            while limit.served:
                await asyncio.sleep(0.02)

    run_with(test, monkeypatch, UNREAD=0.3)


def test_an_idle_connection_makes_room_for_a_new_one_and_a_stream_does_not(monkeypatch):
    async def test():
        async with served(3) as (limit, connect):
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
            assert len(limit.served) <= 3

    run_with(test, monkeypatch)


def test_beyond_the_limit_a_connection_is_refused_and_the_others_go_on(monkeypatch, caplog):
    async def test():
        async with served(3) as (limit, connect):
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
            refused = [await connect() for _ in range(4)]
            for reader, _ in refused[:2]:
                assert await is_closed(reader), "at most two refused connections are open"
            for stream, _ in streams:
                assert await stream.readuntil(b"la ")
            streams[0][1].close()
            while len(limit.served) == 3:
                await asyncio.sleep(0.02)
            assert await (await connect(GET % b""))[0].readuntil(b"bytes.")

    with caplog.at_level("WARNING", "rnnlab"):
        run_with(test, monkeypatch, IDLE=5.0)
    assert [message for message in caplog.messages if "no_more" in message] == [
        "event=no_more_connections connections=3"
    ]
