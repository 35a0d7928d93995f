"""The handlers and the payload of the RNNCell tab, without a browser."""

import json
from dataclasses import fields

import gradio as gr
import numpy as np
import pytest
import torch

from rnnlab.experiments.hello import Config, NetworkState, make_network, preset, run
from rnnlab.inspection import walk
from rnnlab.limits import MAX_WALKED_NUMBERS
from rnnlab.runs import STOPPED, Runner
from rnnlab.ui.components.settings_form import shown_values
from rnnlab.ui.session.state import build_visitor
from rnnlab.ui.tabs.hello import layout, payload
from rnnlab.ui.tabs.hello.handlers import RECIPE_SETTINGS, on_module, on_stop, on_train
from rnnlab.ui.tabs.hello.payload import MAX_WALKED_EPOCHS, SETTINGS, VIEW


@pytest.fixture
def runner():
    runner = Runner()
    yield runner
    runner.close()


def rows_of(config):
    return [VIEW.record(event) for event in VIEW.run(config)]


def shown(config):
    return shown_values(config, SETTINGS)


# what the panel is told


def test_the_page_has_every_setting_once():
    assert sorted(SETTINGS) == sorted(item.name for item in fields(Config))


def test_the_rows_begin_with_the_vocabulary_and_the_line_of_python_for_each_step():
    first = rows_of(Config(epochs=1))[0]
    assert (first["kind"], first["vocabulary"]) == ("started", "ehlo")
    assert first["lines"] == tuple(f"hidden = cell(x[{k}], hidden)" for k in range(5))
    assert "rnn(x)" in rows_of(preset("RNN").config(epochs=1))[0]["lines"][0]


