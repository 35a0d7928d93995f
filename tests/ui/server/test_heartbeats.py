"""Heartbeats: pages of one browser are known to Gradio as open, and hold one connection together."""

import asyncio

import pytest

from rnnlab.ui.server import heartbeats
from rnnlab.ui.server.admission import COOKIE
from rnnlab.ui.server.heartbeats import MAX_PAGES, PATIENCE, Heartbeats
from rnnlab.ui.server.visitor_limit import VisitorLimit

ROUTE = "/gradio_api/heartbeat/"


class Gradio:
    """What Gradio does with a heartbeat: it lasts until the client has gone."""

    def __init__(self):
        self.open, self.closed = [], []

    async def __call__(self, scope, receive, send):
        session = scope["path"].rpartition("/")[2]
        self.open.append(session)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while (await receive())["type"] != "http.disconnect":
            pass
        self.open.remove(session)
        self.closed.append(session)


class Request:
    """A request of a page, whose answer is in `body` once it has ended."""

    def __init__(self, app, path, seat, method="GET", marked=True):
        headers = [(b"cookie", f"{COOKIE}={seat}".encode())] + [(b"x-rnnlab-page", b"1")] * marked
        self.scope = {
            "type": "http", "asgi": {"spec_version": "2.3"}, "method": method, "path": path, "headers": headers,
            "query_string": b"",
        }  # fmt: skip
        self.body, self.headers, self._gone = b"", {}, asyncio.Event()
        self.task = asyncio.create_task(app(self.scope, self._receive, self._send))

    async def _receive(self):
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        if message["type"] == "http.response.start":
            self.headers = dict(message["headers"])
        self.body += message.get("body", b"")

    async def has_ended(self):
        await asyncio.wait([self.task], timeout=0.05)
        return self.task.done()

    async def close(self):
        self._gone.set()
        await asyncio.wait_for(self.task, 5)


@pytest.fixture
def hall(clock, monkeypatch):
    monkeypatch.setattr(heartbeats, "LOOK", 0.01)
    gradio, seats, returned = Gradio(), VisitorLimit(10), []
    return Heartbeats(gradio, seats, clock, returned.append), gradio, seats.new_name(), returned


async def settled(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


def test_ten_pages_of_a_browser_hold_one_connection_and_are_all_open(hall, clock):
    app, gradio, seat, returned = hall

    async def look():
        first, *others = [Request(app, f"{ROUTE}s{number}", seat) for number in range(10)]
        assert [await page.has_ended() for page in others] == [True] * 9
        assert not await first.has_ended()
        assert all(page.headers[b"retry-after"] == b"15" for page in others)
        assert sorted(gradio.open) == sorted(returned) == [f"s{number}" for number in range(10)]
        clock.now += PATIENCE - 1
        assert await Request(app, f"{ROUTE}s3", seat).has_ended()
        clock.now += 2
        await settled(lambda: len(gradio.closed) == 8)
        assert sorted(gradio.open) == ["s0", "s3"], "the one that is held, and the one that asked again"
        await first.close()
        await settled(lambda: gradio.open == ["s3"])
        again = Request(app, f"{ROUTE}s3", seat)  # the place of the one that is held is free
        assert not await again.has_ended()
        assert returned.count("s3") == 1
        await again.close()
        await settled(lambda: gradio.open == [])

    asyncio.run(look())


def test_a_page_that_leaves_says_so_and_one_that_comes_back_is_open_again(hall):
    app, gradio, seat, returned = hall

    async def look():
        held = Request(app, f"{ROUTE}s0", seat)
        assert await Request(app, f"{ROUTE}s1", seat).has_ended()
        assert await Request(app, f"{ROUTE}s1", seat, "POST").has_ended()
        await settled(lambda: gradio.closed == ["s1"])
        assert await Request(app, f"{ROUTE}s1", seat).has_ended()
        assert returned == ["s0", "s1", "s1"]
        assert sorted(gradio.open) == ["s0", "s1"]
        await held.close()

    asyncio.run(look())


def test_strangers_hold_theirs_themselves_and_take_no_more_than_a_browser_needs(hall, clock):
    app, gradio, seat, _ = hall

    async def look():
        program, invented = Request(app, f"{ROUTE}p", seat, marked=False), Request(app, f"{ROUTE}q", "invented")
        assert not await program.has_ended()
        assert not await invented.has_ended()
        await program.close()
        await invented.close()
        pages = [Request(app, f"{ROUTE}s{number}", seat) for number in range(MAX_PAGES + 3)]
        await settled(lambda: len(gradio.open) == MAX_PAGES + 3 - 2)  # the held one is not counted out
        assert "s0" in gradio.open
        await pages[0].close()

    asyncio.run(look())
