"""Visitors take turns at a few threads."""

import threading

import pytest

from rnnlab import limits
from rnnlab.ui.server.turns import TooMany, Turns


@pytest.fixture
def gate():
    event = threading.Event()
    yield event
    event.set()


def test_one_visitor_cannot_take_all_threads(gate):
    turns, order = Turns(2, "test"), []
    started = threading.Event()

    def slow():
        started.set()
        assert gate.wait(10)
        order.append("slow")

    waiting = [turns.submit("ann", slow) for _ in range(2)]
    assert started.wait(10)
    quick = turns.submit("bob", lambda: order.append("quick"))
    quick.result(10)
    assert order == ["quick"]
    gate.set()
    for future in waiting:
        future.result(10)
    assert order == ["quick", "slow", "slow"]


def test_visitors_alternate(gate):
    turns, order = Turns(1, "test"), []
    first = turns.submit("zoe", lambda: gate.wait(10))
    futures = [
        turns.submit(visitor, lambda visitor=visitor, i=i: order.append(f"{visitor}{i}"))
        for visitor in ("ann", "bob")
        for i in range(3)
    ]
    gate.set()
    for future in (first, *futures):
        future.result(10)
    assert order == ["ann0", "bob0", "ann1", "bob1", "ann2", "bob2"]


def test_a_visitor_with_too_many_requests_is_refused_and_others_are_not(gate):
    turns = Turns(1, "test")
    running = threading.Event()
    futures = [turns.submit("ann", lambda: (running.set(), gate.wait(10)))]
    assert running.wait(10)
    futures += [turns.submit("ann", int) for _ in range(limits.MAX_WAITING_PICTURES)]
    with pytest.raises(TooMany):
        turns.submit("ann", int)
    futures.append(turns.submit("bob", int))
    gate.set()
    assert [future.result(10) for future in futures[1:]] == [0] * (limits.MAX_WAITING_PICTURES + 1)


def test_an_error_reaches_the_one_who_waits_and_the_thread_goes_on():
    turns = Turns(1, "test")
    failing = turns.submit("ann", lambda: 1 // 0)
    assert turns.submit("ann", lambda: 7).result(10) == 7
    with pytest.raises(ZeroDivisionError):
        failing.result(10)
