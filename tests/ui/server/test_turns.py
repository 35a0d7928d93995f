"""Long work of all visitors in a few threads: whose turn it is, and what nobody waits for any more."""

import asyncio
import threading

import pytest

from rnnlab.limits import MAX_WAITING_TURNS_OF_VISITOR
from rnnlab.ui.server.turns import Superseded, Turns


class Gate:
    """Work that notes its beginning and waits until it is let through."""

    def __init__(self):
        self.begun, self.open = [], threading.Event()

    def work(self, name):
        def work(turn):
            self.begun.append(name)
            assert self.open.wait(20)
            turn.check()
            return name

        return work


async def until(condition):
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come about")


def with_turns(threads, body):
    """Run a coroutine function with turns and a gate."""

    async def run():
        turns, gate = Turns(threads, "test"), Gate()
        try:
            await asyncio.wait_for(body(turns, gate), 30)
        finally:
            gate.open.set()
            turns.close()

    asyncio.run(run())


def test_a_visitor_has_one_place_however_many_requests_come():
    async def body(turns, gate):
        tasks = [asyncio.create_task(turns.take("one", kind, gate.work(kind))) for kind in "abc"]
        await until(lambda: gate.begun)
        other = asyncio.create_task(turns.take("two", "a", gate.work("other")))
        await until(lambda: len(gate.begun) == 2)
        assert gate.begun == ["a", "other"]
        gate.open.set()
        assert [await task for task in (*tasks, other)] == ["a", "b", "c", "other"]

    with_turns(3, body)


def test_who_has_just_had_a_turn_comes_last():
    async def body(turns, gate):
        tasks = [asyncio.create_task(turns.take("one", kind, gate.work(f"one {kind}"))) for kind in "abc"]
        await until(lambda: gate.begun)
        tasks += [asyncio.create_task(turns.take(who, "a", gate.work(who))) for who in ("two", "three")]
        await asyncio.sleep(0.01)
        gate.open.set()
        await asyncio.gather(*tasks)
        assert gate.begun == ["one a", "two", "three", "one b", "one c"]

    with_turns(1, body)


def test_a_newer_request_takes_the_place_of_one_that_waits_and_stops_one_at_work():
    async def body(turns, gate):
        first = asyncio.create_task(turns.take("one", "a", gate.work(1)))
        await until(lambda: gate.begun)
        second = asyncio.create_task(turns.take("one", "a", gate.work(2)))
        await asyncio.sleep(0.01)
        third = asyncio.create_task(turns.take("one", "a", gate.work(3)))
        with pytest.raises(Superseded):
            await second
        gate.open.set()
        with pytest.raises(Superseded):
            await first
        assert await third == 3
        assert gate.begun == [1, 3]

    with_turns(2, body)


def test_work_that_does_not_check_is_answered_all_the_same():
    async def body(turns, gate):
        begun, go = threading.Event(), threading.Event()
        slow = asyncio.create_task(turns.take("one", "a", lambda _: begun.set() or go.wait(20)))
        await until(begun.is_set)
        newer = asyncio.create_task(turns.take("one", "a", lambda _: 2))
        await asyncio.sleep(0.01)
        go.set()
        assert [await slow, await newer] == [True, 2]

    with_turns(1, body)


def test_a_page_that_is_gone_leaves_its_place():
    async def body(turns, gate):
        at_work = asyncio.create_task(turns.take("one", "a", gate.work("gone")))
        await until(lambda: gate.begun)
        waits = asyncio.create_task(turns.take("one", "b", gate.work("waited")))
        await asyncio.sleep(0.01)
        at_work.cancel()
        waits.cancel()
        await asyncio.gather(at_work, waits, return_exceptions=True)
        gate.open.set()
        assert await turns.take("one", "c", gate.work("next")) == "next"
        assert gate.begun == ["gone", "next"]

    with_turns(1, body)


def test_a_visitor_waits_for_a_few_kinds_of_work_at_most():
    async def body(turns, gate):
        first = asyncio.create_task(turns.take("one", "first", gate.work("first")))
        await until(lambda: gate.begun)
        names = [str(number) for number in range(MAX_WAITING_TURNS_OF_VISITOR + 1)]
        tasks = [asyncio.create_task(turns.take("one", name, gate.work(name))) for name in names]
        with pytest.raises(Superseded):
            await tasks[0]
        gate.open.set()
        assert [await task for task in (first, *tasks[1:])] == ["first", *names[1:]]

    with_turns(1, body)


def test_what_work_raises_reaches_who_waits_and_frees_the_place():
    async def body(turns, gate):
        with pytest.raises(ZeroDivisionError):
            await turns.take("one", "a", lambda _: 1 / 0)
        assert await turns.take("one", "a", lambda _: 1) == 1

    with_turns(1, body)


def test_closing_refuses_what_waits():
    async def body(turns, gate):
        first = asyncio.create_task(turns.take("one", "a", gate.work("a")))
        await until(lambda: gate.begun)
        second = asyncio.create_task(turns.take("one", "b", gate.work("b")))
        await asyncio.sleep(0.01)
        turns.close()
        gate.open.set()
        for task in (first, second):
            with pytest.raises(Superseded):
                await task

    with_turns(1, body)
