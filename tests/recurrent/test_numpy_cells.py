"""The steppers for a single sequence, in NumPy and in torch, compute what the layers compute."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnlab.recurrent import MODELS, cell_equations, make_layer, make_stepper
from rnnlab.recurrent.numpy_cells import NumpyStepper, sigmoid
from rnnlab.recurrent.stepper import TorchStepper
from rnnlab.validation import InvalidInput

KINDS = [
    ("rnn", {"nonlinearity": "tanh"}),
    ("rnn", {"nonlinearity": "relu"}),
    ("gru", {"reset_after": True}),
    ("gru", {"reset_after": False}),
    ("lstm", {}),
]


STEPPERS = [NumpyStepper, TorchStepper]


def stepper_and_layer(model, words, num_layers, input_size=5, hidden_size=7, kind=NumpyStepper):
    implementation = "scratch" if words == {"reset_after": False} else "torch"
    layer = make_layer(
        model, implementation, input_size, hidden_size, num_layers=num_layers, **words,
        generator=torch.Generator().manual_seed(3),
    )  # fmt: skip
    weights = {name: tensor.numpy() for name, tensor in layer.state_dict().items()}
    return kind(cell_equations(model, **words), weights, num_layers), layer


@pytest.mark.parametrize(("model", "words"), KINDS)
@pytest.mark.parametrize("num_layers", [1, 3])
@pytest.mark.parametrize("kind", STEPPERS)
def test_a_sequence_read_step_by_step_is_the_layers_output(kind, model, words, num_layers):
    stepper, layer = stepper_and_layer(model, words, num_layers, kind=kind)
    x = torch.randn(1, 9, 5, generator=torch.Generator().manual_seed(4))
    output, state = layer(x)
    read = [stepper.read(stepper.project(row)) for row in x[0].numpy()]
    assert np.abs(np.stack(read) - output[0].detach().numpy()).max() < 1e-6
    last = state if isinstance(state, tuple) else (state,)
    for layer_number, vectors in enumerate(stepper.state):
        for mine, theirs in zip(vectors, last, strict=True):
            assert np.abs(np.asarray(mine) - theirs[layer_number, 0].detach().numpy()).max() < 1e-6


@pytest.mark.parametrize("kind", STEPPERS)
def test_a_whole_number_is_a_one_hot_vector(kind):
    stepper, _ = stepper_and_layer("gru", {}, 1, kind=kind)
    assert np.array_equal(stepper.project(2), stepper.project(np.eye(5, dtype=np.float32)[2]))


@pytest.mark.parametrize("model", MODELS)
def test_numpy_is_used_for_cells_with_a_numpy_step(model):
    weights = {name: tensor.numpy() for name, tensor in make_layer(model, "torch", 5, 7).state_dict().items()}
    assert isinstance(make_stepper(cell_equations(model), weights, 1), NumpyStepper)
    own = replace(cell_equations(model), step=lambda *given: cell_equations(model).step(*given))
    assert isinstance(make_stepper(own, weights, 1), TorchStepper)


def test_one_step_by_hand():
    # W_ih = 1, W_hh = 2, b_ih = 0.5, b_hh = 0.25: h_1 = tanh(1 + 0.5 + 0.25), h_2 = tanh(0.5 + 2 h_1 + 0.25)
    weights = {"weight_ih_l0": [[1.0]], "weight_hh_l0": [[2.0]], "bias_ih_l0": [0.5], "bias_hh_l0": [0.25]}
    stepper = NumpyStepper(cell_equations("rnn"), {name: np.array(w, np.float32) for name, w in weights.items()}, 1)
    first = stepper.read(stepper.project(np.array([1.0], np.float32)))
    second = stepper.read(stepper.project(np.array([0.0], np.float32)))
    assert first == pytest.approx([np.tanh(1.75)], abs=1e-6)
    assert second == pytest.approx([np.tanh(0.75 + 2 * np.tanh(1.75))], abs=1e-6)


def test_overflowing_sums_saturate_the_gates():
    names = ("weight_ih_l0", "weight_hh_l0")
    weights = {name: np.full((4, 1), -1e38, np.float32) for name in names}
    weights |= {name.replace("weight", "bias"): np.zeros(4, np.float32) for name in names}
    stepper = NumpyStepper(cell_equations("lstm"), weights, 1)
    with np.errstate(over="ignore"):
        assert stepper.read(stepper.project(np.array([10.0], np.float32))) == [0.0]


def test_sigmoid_at_zero_and_saturated():
    assert sigmoid(np.array([0.0, 40.0], np.float32)).tolist() == [0.5, 1.0]


@pytest.mark.parametrize(
    ("words", "field"), [({"model": "transformer"}, "model"), ({"model": "rnn", "nonlinearity": "elu"}, "nonlinearity")]
)
def test_unknown_models_and_nonlinearities_are_rejected(words, field):
    with pytest.raises(InvalidInput) as caught:
        cell_equations(**words)
    assert caught.value.field == field
