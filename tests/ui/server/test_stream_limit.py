"""How many event streams of one browser stay open, and what the others do."""

import asyncio
import threading
from contextlib import ExitStack

import pytest

from rnnlab.experiments.language_model import Config
from rnnlab.limits import MAX_STREAMS_OF_BROWSER
from rnnlab.runs import Runner, training_run
from rnnlab.ui.server.sse import follow
from rnnlab.ui.server.stream_limit import POLL, POLL_HIDDEN, StreamLimit
from rnnlab.ui.tabs.lesson import DefaultRuns
from rnnlab.ui.tabs.payloads import TabPayloads

PAYLOADS = TabPayloads(DefaultRuns(()))

TINY = {
    "corpus": "own", "hidden_size": 4, "embedding_size": 2, "batch_size": 2, "num_steps": 4, "held_out": 0.0,
    "sample_every": None,
}  # fmt: skip


@pytest.fixture
def opened():
    with ExitStack() as stack:
        yield stack


def test_streams_beyond_the_limit_poll_until_one_is_closed(opened):
    limit = StreamLimit()
    with limit.claim("a") as first:
        assert [first, *(opened.enter_context(limit.claim("a")) for _ in range(2))] == [0, 0, POLL]
    with limit.claim("a") as again:
        assert again == 0


def test_the_stream_of_a_hidden_page_polls_slowly_and_takes_no_place(opened):
    limit = StreamLimit()
    pauses = [opened.enter_context(limit.claim("a", is_hidden)) for is_hidden in (True, True, False, False)]
    assert pauses == [POLL_HIDDEN, POLL_HIDDEN, 0, 0]


def test_browsers_are_counted_one_by_one_and_unknown_ones_are_not(opened):
    limit = StreamLimit()
    assert {opened.enter_context(limit.claim(browser)) for browser in ("a", "b", "a", "b", "", "", "")} == {0}


def test_a_browser_keeps_half_of_its_six_connections_for_requests():
    assert MAX_STREAMS_OF_BROWSER + 1 <= 3


def test_a_stream_that_may_not_stay_open_sends_the_news_and_when_to_ask_again(opened):
    runner, limit = Runner(), StreamLimit()
    run = runner.start(training_run(Config(epochs=100_000, **TINY), "la li lu la le lo " * 8))
    ending = threading.Event()

    async def test():
        stays = follow(runner, PAYLOADS, run, 0, "en", ending, limit.claim("a"))
        async with asyncio.timeout(60):
            assert b'"rest":false' in await anext(stays)
            opened.enter_context(limit.claim("a"))
            (only,) = [event async for event in follow(runner, PAYLOADS, run, 0, "en", ending, limit.claim("a"))]
            assert b'"rest":true' in only
            assert b"\nretry: 1000\n" in only
            await stays.aclose()
            newer = follow(runner, PAYLOADS, run, 0, "en", ending, limit.claim("a"))
            assert b'"rest":false' in await anext(newer)
            await newer.aclose()

    asyncio.run(test())
    runner.close()