def test_every_number_on_the_screen_recomputes_to_h_t():
    """From what the page gets, by the formula, to 1e-6."""
    rows = rows_of(Config(epochs=3))[1:]
    assert [row["kind"] for row in rows] == ["epoch", "epoch", "epoch", "finished"]
    for row in rows:
        w_ih, w_hh, b_ih, b_hh = (np.array(row[name]) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
        h_prev = np.zeros(4)
        for step, letter in zip(row["steps"], "hello", strict=True):
            assert step["x_t"] == [float(character == letter) for character in "ehlo"]
            np.testing.assert_allclose(step["h_prev"], h_prev, atol=1e-12)
            np.testing.assert_allclose(step["from_x"], w_ih @ step["x_t"], atol=1e-6)
            np.testing.assert_allclose(step["from_h"], w_hh @ h_prev, atol=1e-6)
            total = np.array(step["from_x"]) + b_ih + step["from_h"] + b_hh
            np.testing.assert_allclose(step["sum"], total, atol=1e-6)
            np.testing.assert_allclose(step["h_t"], np.tanh(total), atol=1e-6)
            shares = np.exp(np.tanh(total))
            np.testing.assert_allclose(step["probabilities"], shares / shares.sum(), atol=1e-6)
            assert step["predicted"] == int(np.argmax(step["h_t"]))
            h_prev = np.array(step["h_t"])
        assert row["predicted"] == "".join("ehlo"[step["predicted"]] for step in row["steps"])


def test_a_long_run_has_every_point_of_the_curve_and_evenly_spaced_walks():
    rows = rows_of(Config(epochs=300))[1:]
    assert [row["epoch"] for row in rows] == [*range(1, 301), 300]
    walked = [row["epoch"] for row in rows if "steps" in row]
    assert walked == [*range(1, 301, 3), 300]
    assert len(walked) <= MAX_WALKED_EPOCHS + 1
    bare = rows[1]
    assert set(bare) == {"kind", "epoch", "loss", "predicted"}
    json.dumps(rows)


def test_a_hundred_epochs_are_all_walked():
    assert all("steps" in row for row in rows_of(Config())[1:])


def test_the_figures_begin_empty_with_the_smallest_loss():
    labels = {"epoch": "轮", "loss": "损失", "smallest": "s", "here": "h", "beyond": "b"}
    figure = VIEW.figures(Config(), labels)["curve"]
    assert len(figure.data[0].x) == 0
    assert list(figure.data[1].y) == pytest.approx([1.7038, 1.7038], abs=1e-4)
    assert figure.layout.xaxis.title.text == "轮"


# what the controls do


def test_a_module_sets_its_recipe():
    to_rnn = on_module(None, "RNN", *(getattr(preset("RNNCell").config(), name) for name in RECIPE_SETTINGS))
    assert to_rnn == [getattr(preset("RNN").config(), name) for name in RECIPE_SETTINGS]
    assert on_module(None, "RNNCell", *to_rnn) == [
        getattr(preset("RNNCell").config(), name) for name in RECIPE_SETTINGS
    ]


def test_a_changed_setting_survives_a_change_of_module():
    assert on_module(None, "RNN", 0.3, "sum", 55, "hidden") == [gr.skip(), "mean", gr.skip(), "hidden"]
    assert on_module(None, "LSTMCell", 0.01, "sum", 55, "hidden") == [0.05, "sum", gr.skip(), "linear"]


def test_a_restored_module_changes_no_setting():
    assert on_module(None, None, 0.01, "sum", 100, "hidden") == [gr.skip()] * 4


@pytest.mark.parametrize("module", ["LSTM", 7, ["RNN"], {"module": "RNN"}])
def test_an_unknown_module_is_refused_with_a_message(module):
    with pytest.raises(gr.Error, match=r"Module: .* is not on offer; choose one of RNNCell, RNN"):
        on_module(None, module, 0.01, "sum", 100, "hidden")


@pytest.mark.parametrize("odd", [None, "x", [1], {"a": 1}])
def test_a_bad_setting_is_left_for_train_to_refuse(odd):
    assert on_module(None, "RNN", odd, odd, odd, odd) == [gr.skip()] * 4


def test_events_that_can_refuse_are_queued(runner):
    with gr.Blocks() as app, gr.Tabs():
        layout.build_tab(app, runner, build_visitor(["hello"]))
    assert {str(fn.name): fn.queue for fn in app.fns.values() if fn.fn is not None} == {
        "on_module": True,
        "on_train": True,
        "on_stop": False,
    }


def test_train_starts_a_run_that_ends_with_the_word(runner):
    reference, run_id = on_train(runner, None, None, *shown(preset("RNN").config(seed=2)))
    assert reference.startswith(f"runs/{run_id}?")
    assert runner.get(run_id).wait(30)
    last = runner.get(run_id).since(0).rows[-1]
    assert (last["kind"], last["predicted"]) == ("finished", "ohlol")


def test_training_again_stops_the_run_before(runner):
    _, saved = on_train(runner, None, None, *shown(Config(epochs=1000)))
    first = runner.get(saved)
    _, saved = on_train(runner, saved, None, *shown(Config(epochs=1)))
    assert saved != first.id
    assert first.wait(10)
    assert first.state == STOPPED


def test_stop_stops_the_run(runner):
    _, saved = on_train(runner, None, None, *shown(Config(source="abcdefghijkl", target="lkjihgfedcba", epochs=1000)))
    on_stop(runner, saved)
    assert runner.get(saved).wait(10)
    assert runner.get(saved).state == STOPPED
    on_stop(runner, None)


def test_words_of_unequal_length_are_refused_with_a_message(runner):
    values = dict(zip(SETTINGS, shown(Config()), strict=True)) | {"target": "ohl"}
    with pytest.raises(gr.Error) as refused:
        on_train(runner, None, None, *values.values())
    assert "Word to learn: it has 3 character(s) and 'hello' has 5" in refused.value.message


def test_the_walk_is_of_the_weights_that_are_shown():
    event = next(event for event in VIEW.run(Config(epochs=1)) if isinstance(event, payload.WalkedEpoch))
    look = next(event for event in run(Config(epochs=1)) if isinstance(event, NetworkState))
    expected = walk(look.weights, (1, 0, 2, 2, 3))
    for step, other in zip(event.walk.trace.steps, expected, strict=True):
        np.testing.assert_allclose(step.h_t, other.h_t, atol=1e-14)


@pytest.mark.parametrize("module", ["RNNCell", "GRUCell", "LSTMCell"])
def test_the_gradient_of_every_weight_recomputes_from_what_the_page_gets(module):
    """The terms (own + later) · slope · times · by of a weight add up to the gradient by autograd."""
    config = preset(module).config(epochs=2)
    started, row, *_ = rows_of(config)
    size, letters = len(row["steps"][0]["h_t"]), {e["block"]: e for e in started["equations"] if e["block"] >= 0}
    network = make_network(config)
    x, y = torch.eye(4)[[1, 0, 2, 2, 3]], torch.tensor([3, 1, 2, 3, 2])
    torch.nn.functional.cross_entropy(network.read(x), y, reduction="sum").backward()
    gradient = dict(network.module.named_parameters())["weight_hh"].grad
    for r, j in np.ndindex(gradient.shape):
        equation, i = letters[r // size], r % size
        terms = []
        for step in row["steps"]:
            delta = step["own"][equation["letter"]][i] + step["later"][equation["letter"]][i]
            scale = step["values"]["r"][i] if equation["times"] else 1
            terms.append(delta * step["slope"][equation["letter"]][i] * scale * step["h_prev"][j])
        assert sum(terms) == pytest.approx(float(gradient[r, j]), abs=1e-6)


@pytest.mark.parametrize(("module", "letters"), [("GRUCell", "rznhs"), ("LSTMCell", "ifgochs")])
def test_rows_of_a_gated_cell_have_every_quantity(module, letters):
    started, *looks = rows_of(preset(module).config(epochs=1, hidden_size=3))
    assert "".join(equation["letter"] for equation in started["equations"]) == letters
    for row in looks:
        assert np.shape(row["weight_hh"]) == (3 * (len(letters) - (2 if module == "GRUCell" else 3)), 3)
        for step in row["steps"]:
            assert set(step["values"]) == set(letters) - {"s"}
            logits = np.array(row["weight_out"]) @ step["h_t"] + row["bias_out"]
            np.testing.assert_allclose(step["logits"], logits, atol=1e-6)
    json.dumps(looks)
    assert len(looks[-1]["m"]) == 0, "no update follows the last one"


@pytest.mark.parametrize(("module", "output"), [("LSTMCell", "hidden"), ("LSTMCell", "linear"), ("RNNCell", "hidden")])
def test_the_rows_of_the_largest_runs_are_bounded(module, output):
    """Twelve and twelve characters, the most units: a large network has fewer walks, the tutorial's as many as ever."""
    words = {"source": "abcdefghijkl", "target": "mnopqrstuvwx", "hidden_size": 8, "output": output}
    config = preset(module).config(**words, epochs=1)
    started, row, _ = rows_of(config)
    walks = payload.walks_of(config, started["parameters"])
    assert len(numbers_of(row)) * walks <= MAX_WALKED_NUMBERS
    assert len(json.dumps(row)) * walks < 15_000_000
    assert walks == MAX_WALKED_EPOCHS if module == "RNNCell" else 30 < walks < MAX_WALKED_EPOCHS


def numbers_of(value):
    if isinstance(value, dict | list | tuple):
        return [n for part in (value.values() if isinstance(value, dict) else value) for n in numbers_of(part)]
    return [value] if isinstance(value, float) else []
