"""Watching another visitor's run: what a watcher sees, that nothing of it changes a run, and what is not shown."""

import asyncio
import json
import threading

import gradio as gr
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from rnnlab.experiments import race
from rnnlab.experiments.language_model import Config
from rnnlab.experiments.language_model.train_step import TrainingStep
from rnnlab.runs import Run, Runner, Store, find_watched, training_run, watch_key_of
from rnnlab.runs.states import RUNNING
from rnnlab.ui.server import sse, watch_routes
from rnnlab.ui.server.exports import export_routes
from rnnlab.ui.server.run_summaries import summary_route
from rnnlab.ui.server.stream_limit import StreamLimit
from rnnlab.ui.server.surprise_routes import surprise_routes
from rnnlab.ui.server.turns import Turns
from rnnlab.ui.tabs import adding
from rnnlab.ui.tabs import race as race_tab
from rnnlab.ui.tabs.lesson import DefaultRuns
from rnnlab.ui.tabs.payloads import TabPayloads
from rnnlab.ui.tabs.train import handlers
from rnnlab.ui.tabs.train.earlier import on_choose
from rnnlab.ui.tabs.train.passages import learned_of
from rnnlab.ui.tabs.train.surprise import TrainSurprise
from rnnlab.ui.tabs.watched import WatchedPayloads
from rnnlab.validation import InvalidInput

SOON = 60.0  # seconds: long enough for a busy machine
TINY = {"hidden_size": 4, "embedding_size": 2, "batch_size": 2, "num_steps": 4, "epochs": 2, "sample_length": 5}
OWN = "the secret of the old house by the river " * 6
PAYLOADS = TabPayloads(DefaultRuns(()))
WATCHED = WatchedPayloads(PAYLOADS)


def all_routes(runner):
    """The routes about runs, as `rnnlab.ui.serve` has them."""
    ending, streams = threading.Event(), StreamLimit()
    return [
        *sse.routes(runner, PAYLOADS, ending, streams),
        *watch_routes.watch_routes(runner, WATCHED, ending, streams),
        summary_route(runner, PAYLOADS),
        *surprise_routes(runner, TrainSurprise(runner), Turns(1, "replay")),
        *export_routes(runner),
    ]


@pytest.fixture(scope="module")
def runner(tmp_path_factory):
    runner = Runner(store=Store(tmp_path_factory.mktemp("watched") / "runs"))
    yield runner
    runner.close()


@pytest.fixture(scope="module")
def site(runner):
    return Starlette(routes=all_routes(runner))


@pytest.fixture(scope="module")
def owner(site):
    return TestClient(site, cookies={"rnnlab_seat": "owner"})


@pytest.fixture(scope="module")
def watcher(site):
    return TestClient(site, cookies={"rnnlab_seat": "watcher"})


def ended(runner, config, text=None):
    run = runner.start(training_run(config, text))
    assert run.wait(SOON)
    return run


@pytest.fixture(scope="module")
def run(runner):
    return ended(runner, Config(corpus="lyrics-en", max_tokens=400, **TINY))


@pytest.fixture(scope="module")
def own(runner):
    return ended(runner, Config(corpus="own", sample_prefixes=("the ",), **TINY), OWN)


def key_in(client, run):
    """Return the key that the owner's page gets for others."""
    query = client.get(f"/lab/runs/{run.id}/watch").json()["query"]
    tab, key = (part.partition("=")[2] for part in query.split("&"))
    assert (query, tab) == (f"tab=train&watch={key}", "train")
    return key


def events_in(answer):
    return [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]


