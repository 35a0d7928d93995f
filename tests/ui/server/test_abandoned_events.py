"""An event that nobody hears, with the real server: it holds no place for long, and those that are heard go on."""

import json
import socket
import threading
import time
import urllib.request
from contextlib import ExitStack

import pytest
from gradio_client import Client

from rnnlab.runs import Runner
from rnnlab.ui.app import create_app
from rnnlab.ui.serve import serve
from rnnlab.ui.server import abandoned_events

SOON = 30.0  # seconds: long enough for a busy machine
LONG = {"preset": "quick", "hidden_size": 8, "embedding_size": 4, "max_tokens": 2000, "epochs": 10_000}


@pytest.fixture(scope="module")
def lab():
    """A server that waits for a second where it else waits for half a minute, with two places to train."""
    with pytest.MonkeyPatch.context() as patch, socket.socket() as probe:
        patch.setattr(abandoned_events, "UNHEARD", 1.0)
        patch.setattr(abandoned_events, "PERIOD", 0.1)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        runner = Runner(max_running=2)
        app = create_app(runner)
        app.url, app.runner = serve(app, runner, "127.0.0.1", port), runner
        yield app
        runner.close()
        app.close(verbose=False)


def post(lab, path, body):
    request = urllib.request.Request(
        f"{lab.url}gradio_api/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=SOON) as answer:
        return json.load(answer)["event_id"]


def until(holds):
    end = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)


def going(lab):
    """The places that are taken: runs that train, wait or pause, events, and what is kept for those who listen."""
    census, queue = lab.runner.census(), lab._queue
    runs = census["running"] + census["waiting"] + census["paused"]
    active = sum(events is not None for events in queue.active_jobs)
    return runs, active, len(queue), len(queue.event_ids_to_events), len(queue.pending_messages_per_session)


def test_what_is_posted_and_never_listened_to_gives_its_place_back(lab):
    numbers = {fn.api_name: number for number, fn in lab.fns.items() if fn.api_visibility == "public"}
    for call in range(5):
        post(lab, "call/v2/train", LONG)
        post(lab, "call/v2/sine", {"memory": "all", "windows": 400})
        post(lab, "call/v2/step", {"epochs": 1000, "seed": call})
    post(lab, "call/v2/generate", {"length": 20})
    post(lab, "queue/join", {"data": [], "fn_index": numbers["tag"], "session_hash": "of nobody"})
    until(lambda: lab.runner.census()["running"])
    visitor = Client(lab.url, verbose=False)
    assert visitor.predict(text="a b", api_name="/tag")[0]["form"] == "a", "others are served meanwhile"
    visitor.close()
    until(lambda: going(lab) == (0, 0, 0, 0, 0))
    assert lab._queue.pending_event_ids_session == {}


def test_a_run_that_is_paused_holds_no_place_either(lab):
    post(lab, "call/v2/train", LONG)
    until(lambda: lab.runner.census()["running"])
    for run in lab.runner.runs():
        lab.runner.pause(run)
    until(lambda: going(lab) == (0, 0, 0, 0, 0))


def test_what_is_listened_to_goes_on_and_ends_when_the_listener_goes(lab):
    event = post(lab, "call/v2/train", LONG)
    with urllib.request.urlopen(f"{lab.url}gradio_api/call/v2/train/{event}", timeout=SOON) as answer:
        began = time.monotonic()
        while time.monotonic() - began < 2.5:
            assert answer.readline()
        assert lab.runner.census()["running"] == 1
    until(lambda: going(lab) == (0, 0, 0, 0, 0))


def test_an_answer_that_is_fetched_a_moment_later_is_there(lab, monkeypatch):
    monkeypatch.setattr(abandoned_events, "UNHEARD", SOON)
    event = post(lab, "call/v2/tag", {"text": "a b"})
    until(lambda: not lab._queue.event_ids_to_events)
    with urllib.request.urlopen(f"{lab.url}gradio_api/call/v2/tag/{event}", timeout=SOON) as answer:
        assert b'"form": "a"' in answer.read()


def test_a_page_that_is_open_is_remembered_whoever_else_asks(lab, monkeypatch):
    """Each request may name a session of its own; Gradio would forget the page that did nothing for longest."""
    monkeypatch.setattr(lab.state_holder, "capacity", 3)
    page = urllib.request.urlopen(f"{lab.url}gradio_api/heartbeat/open", timeout=SOON)
    assert page.readline() == b"data: ALIVE\n"
    lab.state_holder["open"]
    for number in range(6):
        lab.state_holder[f"stranger {number}"]
    kept = list(lab.state_holder.session_data)
    assert len(kept) == 3
    assert {"open", "stranger 5"} <= set(kept)
    leaves = threading.Thread(target=page.close)
    leaves.start()
    leaves.join()


def test_streams_of_one_address_without_a_seat_leave_room_for_others(clock):
    heard = abandoned_events.Listeners(lambda: None, clock, most=3)

    def request(number, address="10.0.0.1", *headers):
        path = f"/gradio_api/heartbeat/{number}"
        return {"type": "http", "method": "GET", "path": path, "client": (address, 1), "headers": list(headers)}

    with ExitStack() as held:
        assert [held.enter_context(heard.there(request(n))) for n in range(4)] == [True, True, True, False]
        assert held.enter_context(heard.there(request(5, "10.0.0.2")))
        assert held.enter_context(heard.there(request(6, "10.0.0.1", (b"cookie", b"rnnlab_seat=given"))))
        assert heard.is_open("0")
    with heard.there(request(7)) as has_room:
        assert has_room
    assert not heard.is_open("0")
