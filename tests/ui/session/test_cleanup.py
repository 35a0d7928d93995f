"""What remains of an upload when its page has closed, with the real server."""

import socket
import time
import urllib.request

import httpx
import pytest

from rnnlab.runs import Runner
from rnnlab.ui.app import create_app
from rnnlab.ui.serve import serve
from rnnlab.ui.server import housekeeping
from rnnlab.ui.server.visitor_count import VisitorCount
from rnnlab.ui.session.cleanup import AWAY, IDLE

SOON = 60.0  # seconds: long enough for a busy machine
TEXT = "la li lu " * 1000


class Clock:
    """The server's clock, with time that the test adds."""

    added = 0.0

    def __call__(self):
        return time.monotonic() + self.added


@pytest.fixture(scope="module")
def lab():
    with socket.socket() as probe, pytest.MonkeyPatch.context() as patch:
        patch.setattr(housekeeping, "PERIOD", 0.02)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        runner = Runner()
        app = create_app(runner)
        app.clock = Clock()
        app.local = serve(app, runner, "127.0.0.1", port, visitors=VisitorCount(10, app.clock))
        yield app
        runner.close()
        app.close(verbose=False)


@pytest.fixture
def uploaded(lab):
    """`uploaded(session)`: as if that page had uploaded one of each kind; returns a function for what it still has."""
    states = {fn.inputs[0]._id: fn.inputs[0] for fn in lab.fns.values() if fn.name == "on_upload"}.values()
    assert len(states) == 3

    def upload(session):
        kept = lab.state_holder[session].state_data
        for state in states:
            kept[state._id] = lab.uploads.keep(None, "text", TEXT)
        return lambda: [kept[state._id].content for state in states if kept[state._id] is not None]

    yield upload
    lab.state_holder.session_data.clear()


def heartbeat(lab, session):
    """Open a program's heartbeat, and return the response."""
    response = urllib.request.urlopen(f"{lab.local}gradio_api/heartbeat/{session}", timeout=SOON)
    assert response.readline() == b"data: ALIVE\n"
    return response


def soon(condition):
    """Return whether a condition holds before long; the server's thread may be a moment late."""
    until = time.monotonic() + SOON
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def pass_time(lab, seconds):
    """Let so much time pass for the server, and have housekeeping note it."""
    lab.clock.added += seconds
    lab.state_holder.forget_closed()


def closed(lab, session):
    """Return whether the server has noticed that a page has closed."""
    return soon(lambda: not lab.state_holder._is_open(session))


def test_uploads_are_forgotten_some_minutes_after_the_page_has_closed(lab, uploaded):
    mine, yours = uploaded("mine"), uploaded("yours")
    before = lab.uploads.nbytes
    with heartbeat(lab, "yours"):
        with heartbeat(lab, "mine"):
            pass_time(lab, 2 * AWAY)
            assert mine() == [TEXT] * 3, "the page is open"
        assert closed(lab, "mine")
        pass_time(lab, AWAY - 10)
        assert mine() == [TEXT] * 3, "its connection may come back"
        pass_time(lab, 20)
        assert soon(lambda: mine() == [])
        assert yours() == [TEXT] * 3
    assert lab.uploads.nbytes == before / 2


def test_an_action_counts_like_an_open_page(lab, uploaded):
    mine = uploaded("mine")
    pass_time(lab, AWAY - 10)
    lab.state_holder["mine"]
    pass_time(lab, AWAY - 10)
    assert mine() == [TEXT] * 3
    pass_time(lab, 20)
    assert soon(lambda: mine() == [])


def test_pages_without_an_action_for_an_hour_make_room_when_there_is_none(lab, uploaded):
    mine, yours = uploaded("mine"), uploaded("yours")
    with heartbeat(lab, "mine"), heartbeat(lab, "yours"):
        pass_time(lab, IDLE)
        lab.state_holder["yours"]
        assert mine() == [TEXT] * 3, "there is room"
        lab.uploads.make_room()
        assert (mine(), yours()) == ([], [TEXT] * 3)


def test_a_page_whose_connection_comes_back_is_open_again(lab, uploaded):
    mine, url = uploaded("mine"), f"{lab.local}gradio_api/heartbeat/mine"
    with httpx.Client(headers={"accept": "text/html", "x-rnnlab-page": "1"}) as browser:
        browser.get(lab.local)
        for _ in range(3):
            pass_time(lab, AWAY - 10)
            with browser.stream("GET", url) as response:
                lines = response.iter_lines()  # kept: httpx closes the connection with its iterator
                assert next(lines) == "data: ALIVE"
                pass_time(lab, 10)
    assert mine() == [TEXT] * 3


def test_the_session_of_a_closed_page_is_evicted_before_those_of_open_ones(lab, uploaded, monkeypatch):
    with heartbeat(lab, "open"), heartbeat(lab, "used-last"):
        for session in ("open", "closed", "used-last"):
            uploaded(session)
        monkeypatch.setattr(lab.state_holder, "capacity", 3)
        uploaded("new")
        assert list(lab.state_holder.session_data) == ["open", "used-last", "new"]


def test_a_failure_does_not_end_housekeeping(lab, uploaded, monkeypatch, caplog):
    monkeypatch.setattr(lab.state_holder, "forget_closed", None)
    assert soon(lambda: "event=housekeeping_failed" in caplog.messages)
    monkeypatch.undo()
    mine = uploaded("mine")
    pass_time(lab, AWAY + 10)
    assert soon(lambda: mine() == [])
