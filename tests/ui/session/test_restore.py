"""Restoring the runs of a browser after a reload."""

from functools import partial

import gradio as gr
import pytest

from rnnlab.experiments.language_model import preset
from rnnlab.runs import Runner
from rnnlab.ui.session.restore import RestoredRun, RunRestorer
from rnnlab.ui.session.state import build_visitor
from rnnlab.ui.tabs import hello, sine, tag
from rnnlab.ui.tabs.lesson import Lesson, lesson_of, start_lesson
from rnnlab.ui.tabs.train import runs


@pytest.fixture
def runner():
    runner = Runner()
    yield runner
    runner.close()


@pytest.fixture
def hello_id(runner):
    return start_lesson(runner, None, Lesson(hello.VIEW, hello.VIEW.config(epochs=1)))[1]


@pytest.fixture
def sine_id(runner):
    return start_lesson(runner, None, Lesson(sine.VIEW, sine.VIEW.config(windows=2, memory="reset")))[1]


@pytest.fixture
def training_id(runner):
    config = preset("quick").config(epochs=1, max_tokens=2000, hidden_size=8)
    return runner.start(runs.new_run(runner, config, None)).id


FINDS = [runs.training_of, *(partial(lesson_of, view) for view in (hello.VIEW, sine.VIEW, tag.VIEW))]


def test_every_tab_finds_its_own_run_and_no_other(runner, training_id, hello_id, sine_id):
    saved = (training_id, hello_id, sine_id)
    found = [[find(runner, run_id) for run_id in saved] for find in FINDS]
    kept = [runner.get(run_id) for run_id in saved]
    assert found == [[run if i == j else None for j, run in enumerate(kept)] for i in range(len(FINDS))]


@pytest.mark.parametrize("saved", [None, "", "guess", 7, {"a": 1}, ["x"]])
@pytest.mark.parametrize("find", FINDS)
def test_unknown_run_ids_are_not_found(runner, find, saved):
    assert find(runner, saved) is None


def test_storage_keys_and_secret_stay_the_same():
    """Under another name, or encrypted otherwise, what a browser has kept would be lost to it."""
    with gr.Blocks():
        runs = build_visitor(["train", "tag"]).runs.values()
    assert [(run.storage_key, run.secret) for run in runs] == [
        ("rnnlab_train", "the browser's own business"),
        ("rnnlab_tag", "the browser's own business"),
    ]


def test_one_event_restores_the_runs_of_all_tabs(runner, hello_id, sine_id):
    tabs = [RestoredRun(None, None, partial(lesson_of, tab.VIEW)) for tab in (hello, tag, sine)]
    shown = RunRestorer(runner, tabs).on_load(hello_id, "gone", sine_id)
    assert shown == [f"runs/{hello_id}?back", gr.skip(), f"runs/{sine_id}?back"]
