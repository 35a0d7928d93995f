"""Heartbeats of pages, of which a browser keeps one open, and of programs."""

import asyncio
import threading

import pytest

from rnnlab.limits import MAX_PAGES_OF_BROWSER
from rnnlab.ui.server.heartbeats import TIMEOUT, Heartbeats, OpenPages
from rnnlab.ui.server.visitor_count import VisitorCount
from rnnlab.ui.session.client_id import COOKIE

ROUTE = "/gradio_api/heartbeat/"


async def gradio(scope, receive, send):
    """Answer a heartbeat as Gradio does: until the client has gone."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while (await receive())["type"] != "http.disconnect":
        pass


class Request:
    """A request of a page; `body` is the answer so far."""

    def __init__(self, app, session, browser, method="GET", marked=True):
        headers = [(b"cookie", f"{COOKIE}={browser}".encode())] + [(b"x-rnnlab-page", b"1")] * marked
        self.scope = {
            "type": "http", "asgi": {"spec_version": "2.3"}, "method": method, "path": f"{ROUTE}{session}",
            "headers": headers, "query_string": b"",
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
def pages(clock):
    return OpenPages(VisitorCount(10, clock))


@pytest.fixture
def ending():
    return threading.Event()


@pytest.fixture
def app(pages, ending):
    return Heartbeats(gradio, pages, ending)


def open_of(pages, count=10):
    return [number for number in range(count) if pages.is_open(f"s{number}")]


def test_ten_pages_of_a_browser_keep_one_connection_and_are_all_open(app, pages, clock):
    browser = pages.visitors.new_id()

    async def test():
        first, *others = [Request(app, f"s{number}", browser) for number in range(10)]
        assert [await page.has_ended() for page in others] == [True] * 9
        assert not await first.has_ended()
        assert first.body == others[0].body == b"data: ALIVE\n\n"
        assert all(page.headers[b"retry-after"] == b"15" for page in others)
        assert open_of(pages) == list(range(10))
        assert pages.visitors.connected == 1
        clock.now += TIMEOUT - 1
        assert await Request(app, "s3", browser).has_ended()
        pages.beat(browser, "s0")  # as the connection that is kept open does every 15 seconds
        clock.now += 2
        pages.close_silent()
        assert open_of(pages) == [0, 3]
        await first.close()
        assert open_of(pages) == [3]
        again = Request(app, "s3", browser)  # now it may keep its connection open
        assert not await again.has_ended()
        await again.close()
        assert pages.visitors.connected == 0

    asyncio.run(test())


def test_a_page_closes_at_once_when_it_says_so_and_opens_again_with_its_next_beat(app, pages):
    browser, other = pages.visitors.new_id(), pages.visitors.new_id()

    async def test():
        kept = Request(app, "s0", browser)
        assert await Request(app, "s1", browser).has_ended()
        assert await Request(app, "s1", other, "POST").has_ended()
        assert open_of(pages) == [0, 1], "another browser closes no page of this one"
        assert await Request(app, "s1", browser, "POST").has_ended()
        assert open_of(pages) == [0]
        assert await Request(app, "s1", browser).has_ended()
        assert open_of(pages) == [0, 1]
        await kept.close()

    asyncio.run(test())


def test_programs_and_forged_cookies_keep_their_own_heartbeats_open(app, pages):
    async def test():
        browser = pages.visitors.new_id()
        requests = [Request(app, "s0", browser, marked=False), Request(app, "s1", "forged")]
        assert [await request.has_ended() for request in requests] == [False, False]
        assert open_of(pages) == [0, 1]
        for request in requests:
            await request.close()
        assert open_of(pages) == []

    asyncio.run(test())


def test_a_browser_has_a_limited_number_of_open_pages(pages):
    one, other = pages.visitors.new_id(), pages.visitors.new_id()
    pages.beat(other, "s0")
    for number in range(1, MAX_PAGES_OF_BROWSER + 3):
        pages.beat(one, f"s{number}")
    assert open_of(pages, MAX_PAGES_OF_BROWSER + 3) == [0, *range(3, MAX_PAGES_OF_BROWSER + 3)]


def test_no_heartbeat_is_kept_open_when_the_server_ends(app, pages, ending):
    async def test():
        kept = Request(app, "s0", pages.visitors.new_id())
        assert not await kept.has_ended()
        ending.set()
        await asyncio.wait_for(kept.task, 5)

    asyncio.run(test())
