"""The recorded run of a recipe is shown as soon as the recipe is chosen, but not in place of a run that goes on."""

import json
import time

import gradio as gr
import pytest

from rnnlab.experiments.language_model import PRESETS, preset
from rnnlab.resources import SHIPPED_RECORDINGS
from rnnlab.runs import Runner
from rnnlab.ui.components.settings_form import shown_values
from rnnlab.ui.tabs.train import recorded
from rnnlab.ui.tabs.train.handlers import SETTINGS, on_train
from rnnlab.ui.tabs.train.payload import recorded_picture
from rnnlab.ui.tabs.train.recorded import CURVES, on_recorded
from rnnlab.ui.tabs.train.recording import recording_of


@pytest.fixture
def runner():
    runner = Runner()
    yield runner
    runner.close()


def skips(answer):
    return answer == gr.skip()


@pytest.mark.parametrize("name", SHIPPED_RECORDINGS)
def test_the_picture_of_a_recipe(name):
    picture = recorded_picture(name, "en")
    config = PRESETS[name].config()
    assert picture["title"].startswith(f"Recorded · {config.model.upper()} {config.hidden_size} · Chinese songs")
    assert (picture["state"], picture["live"], picture["epochs"]) == ("recorded", False, config.epochs)
    assert picture["settings"]["recipe"] == name
    assert picture["last"]["epoch"] == config.epochs
    assert picture["epoch_rows"][-1]["samples"] == picture["last"]["samples"] != []
    assert picture["untrained"]["samples"]
    traces = {trace["uid"]: trace for trace in picture["figure"]["data"]}
    assert list(traces["published"]["x"]) == list(PRESETS[name].published)
    assert len(traces["training"]["x"]) == config.epochs
    json.dumps(picture, allow_nan=False)


def test_the_picture_is_made_in_a_fraction_of_a_second(slowness):
    """Of the processor's time, and of what is kept for the next visitor nothing."""
    recorded_picture("lyrics-zh", "zh")  # words and libraries are loaded
    for name in SHIPPED_RECORDINGS:
        taken = []
        for _ in range(3):  # a busy machine has slow moments
            recording_of.cache_clear()
            recorded_picture.cache_clear()
            start = time.thread_time()
            recorded_picture(name, "zh")
            taken.append(time.thread_time() - start)
        assert min(taken) < 0.6 * slowness()  # 0.05 to 0.2 s there, by the length of the run


def test_a_chosen_recipe_is_shown_each_time(runner):
    shown = [on_recorded(runner, "rnn-scratch", "lyrics-zh", None) for _ in range(2)]
    assert [reference.partition("?")[0] for reference in shown] == ["curves/rnn-scratch"] * 2
    assert shown[0] != shown[1]  # a value of its own, which the panel follows
    assert on_recorded(runner, "quick", "lyrics-zh", None).startswith("curves/lyrics-zh?")
    assert on_recorded(runner, "quick", "brackets", None).startswith("curves/lyrics-zh?")  # the form leaves that text


def test_the_run_of_quick_is_that_of_the_shipped_model():
    assert recording_of(CURVES["quick"]).config == preset("quick").config()


@pytest.mark.parametrize(
    ("recipe", "corpus"),
    [(None, "lyrics-zh"), ("book", "lyrics-zh"), ("rnn-scratch", "lyrics-en"), ("quick", "own"), (["quick"], ["own"])],
)
def test_nothing_changes_where_nothing_is_recorded(runner, recipe, corpus):
    assert skips(on_recorded(runner, recipe, corpus, None))


def test_a_run_that_goes_on_stays_in_view(runner, monkeypatch):
    changes = {"hidden_size": 8, "embedding_size": 4, "max_tokens": 400, "batch_size": 4, "num_steps": 10}
    values = shown_values(preset("quick").config(**changes, epochs=100_000), SETTINGS)
    _, saved = on_train(runner, None, None, "lyrics-zh", "", None, *values)
    assert skips(on_recorded(runner, "rnn-scratch", "lyrics-zh", saved))
    runner.pause(runner.get(saved))
    assert skips(on_recorded(runner, "rnn-scratch", "lyrics-zh", saved))
    runner.stop(runner.get(saved))
    assert runner.get(saved).wait(30)
    assert on_recorded(runner, "rnn-scratch", "lyrics-zh", saved).startswith("curves/rnn-scratch?")
    monkeypatch.setattr(recorded, "CURVES", {})
    assert skips(on_recorded(runner, "rnn-scratch", "lyrics-zh", saved))
