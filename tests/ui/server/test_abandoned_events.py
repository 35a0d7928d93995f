"""Abandoned events, with the real server: without a reader they hold no place for long, with one they go on."""

import json
import socket
import threading
import time
import urllib.request

import pytest
from gradio_client import Client

from rnnlab.runs import Runner
from rnnlab.ui.app import create_app
from rnnlab.ui.serve import serve
from rnnlab.ui.server import abandoned_events, housekeeping

SOON = 60.0  # seconds: long enough for a busy machine
LONG = {"preset": "quick", "hidden_size": 8, "embedding_size": 4, "max_tokens": 2000, "epochs": 10_000}


@pytest.fixture(scope="module")
def lab():
    """A server with two places to train, and with a timeout of one second instead of thirty."""
    with pytest.MonkeyPatch.context() as patch, socket.socket() as probe:
        patch.setattr(abandoned_events, "TIMEOUT", 1.0)
        patch.setattr(housekeeping, "PERIOD", 0.1)
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


def taken(lab):
    """How many places are taken: by runs, by events, and by messages for readers."""
    census, queue = lab.runner.census(), lab._queue
    runs = census["running"] + census["waiting"] + census["paused"]
    active = sum(events is not None for events in queue.active_jobs)
    return runs, active, len(queue), len(queue.event_ids_to_events), len(queue.pending_messages_per_session)


def test_events_without_a_reader_free_their_places(lab):
    numbers = {fn.api_name: number for number, fn in lab.fns.items() if fn.api_visibility == "public"}
    for call in range(5):
        post(lab, "call/v2/train", LONG)
        post(lab, "call/v2/sine", {"memory": "all", "windows": 400})
        post(lab, "call/v2/step", {"epochs": 1000, "seed": call})
    post(lab, "call/v2/generate", {"length": 20})
    post(lab, "queue/join", {"data": [], "fn_index": numbers["tag"], "session_hash": "nobody's"})
    until(lambda: lab.runner.census()["running"])
    visitor = Client(lab.url, verbose=False)
    assert visitor.predict(text="a b", api_name="/tag")[0]["form"] == "a", "others are served meanwhile"
    visitor.close()
    until(lambda: taken(lab) == (0, 0, 0, 0, 0))
    assert lab._queue.pending_event_ids_session == {}


def test_an_abandoned_paused_run_frees_its_place(lab):
    post(lab, "call/v2/train", LONG)
    until(lambda: lab.runner.census()["running"])
    for run in lab.runner.runs():
        lab.runner.pause(run)
    until(lambda: taken(lab) == (0, 0, 0, 0, 0))


def test_an_event_with_a_reader_goes_on_and_ends_when_the_reader_leaves(lab):
    event = post(lab, "call/v2/train", LONG)
    with urllib.request.urlopen(f"{lab.url}gradio_api/call/v2/train/{event}", timeout=SOON) as answer:
        began = time.monotonic()
        while time.monotonic() - began < 2.5:
            assert answer.readline()
        assert lab.runner.census()["running"] == 1
    until(lambda: taken(lab) == (0, 0, 0, 0, 0))


def test_an_answer_can_be_fetched_a_moment_later(lab, monkeypatch):
    monkeypatch.setattr(abandoned_events, "TIMEOUT", SOON)
    event = post(lab, "call/v2/tag", {"text": "a b"})
    until(lambda: not lab._queue.event_ids_to_events)
    with urllib.request.urlopen(f"{lab.url}gradio_api/call/v2/tag/{event}", timeout=SOON) as answer:
        assert b'"form": "a"' in answer.read()


def test_the_session_of_an_open_page_outlives_a_loop_of_sessions(lab, monkeypatch):
    """Each request may name a session of its own; Gradio would evict the page that was idle for longest."""
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
