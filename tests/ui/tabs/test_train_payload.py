"""The payload of the live panel."""

from dataclasses import fields

import pytest

from rnnlab.experiments.language_model import Config, Epoch, Progress, Started, Step, Trainer, preset
from rnnlab.figures.perplexity import TRACES
from rnnlab.runs import Run, protocols, training_run
from rnnlab.runs.training import Training
from rnnlab.text import read_corpus
from rnnlab.ui.tabs.train.handlers import SETTINGS
from rnnlab.ui.tabs.train.payload import curve_of, form_of, news, picture, picture_of_run, recorded_picture
from rnnlab.validation import InvalidInput

KNOWN = {f.name: None for f in fields(Started) if f.name.endswith("_perplexity")}
KNOWN |= {"uniform_perplexity": 9.0, "unigram_perplexity": 5.0, "ngram2_held_out_perplexity": 4.0, "counted_tokens": 7}
START = {"kind": "start", "first_epoch": 1, "train_tokens": 8, **KNOWN}


def epoch_row(epoch, perplexity, held_out=None, samples=()):
    return {
        "kind": "epoch",
        "epoch": epoch,
        "perplexity": perplexity,
        "held_out_perplexity": held_out,
        "seconds": 1.0,
        "samples": list(samples),
    }


def step_row(x, y):
    return {"kind": "step", "x": x, "y": y}


def test_rows_become_the_traces_of_a_curve():
    rows = [START, step_row(0.5, 8.0), step_row(1.0, 6.0), epoch_row(1, 7.0, 8.5), step_row(1.5, 3.0)]
    curve = curve_of(Config(model="lstm", epochs=4), rows)
    assert (curve.model, curve.epochs) == ("lstm", 4)
    drawn = {name: value for name, value in curve.baselines.items() if value is not None}
    assert drawn == {"uniform": 9.0, "unigram": 5.0, "ngram2_held_out": 4.0}
    assert curve.minibatch == [(0.5, 8.0), (1.0, 6.0), (1.5, 3.0)]
    assert curve.training == [(1, 7.0)]
    assert curve.held_out == [(1, 8.5)]


def test_a_new_learning_rate_stands_where_the_curve_was():
    told = {"kind": "changed", "epoch": 1, "step": 1, "learning_rate": 0.5}
    curve = curve_of(Config(), [START, told, step_row(0.5, 8.0), {**told, "learning_rate": 0.1}, epoch_row(1, 7.0)])
    assert curve.changes == [(0.0, 9.0, 0.5), (0.5, 8.0, 0.1)]


def test_without_held_out_text_the_curve_has_no_such_trace():
    assert curve_of(Config(held_out=0.0), [START, epoch_row(1, 7.0)]).held_out is None


def test_an_epoch_that_was_cut_short_is_drawn_once():
    again = {**START, "first_epoch": 2}
    rows = [
        START,
        step_row(1.0, 6.0),
        epoch_row(1, 7.0),
        step_row(1.5, 3.0),
        again,
        step_row(1.5, 3.0),
        step_row(2, 2.5),
    ]
    assert curve_of(Config(), rows).minibatch == [(1.0, 6.0), (1.5, 3.0), (2, 2.5)]


def test_published_results_are_shown_as_far_as_the_run_goes():
    recipe = {
        "model": "gru",
        "tokenizer": "raw",
        "implementation": "scratch",
        "encoding": "one-hot",
        "hidden_size": 256,
        "held_out": 0.0,
    }
    recipe |= {
        "batch_size": 32,
        "num_steps": 35,
        "max_tokens": 10_000,
        "tokenizer": "raw",
        "initialization": "normal",
        "reset_after": False,
        "biases": "one",
    }
    recipe |= {"tokenizer": "raw", "optimizer": "sgd", "learning_rate": 100.0, "grad_clip": 0.01}
    assert curve_of(Config(**recipe, epochs=100), [START]).published == {40: 151.275457, 80: 32.832044}
    assert curve_of(Config(**(recipe | {"hidden_size": 255}), epochs=100), [START]).published == {}


@pytest.mark.parametrize(
    ("same", "language", "label"),
    [
        (True, "en", "published by the tutorial"),
        (False, "en", "published (the tutorials' songs)"),
        (True, "zh", "教程公布"),
        (False, "zh", "教程公布（另一份歌词）"),
    ],
)
def test_published_results_are_of_another_text_unless_the_run_has_the_tutorials(same, language, label):
    start = {**START, "is_tutorial_lyrics": same}
    traces = picture(preset("rnn-scratch").config(corpus="own"), [start], language)["figure"]["data"]
    assert next(trace["name"] for trace in traces if trace["uid"] == "published") == label
    saved_without = picture(preset("rnn-scratch").config(corpus="own"), [START], "en")["figure"]["data"]
    assert "published (the tutorials' songs)" in [trace.get("name") for trace in saved_without]


