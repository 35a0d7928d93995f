"""Coming back to the runs that a browser left."""

from functools import partial

import gradio as gr
import pytest

from rnnlab.runs import Runner
from rnnlab.ui.lessons import Lesson, start_lesson
from rnnlab.ui.returning import Return, Returning, find_lesson, id_of
from rnnlab.ui.session import NOBODY, Session
from rnnlab.ui.tabs import hello, sine


@pytest.fixture
def runner():
    runner = Runner()
    yield runner
    runner.close()


@pytest.fixture
def run_id(runner):
    _, session = start_lesson(runner, None, Lesson(hello.VIEW, hello.VIEW.config(epochs=1)))
    return id_of("hello", session)


def test_a_lesson_finds_its_run(runner, run_id):
    reference, session = find_lesson("hello", runner, Session(run_id="r", lessons={"sine": "s"}), run_id)
    assert reference == f"runs/{run_id}"
    assert session == Session(run_id="r", lessons={"sine": "s", "hello": run_id})


@pytest.mark.parametrize("saved", [None, "", "guess", 7, {"a": 1}, ["x"]])
def test_what_is_not_kept_changes_nothing(runner, saved):
    assert find_lesson("hello", runner, NOBODY, saved) == (gr.skip(), NOBODY)


def test_a_lesson_does_not_take_the_run_of_another(runner, run_id):
    assert find_lesson("sine", runner, NOBODY, run_id) == (gr.skip(), NOBODY)


def test_a_visitor_without_a_run_has_no_id_to_keep():
    assert id_of("hello", None) is None


def test_all_tabs_come_back_in_one_event(runner, run_id):
    _, other = start_lesson(runner, None, Lesson(sine.VIEW, sine.VIEW.config(windows=2, memory="reset")))
    sine_id = id_of("sine", other)
    tabs = [Returning(None, None, partial(find_lesson, name)) for name in ("hello", "tag", "sine")]
    session, *shown = Return(runner, tabs).on_load(None, run_id, "gone", sine_id)
    assert shown == [f"runs/{run_id}", gr.skip(), f"runs/{sine_id}"]
    assert session.lessons == {"hello": run_id, "sine": sine_id}