def test_a_watcher_sees_every_row_of_the_run(owner, watcher, run):
    at = f"/lab/watched/train/{key_in(owner, run)}"
    mine, theirs = owner.get(f"/lab/runs/{run.id}").json(), watcher.get(at).json()
    drawn = ("figure", "epoch_rows", "last", "state", "title", "baselines", "untrained", "epochs", "cursor")
    assert {name: theirs[name] for name in drawn} == {name: mine[name] for name in drawn}
    rows = [row for news in events_in(watcher.get(f"{at}/events?cursor=0")) for row in news["rows"]]
    assert rows == [row for news in events_in(owner.get(f"/lab/runs/{run.id}/events?cursor=0")) for row in news["rows"]]
    assert [row["epoch"] for row in rows if row["kind"] == "epoch"] == [1, 2]
    assert watcher.get(f"{at}/recorded?epoch=1").json() == owner.get(f"/lab/runs/{run.id}/recorded?epoch=1").json()


def test_the_key_is_not_the_id_and_neither_leads_to_the_other(owner, watcher, runner, run):
    key = key_in(owner, run)
    assert runner.find(key) is None
    assert find_watched(runner.runs(), key) is run
    assert find_watched(runner.runs(), run.id) is None
    assert find_watched(runner.runs(), run.key) is None
    for path in ("", "/events?cursor=0", "/recorded?epoch=1"):
        text = watcher.get(f"/lab/watched/train/{key}{path}").text
        assert run.id not in text
        assert run.key not in text


def test_every_route_of_a_run_is_closed_to_the_key(site, owner, watcher, run):
    """Each route that takes a run's id, with the key in its place; and each other method of those that take the key."""
    key, tried = key_in(owner, run), []
    for route in site.routes:
        path = route.path.replace("{run_id}", key).replace("{kind}", "model")
        if "{run_id}" in route.path and not route.path.endswith("/watch"):
            tried.append(route.path)
            assert watcher.get(path, params={"epoch": 1, "part": "training", "place": 1}).status_code == 404, path
        if "{watch_key}" in route.path:
            path = route.path.replace("{tab}", "train").replace("{watch_key}", key)
            assert {watcher.request(how, path).status_code for how in ("POST", "PUT", "PATCH", "DELETE")} == {405}
            assert set(route.methods) == {"GET", "HEAD"}
    assert len(tried) >= 9
    assert watcher.get(f"/lab/runs/{key}/watch").json() == {"query": "", "own": False}
    for path in ("model", "export", "export/model", "surprise", "surprise/exact", "songs/exact", "expected", "summary"):
        assert watcher.get(f"/lab/watched/train/{key}/{path}").status_code == 404, path


@pytest.mark.parametrize("do", ["on_stop", "on_pause", "on_resume"])
def test_a_watcher_stops_pauses_and_resumes_nothing(owner, runner, run, do):
    with pytest.raises(gr.Error):
        getattr(handlers, do)(runner, key_in(owner, run), None)


def test_a_watcher_changes_no_rate_adds_no_epochs_and_takes_no_run_over(owner, runner, run):
    key, before = key_in(owner, run), run.config
    for attempt in (handlers.on_apply, handlers.on_more):
        with pytest.raises(gr.Error):
            attempt(runner, key, 1, None)
    with pytest.raises(gr.Error):
        on_choose(runner, key, None)
    assert run.config == before


@pytest.mark.parametrize("key", ["0" * 32, "x", "%20", "é"])
def test_a_wrong_key_is_an_answer_and_no_error(watcher, key):
    gone = {"state": "gone", "refused": "unknown"}
    assert watcher.get(f"/lab/watched/train/{key}").json() == gone
    assert watcher.get("/lab/watched/train/" + "0" * 32 + "/events").text == 'data: {"gone": true}\n\n'
    assert watcher.get("/lab/watched/train/" + "0" * 32 + "/recorded?epoch=1").json() is None
    assert watcher.get("/lab/watched/train/" + "0" * 32 + "/passage?epoch=1&song=0&run=0").json() is None


def test_a_key_opens_the_run_on_its_own_tab_alone(owner, watcher, run):
    assert watcher.get(f"/lab/watched/race/{key_in(owner, run)}").json()["refused"] == "unknown"