def test_the_start_of_a_run_says_whether_its_text_is_the_tutorials(tutorial_corpus):
    config = Config(corpus="own", max_tokens=2000, hidden_size=4, epochs=1)
    for text, same in ((read_corpus(tutorial_corpus), True), ("la " * 5000, False)):
        assert next(Trainer(config, text, device="cpu").events()).is_tutorial_lyrics is same


def test_the_picture_names_the_device_that_trains_now():
    gpu, cpu = ({**START, "device": "H100", "device_trouble": ""}, {**START, "device": "CPU, 1 thread"})
    assert picture(Config(), [gpu], "en")["device"] == "H100"
    moved = picture(Config(), [gpu, cpu | {"device_trouble": "memory"}], "en")
    assert (moved["device"], moved["device_trouble"]) == ("CPU", "memory")
    assert {f"device.{moved['device_trouble']}", "device.lost", "device"} <= moved["words"].keys()
    assert picture(Config(), [], "en")["device"] == ""


def test_the_table_of_baselines():
    shown = picture(Config(), [START], "en")
    assert [name for name, *_ in shown["baselines"]] == [
        "uniform (1/V)", "unigram", *(f"{n}-gram" for n in range(2, 8))
    ]  # fmt: skip
    assert shown["baselines"][:3] == [("uniform (1/V)", 9, 9), ("unigram", 5, None), ("2-gram", None, 4)]
    assert shown["counted"] == {"counted": 7, "train": 8}
    assert picture(Config(corpus="mine.txt"), [], "zh")["baselines"] == []


def test_ngrams_that_were_counted_while_the_run_trained_are_drawn():
    started = START | dict.fromkeys([name for name in START if name.startswith("ngram")]) | {"counted_tokens": 0}
    before = picture(Config(corpus="mine.txt"), [started, step_row(0.5, 8.0)], "en")
    assert (before["counted"], before["baselines"][2]) == ({"counted": 0, "train": 8}, ("2-gram", None, None))
    assert "compared.counting" in before["words"]
    counted = {"kind": "baselines", "ngram2_perplexity": 3.0, "ngram5_held_out_perplexity": 6.0, "counted_tokens": 8}
    after = picture(Config(corpus="mine.txt"), [started, step_row(0.5, 8.0), counted], "en")
    assert (after["counted"], after["baselines"][2]) == ({"counted": 8, "train": 8}, ("2-gram", 3.0, None))
    drawn = dict(zip(TRACES, after["figure"]["data"], strict=True))
    assert set(drawn["ngram5_held_out"]["y"]) == {6.0}
    assert drawn["minibatch"]["x"] == [0.5]


def test_baselines_of_a_shipped_text_are_in_the_first_picture():
    early = picture(Config(), [], "en")
    assert early["uniform"] == 1061.0
    drawn = dict(zip(TRACES, early["figure"]["data"], strict=True))
    assert set(drawn["uniform"]["y"]) == {1061.0}
    assert not drawn["training"]["x"]
    assert len(early["baselines"]) == 8


def test_a_run_on_words_is_described_in_words():
    shown = picture(Config(corpus="lyrics-en", tokenizer="words"), [], "en")
    assert (shown["title"].split(" · ")[1], shown["words"]["speed"]) == ("English songs, 6,379 words", "words/s")
    assert shown["counted"] == {"counted": 5742, "train": 5742}
    assert picture(Config(corpus="lyrics-en"), [], "en")["words"]["speed"] == "characters/s"
    assert picture(Config(tokenizer="words", min_freq=3), [], "zh")["words"]["speed"] == "词/秒"


def test_the_form_shows_the_runs_settings_and_the_most_similar_recipe():
    config = preset("gru-scratch").config(epochs=7, corpus="mine.txt", sample_prefixes=("la", "li"), grad_clip=None)
    form = form_of(config)
    assert (form["recipe"], form["corpus"], form["set-epochs"]) == ("gru-scratch", "own", 7)
    assert (form["set-sample_prefixes"], form["set-grad_clip"]) == ("la|li", "")
    assert set(form) == {"recipe", "corpus", *(f"set-{name}" for name in SETTINGS)}


def test_the_title_names_both_learning_rates_after_a_change():
    run = Run(Training(Config(epochs=1)), record)
    run.change(0.5)
    told = news(run, run.since(0), "en")
    assert " · Adam 0.015 → 0.5 · " in told["title"]
    assert told["settings"]["set-learning_rate"] == 0.5
    assert news(run, run.since(1), "en")["title"] is None


