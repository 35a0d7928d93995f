"""Who wrote this? in the Generate tab: the answer stays on the server until the guess."""

import json

import gradio as gr
import pytest

from rnnlab.experiments.language_model import Config
from rnnlab.runs import Runner, training_run
from rnnlab.ui.tabs.generate.who import on_deal, on_guess

OWN = "one fish two fish red fish blue fish\n" * 10
TINY = {"corpus": "own", "hidden_size": 4, "embedding_size": 3, "batch_size": 2, "num_steps": 5, "epochs": 1}


@pytest.fixture(scope="module")
def runner():
    runner = Runner(1)
    yield runner
    runner.close()


def test_a_round_is_dealt_without_its_answer_and_judged_once(runner):
    dealt = on_deal(runner, None, None, "5-gram:lyrics-zh", "", 1.0, None)
    assert set(dealt) == {"key", "lines", "whose", "model", "epoch"}  # the seed would tell the answer by /who
    assert (len(dealt["lines"]), dealt["epoch"]) == (4, None)
    json.dumps(dealt)
    judged = on_guess(f"{dealt['key']} 2", None)
    assert {name: judged[name] for name in dealt} == dealt
    assert judged["guess"] == 2
    assert judged["real"] in range(4)
    with pytest.raises(gr.Error, match="no longer on the server"):
        on_guess(f"{dealt['key']} 1", None)


def test_a_shipped_network_plays_at_its_last_epoch(runner):
    dealt = on_deal(runner, None, None, "lyrics-zh", "runs/x 3 9", 1.0, None)
    assert dealt["epoch"] == 20


def test_bad_guesses_are_refused_and_the_round_stays(runner):
    key = on_deal(runner, None, None, "2-gram:lyrics-zh", "", 1.0, None)["key"]
    for guess in (f"{key} 4", f"{key} x", key):
        with pytest.raises(gr.Error, match="Line"):
            on_guess(guess, None)
    for guess in (None, "", 5, "none 1"):
        with pytest.raises(gr.Error, match="no longer on the server"):
            on_guess(guess, None)
    assert on_guess(f"{key} 0", None)["guess"] == 0


def test_without_held_out_text_or_a_run_it_says_what_to_do(runner):
    run = runner.start(training_run(Config(**TINY, held_out=0.0), OWN))
    assert run.wait(120)
    with pytest.raises(gr.Error, match="train again, or choose a shipped model"):
        on_deal(runner, run.id, None, "trained", "", 1.0, None)
    with pytest.raises(gr.Error, match="Nothing has been trained here yet"):
        on_deal(runner, None, None, "trained", "", 1.0, None)
    with pytest.raises(gr.Error, match="Temperature"):
        on_deal(runner, None, None, "lyrics-zh", "", None, None)
