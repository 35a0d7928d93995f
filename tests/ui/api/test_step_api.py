"""The endpoint `/step`: every number of one step, by name."""

import itertools
import socket
import time
from dataclasses import replace

import gradio as gr
import numpy as np
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from rnnlab.experiments.hello import Config, preset, run
from rnnlab.experiments.hello.why import weight_update
from rnnlab.inspection import trace_word, walk
from rnnlab.runs import Runner
from rnnlab.ui.api import step
from rnnlab.ui.api.step import LookCache, take_step
from rnnlab.ui.app import create_app
from rnnlab.ui.serve import serve
from rnnlab.ui.tabs.hello.handlers import RECIPE_SETTINGS


def call(epoch=None, position=1, weight=None, **settings):
    values = [
        settings.get(name, None if name in RECIPE_SETTINGS else item.default)
        for name, item in Config.__dataclass_fields__.items()
        if name != "lesson"
    ]
    *_, answer = take_step(LookCache(), None, epoch, position, weight, *values)
    return answer


def test_the_numbers_are_those_of_the_inspected_step():
    config = Config(epochs=5)
    looks = list(run(config))[1:]
    for epoch, position in ((1, 1), (3, 4), (5, 5), (6, 2), (None, 2)):
        answer = call(epoch, position, epochs=5)
        look = looks[(epoch or 6) - 1]
        trace = walk(look.weights, config.ids("hello"))[position - 1]
        for name, value in vars(trace).items():
            if name != "predicted":
                np.testing.assert_allclose(answer[name], value, atol=1e-12)
        assert answer["predicted"] == config.vocabulary[trace.predicted] == look.predicted[position - 1]
        assert (answer["word"], answer["loss"]) == (look.predicted, look.loss)


def test_stepping_through_a_word_trains_once(monkeypatch):
    trained = []
    monkeypatch.setattr(step, "run", lambda config: trained.append(config.seed) or run(config))
    looks, configs = LookCache(most=2), [Config(epochs=5, seed=seed) for seed in range(3)]
    for config in (configs[0], configs[0], configs[1], configs[0], configs[2], configs[0], configs[1]):
        *_, look = looks.until(config, 3)
        assert look.epoch == 3
    assert trained == [0, 1, 2, 1], "the one that nobody asked for lately went"
    *_, end = looks.until(configs[1], 6)
    assert trained == [0, 1, 2, 1, 1], "of another epoch"
    assert end.predicted == list(run(configs[1]))[-1].predicted


def test_the_answer_holds_words_formula_and_code():
    answer = call(None, 4)
    assert answer["epoch"] == 101
    assert (answer["character"], answer["target"], answer["predicted"]) == ("l", "o", "o")
    assert (answer["vocabulary"], answer["word"]) == ("ehlo", "ohlol")
    assert answer["formula"] == "h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)"
    assert answer["code"] == "hidden = cell(x[3], hidden)"


def test_a_gated_cell_answers_with_its_quantities():
    answer = call(4, 2, module="LSTMCell", epochs=5)
    config = preset("LSTMCell").config(epochs=5)
    look = list(run(config))[4]
    trace = trace_word(config.equations, look.arrays, config.ids("hello"))
    assert "".join(answer["quantities"]) == "ifgoch"
    for letter, quantity in trace.steps[1].quantities.items():
        assert answer["quantities"][letter]["values"] == quantity.values.tolist()
        assert answer["quantities"][letter]["formula"] == quantity.formula
    assert answer["probabilities"] == trace.probabilities[1].tolist()
    np.testing.assert_allclose(answer["logits"], look.weight_out @ answer["h_t"] + look.bias_out)
    assert answer["code"] == "hidden, cell_state = cell(x[1], (hidden, cell_state))"
    assert answer["formula"].count("\n") == 6


def test_a_weight_is_explained():
    why = call(3, weight="weight_hh[1,2]", epochs=5)["why"]
    look = list(run(Config(epochs=5)))[3]
    assert why == weight_update(Config(epochs=5), look, "weight_hh[1,2]").to_dict()
    assert call(None, weight="bias_ih[0]", epochs=2)["why"]["step"] is None, "no update follows the last one"


def test_a_setting_that_is_not_sent_is_that_of_the_modules_recipe():
    assert call(None, 1, module="RNN")["loss"] == pytest.approx(list(run(preset("RNN").config()))[-1].loss)
    assert call(None, 1, module="RNN", epochs=3)["epoch"] == 4


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"epoch": 0}, "Epoch (epoch): 0 is out of range; give a number from 1 to 101."),
        ({"epoch": 2.5}, "Epoch (epoch): 2.5 is not a whole number"),
        ({"epoch": True}, "Epoch (epoch): True is not a number"),
        ({"position": 6}, "Position (position): 6 is out of range; give a number from 1 to 5."),
        ({"position": "x"}, "Position (position)"),
        ({"target": "no"}, "Word to learn (target): it has 2"),
        ({"module": "GRU"}, "Module (module): 'GRU' is not on offer"),
        ({"module": ["RNN"]}, "Module (module)"),
        ({"learning_rate": float("nan")}, "Learning rate (learning_rate): nan is not a number"),
        ({"weight": "weight_hh[4,0]"}, "Weight (weight): 'weight_hh[4,0]' is no weight of this network"),
        ({"weight": 3}, "Weight (weight): 3 is no weight"),
        ({"epochs": 10**6}, "Epochs (epochs): 1000000 is out of range"),
    ],
)
def test_refusals_name_the_field(arguments, part):
    with pytest.raises(gr.Error) as refused:
        call(**arguments)
    assert part in refused.value.message


@pytest.fixture(scope="module")
def client():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    runner = Runner()
    app = create_app(runner)
    yield Client(serve(app, runner, "127.0.0.1", port), verbose=False)
    runner.close()
    app.close(verbose=False)


def test_a_program_calls_it_by_name(client):
    answer = client.predict(source="abc", target="cba", position=3, epochs=2, api_name="/step")
    assert np.array(answer["weight_hh"]).shape == (3, 3)
    assert (answer["character"], answer["target"], answer["epoch"]) == ("c", "a", 3)
    with pytest.raises(AppError, match=r"Position \(position\): 9 is out of range"):
        client.predict(position=9, api_name="/step")


def test_a_cancelled_call_stops_training(client, monkeypatch):
    trained = []

    def endless(config):
        look = list(run(config))[1]
        for epoch in itertools.count(1):
            trained.append(epoch)
            time.sleep(0.005)
            yield replace(look, epoch=epoch)

    monkeypatch.setattr(step, "run", endless)
    call = client.submit(epochs=1000, api_name="/step")
    assert next(call).keys() == {"epoch", "word", "loss"}, "a long training tells how far it is"
    call.cancel()
    deadline, before = time.monotonic() + 30, -1
    while before != len(trained):
        assert time.monotonic() < deadline, "it goes on although nobody waits for it"
        before = len(trained)
        time.sleep(1)


def test_it_is_documented_and_typed(client):
    endpoint = client.view_api(return_format="dict", print_info=False)["named_endpoints"]["/step"]
    names = [parameter["parameter_name"] for parameter in endpoint["parameters"]]
    assert names == ["epoch", "position", "weight", *(name for name in Config.__dataclass_fields__ if name != "lesson")]
    types = {p["parameter_name"]: p["python_type"]["type"] for p in endpoint["parameters"]}
    assert (types["source"], types["position"], types["seed"]) == ("str", "int", "int")