def test_of_a_text_of_the_owners_only_its_size_and_the_songs_are_shown(owner, watcher, own, monkeypatch):
    assert owner.get(f"/lab/runs/{own.id}/watch").json()["own"]
    at = f"/lab/watched/train/{key_in(owner, own)}"
    picture = watcher.get(at).json()
    assert picture["settings"] == {}
    assert f"A text of their own, {len(OWN)} characters" in picture["title"]
    assert "训练者自己的文本" in watcher.get(f"{at}?lang=zh").json()["title"]
    events = watcher.get(f"{at}/events?cursor=0")
    assert all(news["settings"] == {} for news in events_in(events))
    songs = [song for row in picture["epoch_rows"] for song in row["samples"]]
    assert songs
    for answer in (json.dumps(picture), events.text):
        assert OWN[:20] not in answer
    monkeypatch.setattr(TabPayloads, "passage", lambda self, run, place: {"line": 7, "place": list(place)})
    assert watcher.get(at + "/passage?epoch=2&song=0&run=0").json() is None
    assert "its owner's own" in picture["words"]["passage.gone"]


def test_a_passage_of_a_shipped_text_is_shown(owner, watcher, run, monkeypatch):
    monkeypatch.setattr(TabPayloads, "passage", lambda self, run, place: {"line": 7, "place": list(place)})
    at = f"/lab/watched/train/{key_in(owner, run)}/passage"
    assert watcher.get(f"{at}?epoch=2&song=0&run=1").json() == {"line": 7, "place": [2, 0, 1, 0]}
    assert watcher.get(f"{at}?epoch=2&song=0").json() is None


def test_no_sentence_for_a_watcher_names_a_button_of_the_owners(owner, watcher, run):
    mine = owner.get(f"/lab/runs/{run.id}").json()["words"]
    theirs = watcher.get(f"/lab/watched/train/{key_in(owner, run)}").json()["words"]
    others = ("state.recorded", "state.gone")  # of what is shown in place of a run
    states = [text for key, text in theirs.items() if key.startswith("state.") and key not in others]
    assert set(mine) == set(theirs)
    buttons = ("press", "Resume", "Apply", "Generate", "Settings", "Advanced", "train more", "Train more")
    assert [text for text in states if any(button in text for button in buttons)] == []


def test_why_a_run_has_failed_is_its_owners_alone(runner, owner, watcher, monkeypatch):
    run = training_run(Config(corpus="own", **TINY), OWN)

    def fails(*_):
        raise InvalidInput("not_a_choice", "corpus", value="something typed", choices="others")

    monkeypatch.setattr(TrainingStep, "__call__", fails)
    runner.start(run)
    assert run.wait(SOON)
    assert run.state == "failed"
    assert owner.get(f"/lab/runs/{run.id}").json()["problem"]
    assert watcher.get(f"/lab/watched/train/{key_in(owner, run)}").json()["problem"] is None


def test_a_watcher_does_not_keep_a_run_alive(clock):
    """Neither a picture nor an open stream counts as a viewer: the run that its owner has left is paused."""
    run = training_run(Config(corpus="own", **{**TINY, "epochs": 10_000}), OWN)
    alone = Runner(clock=clock, unseen_grace=30.0)
    site = Starlette(routes=all_routes(alone))
    try:
        alone.start(run)
        client, key = TestClient(site), watch_key_of(run.key)
        events = next(route.endpoint for route in site.routes if route.path == "/lab/watched/{tab}/{watch_key}/events")
        scope = {"type": "http", "method": "GET", "headers": [], "query_string": b""}

        async def watch():
            request = Request({**scope, "path_params": {"tab": "train", "watch_key": key}})
            stream = (await events(request)).body_iterator
            assert b'"rows"' in await anext(stream)
            assert run.viewers.count == 0
            clock.now += 31.0
            assert client.get(f"/lab/watched/train/{key}").json()["state"] == RUNNING
            alone.supervisor.check()
            assert (run.state, run.why) == ("paused", "unseen")
            await stream.aclose()

        asyncio.run(watch())
    finally:
        alone.close()


