"""`/sine` called as Gradio calls it."""

import inspect

import gradio as gr
import pytest

from rnnlab.experiments.sine import MEMORIES, Comparison, Config, Diverged, FreeRun, Window, run
from rnnlab.runs import Runner
from rnnlab.ui.api import sine as api

TINY = {"hidden_size": 6, "points": 4, "windows": 25, "free_run": 2}


@pytest.fixture
def runner():
    runner = Runner()
    yield runner
    runner.close()


def ask(runner, **changes):
    given = {**Comparison().__dict__, **TINY, **changes}
    return api.learn(runner, None, *given.values())


def test_the_answer_holds_the_losses_the_last_window_and_the_errors(runner):
    answer = ask(runner)
    assert tuple(answer) == MEMORIES
    for memory in MEMORIES:
        events = list(run(Config(**TINY, memory=memory)))
        windows = [e for e in events if isinstance(e, Window)]
        own = answer[memory]
        assert own["loss"] == [w.loss for w in windows]
        assert own["mean_loss"] == windows[-1].mean_loss
        assert own["last_window"] == {k: windows[-1].to_dict()[k] for k in ("t", "input", "target", "prediction")}
        assert own["free_run_error"] == [e.error for e in events if isinstance(e, FreeRun)]


def test_one_memory_is_answered_alone(runner):
    assert tuple(ask(runner, memory="reset", free_run=0)) == ("reset",)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"windows": 5000, "points": 200}, "at most 125 windows"),
        ({"points": True}, "points.* is not a number"),
        ({"model": "transformer"}, "rnn, gru, lstm"),
    ],
)
def test_bad_input_is_refused(runner, changes, words):
    with pytest.raises(gr.Error, match=words):
        ask(runner, **changes)


def test_a_network_that_diverges_is_refused(runner, monkeypatch):
    monkeypatch.setattr(api, "run", lambda config: iter([Diverged(3, "reset")]))
    with pytest.raises(gr.Error, match=r"Learning rate .*window 3 .*reset"):
        ask(runner)


def test_every_setting_is_a_typed_argument_with_its_default(runner):
    with gr.Blocks() as app:
        api.build_endpoint(runner)
    assert app.fns
    signature = inspect.signature(api.learn)
    defaults = {
        name: parameter.default for name, parameter in signature.parameters.items() if name not in ("runner", "request")
    }
    assert defaults == Comparison().__dict__
    assert signature.parameters["points"].annotation is int
    assert signature.parameters["noise"].annotation is float
