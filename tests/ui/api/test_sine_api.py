"""`/sine` called as Gradio calls it, and over the network."""

import asyncio
import inspect
import socket

import gradio as gr
import pytest
from gradio_client import Client

from rnnlab.experiments.sine import MEMORIES, ComparisonConfig, Config, FreeRun, Window, WindowDiverged, run
from rnnlab.limits import MAX_WAITING_RUNS
from rnnlab.runs import LESSON, TRAINING, Run, Runner
from rnnlab.ui.api import sine as api
from rnnlab.ui.serve import serve
from rnnlab.ui.tabs.lesson import View

TINY = {"hidden_size": 6, "points": 4, "windows": 25, "free_run": 2}
LONG = {"memory": "carried", "points": 4, "windows": 5000}  # seconds: to be stopped


@pytest.fixture
def runner():
    runner = Runner()
    yield runner
    runner.close()


def rows(runner, **changes):
    given = {**ComparisonConfig().__dict__, **TINY, **changes}
    return in_step(api.learn(runner, None, *given.values()))


def in_step(told):
    """What a handler yields, one row at a time; to close it is to close the handler."""
    with asyncio.Runner() as loop:
        try:
            while (row := loop.run(following(told))) is not None:
                yield row
        finally:
            loop.run(told.aclose())


async def following(told):
    return await anext(told, None)


def ask(runner, **changes):
    return list(rows(runner, **changes))[-1]


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
        # (130000 - 3·2·200·2) / ((1 + 1 + 2) · (200 + 15)) = 148.4
        ({"windows": 5000, "points": 200}, "at most 148 windows"),
        ({"points": True}, "points.* is not a number"),
        ({"model": "transformer"}, "rnn, gru, lstm"),
    ],
)
def test_bad_input_is_refused(runner, changes, words):
    with pytest.raises(gr.Error, match=words):
        ask(runner, **changes)


def test_a_network_that_diverges_is_refused(runner, monkeypatch):
    diverges = View("sine", ComparisonConfig, lambda config: iter([WindowDiverged(3, "reset")]), None)
    monkeypatch.setattr(api, "VIEW", diverges)
    with pytest.raises(gr.Error, match=r"Learning rate .*window 3 .*reset"):
        ask(runner)


def test_an_internal_error_is_refused_without_a_partial_result(runner, monkeypatch):
    monkeypatch.setattr(api, "VIEW", View("sine", ComparisonConfig, lambda config: iter([None]), None))
    with pytest.raises(gr.Error, match="failed inside RNN Lab"):
        ask(runner)


def test_rows_report_progress_and_only_the_last_holds_samples(runner, monkeypatch):
    monkeypatch.setattr(api, "POLL", 0.01)
    asked = rows(runner, **LONG | {"windows": 300})
    first = next(asked)
    (run,) = map(runner.get, runner.ids())
    *before, result = [first, *asked]
    assert {frozenset(row) for row in before} == {frozenset({"state", "position", "window", "windows", "mean_loss"})}
    told = [row["window"] for row in before]
    assert told == sorted(told)
    assert 0 < told[-1] <= before[-1]["windows"] == 300
    assert set(before[-1]["mean_loss"]) == {"carried"}
    assert len(result["carried"]["loss"]) == 300
    assert sum("prediction" in row for row in run.since(0).rows) == 1
    assert runner.ids() == ()  # nobody knows its id, so it is not kept


def test_a_client_that_leaves_stops_its_run(runner):
    asked = rows(runner, **LONG)
    assert next(asked)["state"] == "running"
    (run,) = map(runner.get, runner.ids())
    asked.close()
    assert run.wait(10)
    assert run.state == "stopped"


def test_calls_beyond_the_limit_are_queued_until_they_are_cancelled(runner):
    waiting = [rows(runner, **LONG) for _ in range(runner.scheduler.places[LESSON] + 2)]
    stands = [next(one) for one in waiting]
    assert [(row["state"], row["position"]) for row in stands[-2:]] == [("queued", 1), ("queued", 2)]
    runs = [runner.get(one) for one in runner.ids()]
    for one in waiting:
        one.close()
    assert [run.wait(10) for run in runs] == [True] * len(waiting)


def test_a_full_queue_refuses(runner):
    class Nothing:
        def events(self):
            raise AssertionError("it waits")

    runner.scheduler.places[TRAINING] = 0
    for _ in range(MAX_WAITING_RUNS):
        runner.start(Run(Nothing(), lambda event: None))
    with pytest.raises(gr.Error, match="runs are waiting already"):
        ask(runner)


def test_a_call_cancelled_over_the_network_stops_the_run(runner):
    with gr.Blocks() as app:
        api.build_endpoint(runner)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = serve(app, runner, "127.0.0.1", port)
    try:
        call = Client(url, verbose=False).submit(**LONG, api_name="/sine")
        assert next(call)["windows"] == 5000
        (run,) = map(runner.get, runner.ids())
        call.cancel()
        assert run.wait(10)
        assert run.state == "stopped"
        result = Client(url, verbose=False).predict(**TINY, memory="bptt", api_name="/sine")
        assert result == ask(runner, memory="bptt")
    finally:
        app.close(verbose=False)


def test_every_setting_is_a_typed_argument_with_its_default(runner):
    with gr.Blocks() as app:
        api.build_endpoint(runner)
    assert app.fns
    signature = inspect.signature(api.learn)
    defaults = {
        name: parameter.default for name, parameter in signature.parameters.items() if name not in ("runner", "request")
    }
    assert defaults == ComparisonConfig().__dict__
    assert signature.parameters["points"].annotation is int
    assert signature.parameters["noise"].annotation is float