def test_beyond_the_limit_there_is_no_picture_and_a_stream_rests(monkeypatch, owner, watcher, runner, run):
    monkeypatch.setattr(watch_routes, "MAX_WATCHERS", 1)
    watchers, streams = watch_routes.Watchers(), StreamLimit()
    assert not watchers.is_full(run)
    with watchers.claim(run, streams.claim("a")) as first:
        assert first == 0
        assert watchers.is_full(run)
        with watchers.claim(run, streams.claim("b")) as second:
            assert second == watch_routes.POLL_HIDDEN
    assert not watchers.is_full(run), "a place is free again"
    with watchers.claim(run, streams.claim("a", is_hidden=True)) as hidden:
        assert hidden
        assert not watchers.is_full(run), "a hidden page takes no place"
    monkeypatch.setattr(watch_routes.Watchers, "is_full", lambda self, run: True)
    at = f"/lab/watched/train/{key_in(owner, run)}"
    assert watcher.get(at).json() == {"state": "gone", "refused": "full"}
    monkeypatch.undo()
    assert watcher.get(at).json()["state"] == "finished"


def test_the_key_is_the_same_after_a_restart(tmp_path):
    """And what it opens then needs no visit of the owner, who alone knows the id of a run that was stored."""
    folder = tmp_path / "runs"
    first = Runner(store=Store(folder))
    texts = [OWN, OWN.replace("secret", "sister")]
    runs = [ended(first, Config(corpus="own", **TINY), text) for text in texts]
    keys = [key_in(TestClient(Starlette(routes=all_routes(first))), run) for run in runs]
    first.close()
    second = Runner(store=Store(folder))
    try:
        client = TestClient(Starlette(routes=all_routes(second)))
        for key, run in zip(keys, runs, strict=True):
            picture = client.get(f"/lab/watched/train/{key}").json()
            assert picture["state"] == "finished"
            assert picture["last"]["perplexity"] == pytest.approx(run.last("epoch")["perplexity"])
        assert {run.id for run in second.runs()} == {""}
        learned = [learned_of(find_watched(second.runs(), key)).text for key in keys]
        assert [text.startswith(own) for text, own in zip(learned, ("the secret", "the sister"), strict=True)] == [
            True
        ] * 2
        second.forget(find_watched(second.runs(), keys[0]))
        assert client.get(f"/lab/watched/train/{keys[0]}").json()["refused"] == "unknown"
    finally:
        second.close()


def test_a_race_can_be_watched_and_another_lesson_cannot(runner, owner, watcher):
    config = race.Config(lanes="gru, lstm", epochs=1, max_tokens=200, hidden_size=4, batch_size=2, num_steps=4)
    lesson = race_tab.VIEW.lesson(config)
    run = runner.start(Run(lesson, race_tab.VIEW.new_record()))
    assert run.wait(SOON)
    query = owner.get(f"/lab/runs/{run.id}/watch").json()["query"]
    assert query == f"tab=race&watch={watch_key_of(run.key)}"
    picture = watcher.get(f"/lab/watched/race/{watch_key_of(run.key)}").json()
    assert (picture["state"], picture["settings"], picture["config"]) == ("finished", {}, {})
    assert picture["rows"] == owner.get(f"/lab/runs/{run.id}").json()["rows"]
    other = runner.start(Run(adding.VIEW.lesson(adding.VIEW.config(length=2, max_steps=1)), adding.VIEW.new_record()))
    assert other.wait(SOON)
    assert owner.get(f"/lab/runs/{other.id}/watch").json() == {"query": "", "own": False}
    assert watcher.get(f"/lab/watched/adding/{watch_key_of(other.key)}").json()["refused"] == "unknown"
