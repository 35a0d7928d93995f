"""The event stream of a run: how it ends, and when a viewer counts as gone."""

import asyncio
import errno
import gc
import json
import threading

import pytest
from starlette.applications import Starlette

from rnnlab.experiments.language_model import Config
from rnnlab.experiments.language_model.train_step import TrainingStep
from rnnlab.runs import Runner, Store, protocols, training_run
from rnnlab.ui.server import sse
from rnnlab.ui.server.sse import follow, routes
from rnnlab.ui.tabs.lesson import DefaultRuns
from rnnlab.ui.tabs.payloads import TabPayloads

PAYLOADS = TabPayloads(DefaultRuns(()))

SOON = 60.0  # seconds: long enough for a busy machine
TINY = {
    "corpus": "own", "hidden_size": 4, "embedding_size": 2, "batch_size": 2, "num_steps": 4, "held_out": 0.0,
    "sample_every": None,
}  # fmt: skip


class FullAtTheEnd(Store):
    """A store that fails at a run's last save, which waits for `gate`."""

    def __init__(self, folder):
        super().__init__(folder)
        self.gate = threading.Event()

    def save(self, run):
        if run.ended:
            assert self.gate.wait(SOON)
            raise OSError(errno.ENOSPC, "No space left on device")
        super().save(run)


def new_run(epochs):
    return training_run(Config(epochs=epochs, **TINY), "la li lu la le lo " * 8)


@pytest.fixture
def store(tmp_path):
    return FullAtTheEnd(tmp_path / "runs")


@pytest.fixture
def runner(store):
    runner = Runner(store=store)
    yield runner
    store.gate.set()
    runner.close()


def news_in(message):
    return json.loads(message.decode().partition("data: ")[2])


async def next_news(messages, wanted):
    """Return the next event of which `wanted` is true."""
    async with asyncio.timeout(SOON):
        async for message in messages:
            if message.startswith(b"id: ") and wanted(news := news_in(message)):
                return news
    raise AssertionError("the stream ended before")


def test_a_failed_last_save_is_sent(runner, store, monkeypatch):
    run = runner.start(new_run(2))

    async def look():
        messages = follow(runner, PAYLOADS, run, 0, "en", threading.Event())
        ended = await next_news(messages, lambda news: news["state"] == "finished")
        assert (ended["not_saved"], ended["last"]) == ("", False)
        store.gate.set()
        failed = await next_news(messages, lambda news: news["not_saved"])
        assert failed["not_saved"] == "No space left on device"
        assert not failed["last"], "it is tried again"
        monkeypatch.setattr(sse, "SAVE_GRACE", 0.0)
        last = await next_news(messages, lambda news: news["last"])
        assert last["not_saved"] == "No space left on device"
        assert [message async for message in messages] == []

    asyncio.run(look())


def test_the_stream_ends_when_the_run_has_ended_and_is_saved(tmp_path):
    runner = Runner(store=Store(tmp_path / "runs"))
    run = runner.start(new_run(2))

    async def look():
        messages = follow(runner, PAYLOADS, run, 0, "en", threading.Event())
        last = await next_news(messages, lambda news: news["last"])
        assert (last["state"], last["not_saved"]) == ("finished", "")
        assert [message async for message in messages] == []

    asyncio.run(look())
    runner.close()


def test_a_long_epoch_without_a_row_is_reported(monkeypatch):
    monkeypatch.setattr(sse, "PROGRESS_EVERY", 0.0)
    monkeypatch.setattr(protocols, "MIN_PROGRESS_SECONDS", 0.0)
    runner, begun, done = Runner(), threading.Event(), threading.Event()
    step, trained = TrainingStep.__call__, []

    def lasting(*arguments):
        trained.append(arguments)
        if len(trained) == 4:
            begun.set()
            assert done.wait(SOON)
        return step(*arguments)

    monkeypatch.setattr(TrainingStep, "__call__", lasting)
    run = runner.start(new_run(1))
    assert begun.wait(SOON)

    async def look():
        messages = follow(runner, PAYLOADS, run, 0, "en", threading.Event())
        first = await next_news(messages, lambda news: True)
        assert [row["kind"] for row in first["rows"]].count("step") == 3
        again = await next_news(messages, lambda news: True)
        assert (again["rows"], again["progress"]["epoch"], again["progress"]["step"]) == ([], 1, 3)
        done.set()
        last = await next_news(messages, lambda news: news["last"])
        assert last["progress"] is None

    asyncio.run(look())
    runner.close()


@pytest.mark.parametrize("kept", [False, True])
def test_a_stop_is_sent_before_the_minibatch_ends_and_the_last_event_after_it(tmp_path, monkeypatch, kept):
    begun, done = threading.Event(), threading.Event()

    def lasting(*_):
        begun.set()
        assert done.wait(SOON)
        return 1.0, 1.0, False, None

    monkeypatch.setattr(TrainingStep, "__call__", lasting)
    runner = Runner(store=Store(tmp_path / "runs") if kept else None)
    run, looks, look_at = runner.start(new_run(2)), [], runner.follow
    assert begun.wait(SOON)
    runner.stop(run)

    def follow_and_end(*arguments):
        looks.append(look_at(*arguments))
        if len(looks) == 2:  # the minibatch ends after this snapshot was taken, and before it is sent
            done.set()
            assert run.wait(SOON)
        return looks[-1]

    monkeypatch.setattr(runner, "follow", follow_and_end)

    async def look():
        messages, rows, news = follow(runner, PAYLOADS, run, 0, "en", threading.Event()), [], {}
        while not news.get("last"):
            news = await next_news(messages, lambda news: True)
            assert news["state"] == "stopped"
            assert (len(looks) > 2) >= news["last"]
            rows += news["rows"]
        assert rows == list(run.since(0).rows)
        assert "step" in [row["kind"] for row in rows], "that of the last minibatch"
        assert [message async for message in messages] == []

    asyncio.run(look())
    runner.close()


def app_of(runner):
    return Starlette(routes=routes(runner, PAYLOADS, threading.Event()))


async def get(app, path, receive, send):
    scope = {
        "type": "http", "asgi": {"spec_version": "2.3"}, "method": "GET", "path": path, "headers": [],
        "query_string": b"",
    }  # fmt: skip
    await app(scope, receive, send)


def test_a_page_opened_between_the_end_and_the_last_save_follows_the_stream(runner, store):
    run = runner.start(new_run(1))
    assert run.wait(SOON)
    bodies = []

    async def send(message):
        bodies.append(message.get("body", b""))

    asyncio.run(get(app_of(runner), f"/lab/runs/{run.id}", None, send))
    picture = json.loads(b"".join(bodies))
    assert picture["state"] == "finished"
    assert picture["live"], "there are events to come"


def test_a_client_that_disconnects_during_an_event_counts_as_no_viewer(runner):
    run = runner.start(new_run(100_000))
    looked = []

    async def leave():
        sending = asyncio.Event()

        async def receive():
            await sending.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            if message["type"] == "http.response.body":
                looked.append(run.viewers.count)
                sending.set()
                await asyncio.sleep(SOON)  # the client's buffer is full

        await asyncio.wait_for(get(app_of(runner), f"/lab/runs/{run.id}/events", receive, send), SOON)
        return run.viewers.count

    gc.disable()
    try:
        assert asyncio.run(leave()) == 0
    finally:
        gc.enable()
        runner.stop(run)
    assert looked == [1]
