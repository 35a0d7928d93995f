"""The endpoint `layers`, with a real server and a real client."""

import gradio as gr
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from rnnlab.runs import Runner
from rnnlab.ui.api import layers


@pytest.fixture(scope="module")
def client():
    runner = Runner()
    with gr.Blocks() as app:
        layers.build_endpoint(runner)
    _, address, _ = app.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, show_error=True)
    yield Client(address, verbose=False)
    app.close(verbose=False)
    runner.close()


def test_its_arguments_are_typed(client):
    (endpoint,) = client.view_api(return_format="dict", print_info=False)["named_endpoints"].values()
    types = {p["parameter_name"]: p["python_type"]["type"] for p in endpoint["parameters"]}
    assert types["hidden_size"] == types["num_steps"] == "int"
    assert types["bidirectional"] == types["batch_first"] == "bool"


def test_the_tutorials_lstm(client):
    found = client.predict(model="lstm", input_size=10, hidden_size=20, num_layers=2, api_name="/layers")
    shapes = {row["name"]: row["shape"] for row in (*found["tensors"], *found["parameters"])}
    assert shapes["input"] == [5, 3, 10]
    assert shapes["c_n"] == [2, 3, 20]
    assert shapes["weight_hh_l1"] == [80, 20]
    assert found["parameter_count"] == 5920
    assert found["formula"] == "4·20 · (10 + 20 + 2) + 4·20 · (20 + 20 + 2)"
    assert found["counts"] == {"rnn": 1480, "gru": 4440, "lstm": 5920}
    assert found["steppable"] is True
    assert found["stepping_difference"] < 1e-6
    assert found["implementation_difference"] < 1e-6
    assert found["lines"][0] == "lstm = nn.LSTM(input_size=10, hidden_size=20, num_layers=2)"


def test_the_gradients_of_each_way(client):
    found = client.predict(model="gru", num_layers=1, api_name="/layers")["gradients"]
    assert found["ways"] == list(found["milliseconds"]) == ["by_hand", "autograd", "torch"]
    assert list(found["differences"]) == ["by_hand-autograd", "by_hand-torch", "autograd-torch"]
    for tensors in found["differences"].values():
        assert {"output", "input", "h_0", "weight_ih_l0"} <= set(tensors)
        assert max(tensors.values()) < 1e-5
    large = client.predict(input_size=2048, hidden_size=512, batch_size=1, api_name="/layers")
    assert large["gradients"] is None


def test_two_directions_are_not_steppable(client):
    found = client.predict(model="gru", implementation="scratch", bidirectional=True, api_name="/layers")
    assert found["steppable"] is False
    assert found["stepping_difference"] > 1e-3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"hidden_size": 0}, r"\(hidden_size\): 0 is out of range; give a number from 1 to 512"),
        ({"num_layers": 2.5}, "not a whole number"),
        ({"bias": "yes"}, "neither true nor false"),
        ({"model": "transformer"}, "choose one of rnn, gru, lstm"),
        ({"hidden_size": 512, "num_layers": 8, "num_steps": 100}, "make it smaller"),
    ],
)
def test_invalid_input_is_rejected_with_a_hint(client, arguments, words):
    with pytest.raises(AppError, match=words):
        client.predict(**arguments, api_name="/layers")
