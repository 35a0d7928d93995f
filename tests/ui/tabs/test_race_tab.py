"""The Race tab: its handlers, called as plain functions, and what its panel gets."""

import time

import gradio as gr
import pytest

from rnnlab.experiments.race import Config
from rnnlab.runs import PAUSED, TRAINING, Runner
from rnnlab.ui.components.settings_form import shown_values
from rnnlab.ui.i18n import section
from rnnlab.ui.tabs.lesson import DefaultRuns, lesson_of, picture_of_run, stop_lesson
from rnnlab.ui.tabs.lesson_tab import LessonHandlers
from rnnlab.ui.tabs.race import handlers, payload
from rnnlab.ui.tabs.race.payload import VIEW

TINY = {
    "hidden_size": 8, "embedding_size": 4, "max_tokens": 700, "batch_size": 8, "num_steps": 10, "epochs": 2,
    "sample_length": 4,
}  # fmt: skip


@pytest.fixture
def runner():
    runner = Runner(max_running=1)
    yield runner
    runner.close()


def start(runner, saved=None, **changes):
    values = shown_values(Config(), VIEW.settings)
    shown = dict(zip(VIEW.settings, values, strict=True)) | TINY | changes
    _, saved = LessonHandlers(VIEW, runner).on_start(saved, None, *shown.values())
    return lesson_of(VIEW, runner, saved), saved


def test_a_race_runs_in_a_place_of_a_training_and_its_panel_gets_all(runner):
    run, _ = start(runner, lanes="scratch, torch")
    assert run.pool == TRAINING
    assert run.wait(30)
    picture = picture_of_run(run, runner.follow(run), "en")
    assert picture["state"] == "finished"
    assert {row["kind"] for row in picture["rows"]} >= {"started", "line", "step", "difference", "epoch", "finished"}
    assert picture["words"]["title"] == "from scratch against torch.nn · Chinese songs · Adam 0.015 · seed 1"
    assert [picture["words"][f"figure.lane.{i}"] for i in range(2)] == ["from scratch", "torch.nn"]
    names = [trace["name"] for trace in picture["figures"]["race"]["data"] if trace["uid"].startswith("training")]
    assert names == ["from scratch", "torch.nn"]
    assert {shape["name"] for shape in picture["figures"]["race"]["layout"]["shapes"]} == {
        "uniform", "unigram", "ngram5", "finish",
    }  # fmt: skip
    assert picture["settings"]["race-lanes"] == "scratch, torch"
    run.release()
    assert run.experiment.nbytes < 10_000


def test_the_panel_begins_with_what_the_lanes_must_beat_and_trains_nothing():
    began = time.thread_time()
    told = DefaultRuns((VIEW,)).picture("race", "zh")
    assert time.thread_time() - began < 5
    assert [row["kind"] for row in told["rows"]] == ["started"]
    assert told["state"] == "recorded"
    assert told["words"]["state.recorded"] == section("race", "zh")["state.recorded"]
    assert all(not trace.get("x") for trace in told["figures"]["race"]["data"])


def test_before_its_first_row_a_race_has_a_finish_line_and_no_baselines():
    figure = payload.figures(Config(), {**section_of_figure(), "lane.0": "One"})["race"]
    assert [shape.name for shape in figure.layout.shapes] == ["finish"]
    assert figure.data[1].name == "One"
    assert figure.data[4].name == "gru"


def section_of_figure():
    return {key.removeprefix("figure."): text for key, text in section("race", "en").items()}


def test_pause_resume_and_stop(runner):
    run, saved = start(runner, epochs=2000, target_perplexity="")
    until = time.monotonic() + 20
    while not run.last("epoch") and time.monotonic() < until:
        time.sleep(0.01)
    handlers.on_pause(runner, saved, None)
    assert run.state == PAUSED
    assert run.wait_until_still(10)
    held = len(run.since(0).rows)
    handlers.on_resume(runner, saved, None)
    until = time.monotonic() + 20
    while len(run.since(0).rows) == held and time.monotonic() < until:
        time.sleep(0.01)
    assert len(run.since(0).rows) > held
    stop_lesson(runner, saved, VIEW)
    assert run.wait(10)
    assert run.state == "stopped"


def test_without_a_race_there_is_nothing_to_pause(runner):
    for handler in (handlers.on_pause, handlers.on_resume):
        with pytest.raises(gr.Error, match="no race here"):
            handler(runner, None, None)


def test_a_new_race_replaces_the_visitors_earlier_one(runner):
    first, saved = start(runner, epochs=2000)
    second, _ = start(runner, saved)
    assert first.wait(10)
    assert first.state == "stopped"
    assert second.wait(30)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lanes": "rnn"}, "Lanes: a race has 2 to 4 lanes"),
        ({"lanes": None}, "Lanes: .* is not text"),
        ({"lanes": "rnn, <b>"}, "&lt;b&gt;"),
        ({"corpus": "own"}, "Corpus: .*lyrics-zh"),
        ({"target_perplexity": 0.5}, "Target perplexity: 0.5 is out of range"),
        ({"hidden_size": 2048, "batch_size": 4096, "num_steps": 100}, "."),
    ],
)
def test_bad_settings_are_refused_and_nothing_starts(runner, changes, words):
    with pytest.raises(gr.Error, match=words):
        start(runner, **changes)
    assert runner.ids() == ()