class Recorded:
    """An experiment that tells three things."""

    config = Config(epochs=1)

    def events(self):
        yield Started(1, 2, 9, 50, 0, parameters=100, **KNOWN, device="CPU")
        yield Step(1, 1, 2, 8.0, 0.1)
        yield Epoch(1, 7.0, None, 100.0, 1.0, 0.1, 0.0, ("la li",))

    def extend(self, epochs, from_here):
        raise NotImplementedError


def record(event):
    return {"kind": {"Started": "start", "Step": "step", "Epoch": "epoch"}[type(event).__name__], **event.to_dict()} | (
        {"x": 0.5, "y": 8.0} if isinstance(event, Step) else {}
    )


def test_the_picture_of_a_run_and_its_news():
    run = Run(Recorded(), record)
    run.drive()
    whole = picture_of_run(run, run.since(0), "zh")
    assert whole["state"] == "finished"
    assert whole["live"] is False
    assert whole["epoch_rows"][-1]["samples"] == ["la li"]
    assert whole["last"]["perplexity"] == 7.0
    assert whole["figure"]["layout"]["xaxis"]["title"]["text"] == "轮"
    assert whole["words"]["perplexity"] == "困惑度"
    assert whole["cursor"] == 3
    assert (whole["why"], whole["not_saved"], whole["test_perplexity"]) == ("", "", None)
    assert (whole["device"], whole["device_trouble"]) == ("CPU", "")
    later = news(run, run.since(2), "en")
    assert [row["kind"] for row in later["rows"]] == ["epoch"]


def test_the_kept_epoch_and_an_early_end_are_in_the_picture():
    config = Config(
        corpus="own", hidden_size=6, embedding_size=3, batch_size=4, num_steps=5, held_out=0.2, epochs=12,
        learning_rate=0.15, sample_every=None, keep="best", patience=2,
    )  # fmt: skip
    run = training_run(config, "one fish two fish red fish blue fish " * 4)
    run.drive()
    whole = picture_of_run(run, run.since(0), "en")
    kept = next(trace for trace in whole["figure"]["data"] if trace["uid"] == "kept")
    best = run.latest.kept_epoch
    assert (kept["x"], kept["y"]) == ([best], [run.latest.kept_perplexity])
    assert whole["stopped_early"] is True
    assert (whole["keep"], whole["progress"], whole["last"]["epoch"]) == ("best", None, best + 2)
    last = Run(Recorded(), record)
    last.drive()
    plain = picture_of_run(last, last.since(0), "en")
    assert plain["stopped_early"] is False
    assert not next(trace for trace in plain["figure"]["data"] if trace["uid"] == "kept").get("x")


def test_a_long_epoch_shows_how_far_it_is_and_its_interim_evaluation(monkeypatch):
    monkeypatch.setattr(protocols, "MIN_PROGRESS_SECONDS", 0.0)
    config = Config(
        corpus="own", hidden_size=4, batch_size=2, num_steps=4, held_out=0.2, epochs=2, progress_every=16,
        sample_prefixes=("la",), sample_length=2,
    )  # fmt: skip
    run, seen = training_run(config, "la li lu la le lo " * 8), []
    record = run.stream.record

    def look(event):
        seen.append((event, news(run, run.since(0), "en")["progress"], picture_of_run(run, run.since(0), "en")))
        return record(event)

    run.stream.record = look
    run.drive()
    for event, progress, _ in seen:
        if isinstance(event, Step):
            assert (progress["epoch"], progress["step"], progress["steps"]) == (event.epoch, event.step, event.steps)
        if isinstance(event, Progress):
            assert progress["perplexity"] == event.perplexity
    interim = next(number for number, (event, *_) in enumerate(seen) if isinstance(event, Progress))
    evaluated, after = seen[interim][0], seen[interim + 1][2]
    assert after["interim"] == {"kind": "progress", **evaluated.to_dict()}
    end = picture_of_run(run, run.since(0), "en")
    assert (end["interim"], end["progress"]) == (None, None)


@pytest.mark.parametrize(("name", "vocabulary"), [("lyrics-zh", 1061), ("lyrics-en", 51)])
def test_the_recorded_curve_is_that_of_the_shipped_model(name, vocabulary):
    picture = recorded_picture(name, "en")
    traces = {trace["name"]: trace for trace in picture["figure"]["data"]}
    assert traces["uniform (1/V)"]["y"] == [vocabulary, vocabulary]
    assert traces["training"]["y"][-1] < 1.1
    assert 1 < traces["unigram"]["y"][0] < vocabulary
    assert any(row["samples"] for row in picture["epoch_rows"])
    assert all(1 < value <= vocabulary for _, *values in picture["baselines"] for value in values)
    assert 0 < picture["counted"]["counted"] <= picture["counted"]["train"]


def test_another_name_has_no_recorded_curve():
    with pytest.raises(InvalidInput):
        recorded_picture("../secrets", "en")
