"""`/race`, the endpoint that is derived from the lesson, called as Gradio calls it."""

import asyncio

import gradio as gr
import pytest

from rnnlab.experiments.race import Config
from rnnlab.runs import TRAINING, Runner
from rnnlab.ui.api.lesson import build_lesson_endpoint
from rnnlab.ui.tabs.race import VIEW

TINY = {"hidden_size": 8, "embedding_size": 4, "max_tokens": 700, "batch_size": 8, "num_steps": 10, "epochs": 2}


@pytest.fixture(scope="module")
def runner():
    runner = Runner(max_running=1)
    yield runner
    runner.close()


@pytest.fixture(scope="module")
def endpoint(runner):
    with gr.Blocks() as app:
        build_lesson_endpoint(VIEW, runner)
    (fn,) = app.fns.values()
    assert fn.api_name == "race"
    return fn.fn


def ask(endpoint, **changes):
    async def last():
        return [row async for row in endpoint(None, *(Config().__dict__ | TINY | {"text": ""} | changes).values())]

    return asyncio.run(last())


def test_the_answer_holds_the_rows_of_all_lanes(endpoint, runner):
    *progress, answer = ask(endpoint, lanes="rnn, gru", target_perplexity=400.0)
    assert all(row["state"] in ("queued", "running") for row in progress)
    assert answer["state"] == "finished"
    epochs = [row for row in answer["rows"] if row["kind"] == "epoch"]
    assert {row["lane"] for row in epochs} == {"rnn", "gru"}
    assert all(row["perplexity"] > 1 and row["seconds"] > 0 for row in epochs)
    assert answer["rows"][-1]["results"][0]["place"] == 1
    assert runner.scheduler.places[TRAINING] == 1
    assert runner.ids() == ()


def test_a_program_sends_a_text_of_its_own(endpoint):
    *_, answer = ask(endpoint, corpus="own", text="to be or not to be\n" * 90, max_tokens=None, lanes="rnn, gru")
    started = answer["rows"][0]
    assert started["vocab_size"] == len(set("to be or not to be\n"))
    assert started["train_tokens"] + started["held_out_tokens"] == 19 * 90


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lanes": "rnn"}, r"Lanes \(lanes\): a race has 2 to 4"),
        ({"corpus": "mine"}, "corpus"),
        ({"hidden_size": True}, "hidden"),
        ({"corpus": "own"}, r"text"),
        ({"corpus": "own", "text": 7}, r"text"),
        ({"corpus": "own", "text": "a" * 1_000_001}, r"text"),
        ({"corpus": "own", "text": "abc"}, "3 tokens are fewer"),
    ],
)
def test_bad_input_is_refused(endpoint, changes, words):
    with pytest.raises(gr.Error, match=words):
        ask(endpoint, **changes)
