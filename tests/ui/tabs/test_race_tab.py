"""The Race tab: its handlers, called as plain functions, and what its panel gets."""

import time

import gradio as gr
import pytest

from rnnlab.experiments.race import Config
from rnnlab.runs import PAUSED, TRAINING, Runner
from rnnlab.ui.components.settings_form import shown_values
from rnnlab.ui.i18n import section
from rnnlab.ui.session.uploads import Upload
from rnnlab.ui.tabs.lesson import DefaultRuns, lesson_of, picture_of_run, stop_lesson
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


def start(runner, saved=None, uploaded=None, pasted="", **changes):
    values = shown_values(Config(), VIEW.settings)
    shown = dict(zip(VIEW.settings, values, strict=True)) | TINY | changes
    _, saved = handlers.on_race(runner, saved, uploaded, pasted, None, *shown.values())
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


def test_the_panel_begins_with_what_the_lanes_must_beat_and_trains_nothing(slowness):
    began = time.thread_time()
    told = DefaultRuns((VIEW,)).picture("race", "zh")
    assert time.thread_time() - began < 5 * slowness()
    assert [row["kind"] for row in told["rows"]] == ["started"]
    assert told["state"] == "recorded"
    assert told["words"]["state.recorded"] == section("race", "zh")["state.recorded"]
    assert all(not trace.get("x") for trace in told["figures"]["race"]["data"])


OWN = "one two three four\n" * 120


def test_a_race_runs_on_what_is_pasted_and_else_on_what_is_uploaded(runner):
    upload = Upload("".join(chr(0x4E00 + number % 97) for number in range(2000)), 4000, "poems <b>.txt")
    pasted, _ = start(runner, uploaded=upload, pasted=OWN, corpus="own", max_tokens="")
    uploaded, _ = start(runner, uploaded=upload, corpus="own", max_tokens="")
    shipped, _ = start(runner, uploaded=upload, pasted=OWN)
    assert all(run.wait(60) for run in (pasted, uploaded, shipped))
    sizes = [run.since(0).rows[0]["vocab_size"] for run in (pasted, uploaded, shipped)]
    assert sizes[:2] == [len(set(OWN)), 97]
    assert sizes[2] > 97
    titles = [picture_of_run(run, run.since(0), "en")["words"]["title"] for run in (pasted, uploaded)]
    assert [title.split(" · ")[1] for title in titles] == ["Your own text", "poems <b>.txt"]
    picture = picture_of_run(uploaded, uploaded.since(0), "en")
    assert picture["settings"]["race-corpus"] == "own", "the form shows the choice, not the name of a file"
    assert picture["settings"]["race-max-tokens"] == ""


def test_all_of_an_own_text_is_raced_on_unless_a_number_is_given(runner, capsys):
    assert handlers.on_another_corpus("own", None) == ""
    assert handlers.on_another_corpus("lyrics-en", None) == "10000"
    assert handlers.on_another_corpus(None, None) == gr.skip()
    assert [handlers.on_corpus(name)["visible"] for name in ("own", "lyrics-zh")] == [True, False]
    for max_tokens, said in (("", ""), ("700", "The first 700 of the 2,280 characters of your text are learned")):
        run, _ = start(runner, corpus="own", pasted=OWN, max_tokens=max_tokens)
        assert run.wait(30)
        started = run.since(0).rows[0]
        assert started["train_tokens"] + started["held_out_tokens"] == int(max_tokens or len(OWN))
        assert said in capsys.readouterr().out or not said


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("12345", "  Wind   over <b>snow", "about"), "12,345 characters. It begins: Wind over &lt;b&gt;snow"),
        (("0", "", "<span>poems.txt</span>"), "<span>poems.txt</span>"),
        (("0", "", ""), "Paste a text in Train, or upload one here."),
        (("9" * 4000, None, None), "999,999,999 characters"),
        (("x", [], {}), "Paste a text in Train, or upload one here."),
        ((None, None, None), "Paste a text in Train, or upload one here."),
    ],
)
def test_the_own_text_is_described(given, expected):
    assert expected in handlers.on_own_text(*given)


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
        ({"corpus": "mine"}, "Corpus: .*lyrics-zh"),
        ({"corpus": None}, "Corpus: "),
        ({"corpus": "own"}, "Your text: "),
        ({"corpus": "own", "pasted": None}, "Your text: "),
        ({"corpus": "own", "pasted": ["x"]}, "Your text: "),
        ({"corpus": "own", "pasted": " \n" * 5000}, "Your text: "),
        ({"corpus": "own", "pasted": "a\0b" * 500}, "Your text: "),
        ({"corpus": "own", "pasted": "a\ud800b" * 500}, "Your text: "),
        ({"corpus": "own", "pasted": "abc", "max_tokens": ""}, "3 tokens are fewer than one batch of 8 × 10 needs"),
        ({"corpus": "own", "pasted": "a" * 1_000_001}, "save it as a .txt file"),
        ({"target_perplexity": 0.5}, "Target perplexity: 0.5 is out of range"),
        ({"hidden_size": 2048, "batch_size": 4096, "num_steps": 100}, "."),
    ],
)
def test_bad_settings_are_refused_and_nothing_starts(runner, changes, words):
    with pytest.raises(gr.Error, match=words):
        start(runner, **changes)
    assert runner.ids() == ()
