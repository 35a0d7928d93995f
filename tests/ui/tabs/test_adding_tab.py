"""The Memory tab: its handlers as plain functions, what its panel gets, and the routes that ask the networks."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from rnnlab.experiments.adding import ShortConfig, draw_question
from rnnlab.runs import TRAINING, Runner
from rnnlab.ui.components.settings_form import shown_values
from rnnlab.ui.server.adding_routes import adding_routes
from rnnlab.ui.tabs.adding import payload
from rnnlab.ui.tabs.adding.handlers import on_find
from rnnlab.ui.tabs.adding.payload import VIEW, AddingAnswers
from rnnlab.ui.tabs.hello import VIEW as HELLO
from rnnlab.ui.tabs.lesson import DefaultRuns, Lesson, lesson_of, picture_of_run, start_lesson
from rnnlab.ui.tabs.lesson_tab import LessonHandlers

TINY = {"length": 6, "hidden_size": 4, "batch_size": 4, "max_steps": 3}


@pytest.fixture(scope="module")
def runner():
    runner = Runner(max_running=1)
    yield runner
    runner.close()


@pytest.fixture(scope="module")
def client(runner):
    return TestClient(Starlette(routes=adding_routes(runner, AddingAnswers())))


def given(**changes):
    values = shown_values(ShortConfig(), VIEW.settings)
    return (dict(zip(VIEW.settings, values, strict=True)) | TINY | changes).values()


@pytest.fixture(scope="module")
def finished(runner):
    """A run of two networks that has ended."""
    _, saved = LessonHandlers(VIEW, runner).on_start(None, None, *given(models="gru, lstm"))
    run = lesson_of(VIEW, runner, saved)
    assert run.wait(30)
    return run


def test_the_panel_gets_the_tests_and_the_end_of_each_network(runner, finished):
    assert finished.pool == TRAINING
    picture = picture_of_run(finished, runner.follow(finished), "en")
    kinds = [row["kind"] for row in picture["rows"]]
    assert kinds[:2] == ["started", "length"]
    assert "step" not in kinds
    assert [row["model"] for row in picture["rows"] if row["kind"] == "outcome"] == ["gru", "lstm"]
    assert picture["words"]["title"] == "GRU, LSTM · 4 units · 6 numbers · Adam 0.01 · seed 1"
    figure = picture["figures"]["errors"]
    assert [trace["name"] for trace in figure["data"]][:3] == ["GRU", "LSTM", "always 1:"]
    assert figure["data"][2]["y"] == [1 / 6, 1 / 6]
    assert picture["settings"]["adding-length"] == 6


def test_the_networks_of_a_run_are_asked(client, finished):
    answer = client.get(
        f"/lab/runs/{finished.id}/asked", params={"seed": 3, "ask_numbers": "0.25,0.5", "ask_places": "2,5"}
    ).json()
    assert (answer["places"], answer["truth"], answer["models"]) == ([2, 5], 0.75, ["gru", "lstm"])
    expected = finished.experiment.trainer.ask(draw_question(6, 3, (0.25, 0.5), (2, 5)))
    assert answer["answers"] == list(expected.answers)
    assert len(client.get(f"/lab/runs/{finished.id}/asked", params={"length": 12}).json()["numbers"]) == 12


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"ask_places": "2,9"}, "6"),
        ({"ask_places": "3,3"}, "3"),
        ({"ask_numbers": "0.5,2"}, "2"),
        ({"ask_numbers": "0.5"}, "1"),
        ({"length": "201"}, "200"),
        ({"seed": "x"}, "x"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_in_the_visitors_language(client, finished, query, word):
    for language in ("en", "zh-CN"):
        answer = client.get(f"/lab/runs/{finished.id}/asked", params={**query, "lang": language})
        assert answer.status_code == 400
        assert word in answer.json()["message"]


def test_a_run_that_is_gone_or_another_lessons_has_no_answer(runner, client):
    assert client.get("/lab/runs/none/asked").status_code == 404
    _, other = start_lesson(runner, None, Lesson(HELLO, HELLO.config(epochs=1)))
    assert client.get(f"/lab/runs/{other}/asked").status_code == 404


def test_finding_the_limits_trains_at_growing_lengths_and_stops_within_a_minibatch(runner):
    _, saved = on_find(runner, None, None, *given(models="rnn", max_steps=1))
    run = lesson_of(VIEW, runner, saved)
    assert run.wait(30)
    assert run.since(0).rows[0]["lengths"] == [10, 20, 40, 80, 160]
    assert run.since(0).rows[-1]["longest"] == [None]
    assert run.experiment.config.to_strings()["length"] == "6"


def test_the_default_run_is_short_and_its_networks_can_be_asked(client, monkeypatch):
    monkeypatch.setattr(payload.DEFAULT, "trainer", None)
    assert client.get("/lab/lessons/adding/asked").status_code == 404
    assert VIEW.config().length == 10
    short = payload.AddingView(**{**VIEW.__dict__, "config": lambda: ShortConfig(**TINY)})
    told = DefaultRuns((short,)).picture("adding", "zh")
    assert told["state"] == "recorded"
    assert told["words"]["figure.model.gru"] == "GRU"
    answer = client.get("/lab/lessons/adding/asked").json()
    assert len(answer["numbers"]) == 6
    assert answer["models"] == ["rnn", "gru", "lstm"]
