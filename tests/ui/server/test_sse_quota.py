"""How many streams of one browser last, and which of them gives way."""

import asyncio
import threading

from rnnlab.experiments.language_model import Config
from rnnlab.runs import Runner, training_run
from rnnlab.ui.server.sse import follow
from rnnlab.ui.server.sse_quota import MAX_STREAMS, Permit, StreamQuota
from rnnlab.ui.tabs.lesson import DefaultRuns
from rnnlab.ui.tabs.payloads import TabPayloads

PAYLOADS = TabPayloads(DefaultRuns(()))

TINY = {
    "corpus": "own", "hidden_size": 4, "embedding_size": 2, "batch_size": 2, "num_steps": 4, "held_out": 0.0,
    "sample_every": None,
}  # fmt: skip


def entered(quota, browser="a", **how):
    return Permit(quota, browser, **how).__enter__()


def lasting(*permits):
    return [permit.lasts for permit in permits]


def test_the_oldest_gives_way_to_a_new_one_and_one_that_asks_again_waits_for_room():
    quota = StreamQuota(most=2)
    first, second, third = (entered(quota) for _ in range(3))
    assert lasting(first, second, third) == [False, True, True]
    again = entered(quota, is_new=False)
    assert lasting(again, second, third) == [False, True, True]
    second.__exit__()
    assert entered(quota, is_new=False).lasts


def test_what_nobody_looks_at_lasts_where_there_is_room_and_gives_way_first():
    quota = StreamQuota(most=2)
    away, looked_at = entered(quota, is_away=True), entered(quota)
    assert lasting(away, looked_at) == [True, True]
    assert not entered(quota, is_away=True).lasts
    assert entered(quota, is_new=False).lasts
    assert lasting(away, looked_at) == [False, True]


def test_browsers_do_not_take_each_others_and_unknown_ones_are_not_counted():
    quota = StreamQuota(most=1)
    assert all(lasting(*(entered(quota, browser) for browser in ("a", "b", "", "", ""))))


def test_a_browser_keeps_half_of_its_six_connections_for_requests():
    assert MAX_STREAMS + 1 <= 3


def test_a_stream_that_may_not_last_tells_what_is_new_and_when_to_ask_again():
    runner, quota = Runner(), StreamQuota(most=1)
    run = runner.start(training_run(Config(epochs=100_000, **TINY), "la li lu la le lo " * 8))
    ending = threading.Event()

    async def look():
        lasts = follow(runner, PAYLOADS, run, 0, "en", ending, Permit(quota, "a"))
        async with asyncio.timeout(60):
            assert b'"rest":false' in await anext(lasts)
            (told,) = [
                m async for m in follow(runner, PAYLOADS, run, 0, "en", ending, Permit(quota, "a", is_new=False))
            ]
            assert b'"rest":true' in told
            assert b"\nretry: 1000\n" in told
            newer = follow(runner, PAYLOADS, run, 0, "en", ending, Permit(quota, "a"))  # takes the place of the first
            assert b'"rest":false' in await anext(newer)
            assert b'"rest":true' in [message async for message in lasts][-1]
            await newer.aclose()

    asyncio.run(look())
    runner.close()
