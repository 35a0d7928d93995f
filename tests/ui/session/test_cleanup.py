"""What is left of an upload when its page has closed, with the real server."""

import socket
import threading
import time
import urllib.request
from datetime import datetime, timedelta
from types import SimpleNamespace

import httpx
import pytest
from gradio.state_holder import StateHolder

from rnnlab.hosting import WallClock
from rnnlab.runs import Runner
from rnnlab.ui.app import create_app
from rnnlab.ui.serve import serve
from rnnlab.ui.session import cleanup
from rnnlab.ui.session.cleanup import forget_uploads

SOON = 30.0  # seconds: long enough for a busy machine
TEXT = "la li lu " * 1000


@pytest.fixture(scope="module")
def lab():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    runner = Runner()
    app = create_app(runner)
    app.local = serve(app, runner, "127.0.0.1", port)
    yield app
    runner.close()
    app.close(verbose=False)


@pytest.fixture
def uploaded(lab):
    """`uploaded(visitor)`: as if that page had uploaded one of each kind; returns how to look at what it still has."""
    uploads = uploads_of(lab)

    def upload(visitor):
        kept = lab.state_holder[visitor].state_data
        for state in uploads:
            kept[state._id] = lab.uploads.keep(None, "text", TEXT)
        return lambda: [kept[state._id].content for state in uploads if kept[state._id] is not None]

    yield upload
    lab.state_holder.session_data.clear()


def heartbeat(lab, visitor):
    """A page's connection, which lasts until it is closed."""
    return urllib.request.urlopen(f"{lab.local}gradio_api/heartbeat/{visitor}", timeout=SOON)


def test_uploads_go_soon_after_the_page_has_closed(lab, uploaded, monkeypatch):
    monkeypatch.setattr(cleanup, "AWAY", timedelta(milliseconds=50))
    mine, yours = uploaded("mine"), uploaded("yours")
    before = lab.uploads.taken
    with heartbeat(lab, "yours"):
        with heartbeat(lab, "mine") as page:
            assert page.readline() == b"data: ALIVE\n"
        until = time.monotonic() + SOON
        while mine() and time.monotonic() < until:
            time.sleep(0.05)
        assert mine() == []
        assert yours() == [TEXT] * 3, "that page is open"
    assert lab.uploads.taken == before / 2


def test_a_page_that_only_lost_its_connection_keeps_what_it_uses(lab, uploaded):
    mine = uploaded("mine")
    lab.state_holder["mine"].is_closed = True
    forget_uploads(lab, uploads_of(lab))
    assert mine() == [TEXT] * 3
    lab.state_holder.time_last_used["mine"] = datetime.now() - cleanup.AWAY
    forget_uploads(lab, uploads_of(lab))
    assert mine() == []


def test_who_does_nothing_for_an_hour_makes_room_when_there_is_none(lab, uploaded):
    mine = uploaded("mine")
    lab.state_holder.time_last_used["mine"] = datetime.now() - cleanup.IDLE
    forget_uploads(lab, uploads_of(lab))
    assert mine() == [TEXT] * 3, "there is room"
    lab.uploads.make_room()
    assert mine() == []
    assert lab.uploads.taken == 0


@pytest.mark.parametrize("hours", [3, -3])
def test_a_clock_that_is_set_makes_nobody_old(lab, uploaded, hours):
    mine, seconds = uploaded("mine"), [1e9, 5.0]
    wall = WallClock(lambda: seconds[0], lambda: seconds[1])
    lab.state_holder["mine"].is_closed = True
    lab.state_holder.time_last_used["mine"] = datetime.now() - timedelta(hours=hours)  # as it looks afterwards
    seconds[0] += 3600 * hours
    forget_uploads(lab, uploads_of(lab), wall=wall)
    assert mine() == [TEXT] * 3
    lab.state_holder.time_last_used["mine"] -= cleanup.AWAY
    forget_uploads(lab, uploads_of(lab), wall=wall)
    assert mine() == [], "from then on time counts again"


def test_a_page_that_comes_back_is_open_again(lab, uploaded):
    uploaded("mine")
    kept, url = lab.state_holder.session_data["mine"], f"{lab.local}gradio_api/heartbeat/mine"
    with httpx.Client(headers={"accept": "text/html", "x-rnnlab-page": "1"}) as browser:
        browser.get(lab.local)
        for _ in range(2):
            with browser.stream("GET", url) as heartbeat:
                lines = heartbeat.iter_lines()  # kept: httpx closes the connection with its iterator
                assert next(lines) == "data: ALIVE"
                assert soon(lambda: not kept.is_closed)
            assert soon(lambda: kept.is_closed)


def soon(condition):
    """Whether it holds before long; the server's thread may be a moment late."""
    until = time.monotonic() + SOON
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def test_a_page_that_has_closed_gives_way_to_those_that_are_open(lab, uploaded, monkeypatch):
    for visitor in ("open", "closed", "used last"):
        uploaded(visitor)
    kept = lab.state_holder.session_data
    with heartbeat(lab, "closed") as page:
        assert page.readline() == b"data: ALIVE\n"
    until = time.monotonic() + SOON
    while next(iter(kept)) != "closed" and time.monotonic() < until:
        time.sleep(0.05)
    monkeypatch.setattr(lab.state_holder, "capacity", 3)
    uploaded("new")
    assert list(kept) == ["open", "used last", "new"]


def test_a_failure_is_not_the_end_of_forgetting(monkeypatch):
    looked = threading.Event()

    def fail(app, states):
        looked.set()
        raise RuntimeError("a defect of ours")

    monkeypatch.setattr(cleanup, "AWAY", timedelta(seconds=-1))
    monkeypatch.setattr(cleanup, "forget_uploads", fail)
    monkeypatch.setattr(threading, "excepthook", lambda failure: None)
    leaves = cleanup.SessionCleanup(SimpleNamespace(state_holder=StateHolder()), ())
    for _ in range(2):
        leaves.on_leave(SimpleNamespace(session_hash="gone"))
        assert looked.wait(SOON)
        looked.clear()
        until = time.monotonic() + SOON
        while leaves._timer is not None:
            assert time.monotonic() < until
            time.sleep(0.01)


def uploads_of(lab):
    """Where a page's uploads are, one of each kind."""
    states = [fn.inputs[0] for fn in lab.fns.values() if fn.name == "on_upload"]
    assert len(states) == 3
    return states
