"""A visitor's earlier runs: their summaries, and making one the current run again."""

import gradio as gr
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from rnnlab.experiments.language_model import Config
from rnnlab.runs import Runner, training_run
from rnnlab.ui.server.run_summaries import summary_route
from rnnlab.ui.tabs.lesson import DefaultRuns
from rnnlab.ui.tabs.payloads import TabPayloads
from rnnlab.ui.tabs.train.earlier import MAX_CURVE_POINTS, differences, on_choose, summary

TINY = {
    "corpus": "own", "hidden_size": 4, "embedding_size": 2, "batch_size": 2, "num_steps": 4, "held_out": 0.2,
    "sample_every": None, "epochs": 2,
}  # fmt: skip
TEXT = "la li lu la le lo " * 8


@pytest.fixture
def runner():
    runner = Runner()
    yield runner
    runner.close()


def finished(runner, **settings):
    run = runner.start(training_run(Config(**(TINY | settings)), TEXT))
    assert run.wait(60)
    return run


def test_a_summary_has_the_last_figures_and_a_thin_curve(runner):
    run = finished(runner)
    rows = [row for row in run.since(0).rows if row["kind"] == "epoch"]
    seen = summary(run, None, "en")
    assert (seen["epochs"], seen["over"], seen["model"]) == (2, True, "GRU 4")
    assert seen["perplexity"] == rows[-1]["perplexity"]
    assert seen["held_out"] == rows[-1]["held_out_perplexity"]
    assert seen["curve"] == {"x": [1, 2], "y": [row["perplexity"] for row in rows]}
    assert seen["held_out_curve"]["y"] == [row["held_out_perplexity"] for row in rows]
    assert (seen["uniform"], seen["differences"]) == (len(set(TEXT)), [])
    assert seen["title"].startswith("GRU 4 · ")


def test_a_long_curve_is_thinned(runner):
    run = finished(runner)
    for epoch in range(3, 2000):
        run.note({"kind": "epoch", "epoch": epoch, "perplexity": 5.0 + epoch % 7, "held_out_perplexity": None})
    seen = summary(run, None, "en")
    assert len(seen["curve"]["x"]) <= MAX_CURVE_POINTS
    assert seen["held_out_curve"]["y"][-1] is None


def test_differences_are_in_the_words_of_the_fields_and_leave_out_the_epochs():
    one = Config(**TINY, dropout=0.5, grad_clip=None, schedule="cosine")
    other = Config(**(TINY | {"epochs": 9, "corpus": "lyrics-zh"}), sample_prefixes=("la",))
    shown = {field: values for field, *values in differences(one, other, "en")}
    assert shown["Dropout"] == ["0.5", "0.0"]
    assert shown["Corpus"] == ["Your own text", "Chinese songs"]
    assert shown["Gradient clip"] == ["none", "1.0"]
    assert "Epochs" not in shown
    assert differences(one, one, "en") == []
    chinese = {field: values for field, *values in differences(one, other, "zh")}
    assert len(chinese) == len(shown)
    assert chinese["语料"] == ["自己的文本", "中文歌词"]


def test_the_route_answers_for_an_id_and_does_not_count_as_a_visit(runner, monkeypatch):
    client = TestClient(Starlette(routes=[summary_route(runner, TabPayloads(DefaultRuns(())))]))
    one, other = finished(runner), finished(runner, hidden_size=6)
    visits = []
    for run in (one, other):
        monkeypatch.setattr(run.viewers, "visit", lambda: visits.append(1))
    answer = client.get(f"/lab/runs/{other.id}/summary?beside={one.id}&lang=en").json()
    assert [values for _, *values in answer["differences"]] == [["6", "4"]]
    assert client.get(f"/lab/runs/{other.id}/summary?beside=guess").json()["differences"] == []
    assert client.get("/lab/runs/guess/summary").status_code == 404
    assert visits == []


def test_an_earlier_run_is_made_the_current_one(runner):
    one, other = finished(runner), finished(runner)
    reference, saved = on_choose(runner, one.id, None)
    assert reference.startswith(f"runs/{one.id}?chosen-")
    assert saved == one.id
    assert on_choose(runner, other.id, None)[1] == other.id
    for gone in ("guess", None, 3):
        with pytest.raises(gr.Error, match="no longer kept"):
            on_choose(runner, gone, None)
