"""The endpoints `layers` and `text`, with a real server and a real client."""

import gradio as gr
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from rnnlab.resources import shipped_corpus
from rnnlab.runs import Runner
from rnnlab.ui.api import layers, text


@pytest.fixture(scope="module")
def client():
    runner = Runner()
    with gr.Blocks() as app:
        layers.build_endpoint(runner)
        text.build_endpoint(runner)
    _, address, _ = app.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, show_error=True)
    yield Client(address, verbose=False)
    app.close(verbose=False)
    runner.close()


def test_its_arguments_are_typed(client):
    endpoint = client.view_api(return_format="dict", print_info=False)["named_endpoints"]["/layers"]
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


def test_examples_unequal_lengths_and_dropout(client):
    found = client.predict(example="001-lstm-3-3", api_name="/layers")
    assert (found["example"]["tutorial"], found["example"]["part"]) == ("001", "stepping")
    assert found["last"]["c_n"][0][0] == pytest.approx([-1.1298, 0.4467, 0.0254], abs=5e-5)
    found = client.predict(example="000-products", api_name="/layers")
    assert [len(found["products"][name]) for name in ("x", "w_xh", "h", "w_hh")] == [3, 1, 3, 4]
    found = client.predict(lengths="5 2 3", dropout=0.5, api_name="/layers")
    assert found["packed"]["batch_sizes"] == [3, 3, 2, 1, 1]
    assert max(run["difference"] for run in found["packed"]["runs"]) < 1e-6
    assert found["dropout"]["difference"] < 1e-6
    assert len(found["dropout"]["masks"]) == 1
    assert client.predict(hidden_size=256, num_steps=100, batch_size=8, api_name="/layers")["packed"] is None


def test_what_a_text_holds(client):
    found = client.predict(text="la la li\r\nlo", batch_size=1, num_steps=3, api_name="/text")
    assert (found["lines"], found["characters"], found["vocab_size"], found["minibatches"]) == (2, 12, 6, 3)
    assert found["vocabulary"][0] == {"token": "l", "id": 0, "count": 4}
    shipped = client.predict(corpus="lyrics-en", api_name="/text")
    assert shipped["characters"] == len(shipped_corpus("lyrics-en"))
    for arguments, words in (
        ({"text": " "}, "empty"),
        ({"corpus": "mine"}, "lyrics-zh"),
        ({"batch_size": 0}, "from 1 to"),
    ):
        with pytest.raises(AppError, match=words):
            client.predict(**arguments, api_name="/text")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"hidden_size": 0}, r"\(hidden_size\): 0 is out of range; give a number from 1 to 512"),
        ({"num_layers": 2.5}, "not a whole number"),
        ({"bias": "yes"}, "neither true nor false"),
        ({"lengths": "1 2"}, "3 whole numbers from 1 to 5"),
        ({"example": "none"}, "choose one of 000-products"),
        ({"model": "transformer"}, "choose one of rnn, gru, lstm"),
        ({"hidden_size": 512, "num_layers": 8, "num_steps": 100}, "make it smaller"),
    ],
)
def test_invalid_input_is_rejected_with_a_hint(client, arguments, words):
    with pytest.raises(AppError, match=words):
        client.predict(**arguments, api_name="/layers")
