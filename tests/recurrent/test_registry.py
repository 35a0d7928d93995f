"""Both implementations under one contract."""

import itertools

import pytest
import torch
from torch import nn

from rnnlab.recurrent import IMPLEMENTATIONS, MODELS, TorchStack, detach_state, make_layer, zero_state
from rnnlab.validation import InvalidInput

F64 = torch.float64
EVERY = list(itertools.product(MODELS, IMPLEMENTATIONS))


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def tensors(state):
    return [state] if isinstance(state, torch.Tensor) else list(state)


def train_once(layer, x, state=None):
    output, state = layer(x, state)
    (output.square().sum() + sum(part.sum() for part in tensors(state))).backward()
    return [output, *tensors(state), *(parameter.grad for parameter in layer.parameters())]


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize(
    ("bidirectional", "bias", "num_layers"), list(itertools.product([False, True], [True, False], [1, 3]))
)
@pytest.mark.parametrize(("model", "nonlinearity"), [*((model, "tanh") for model in MODELS), ("rnn", "relu")])
def test_a_seed_gives_both_implementations_the_same_run(model, nonlinearity, bidirectional, bias, num_layers, dropout):
    words = {"num_layers": num_layers, "bidirectional": bidirectional, "bias": bias, "nonlinearity": nonlinearity}
    before = torch.get_rng_state()
    layers = [make_layer(model, kind, 3, 4, dropout=dropout, generator=seeded(), dtype=F64, **words)
              for kind in IMPLEMENTATIONS]  # fmt: skip
    x = torch.randn(2, 5, 3, dtype=F64, generator=seeded(1))
    scratch, theirs = (train_once(layer, x, zero_state(layer, 2)) for layer in layers)
    for a, b in zip(scratch, theirs, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-10)
    assert list(layers[0].state_dict()) == list(layers[1].state_dict())
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_stack_exchanges_weights_with_one_torch_module(model, bidirectional):
    words = {"num_layers": 3, "bidirectional": bidirectional}
    stack = make_layer(model, "torch", 3, 4, dropout=0.5, generator=seeded(), **words)
    assert isinstance(stack, TorchStack)
    kind = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[model]
    whole = kind(3, 4, batch_first=True, **words)
    whole.load_state_dict(stack.state_dict())
    x = torch.randn(2, 5, 3, generator=seeded(1))
    state = zero_state(stack, 2)
    state = torch.ones_like(state) if isinstance(state, torch.Tensor) else tuple(part + 0.5 for part in state)
    stack.eval()
    for a, b in zip(tensors(stack(x, state)[1]), tensors(whole(x, state)[1]), strict=True):
        torch.testing.assert_close(a, b)
    torch.testing.assert_close(stack(x, state)[0], whole(x, state)[0])
    torch.testing.assert_close(stack(x[0])[0], whole(x[0])[0])  # without a batch, too
    other = make_layer(model, "torch", 3, 4, dropout=0.5, generator=seeded(9), **words).eval()
    other.load_state_dict(whole.state_dict())
    torch.testing.assert_close(other(x)[0], stack(x)[0])


def test_a_stack_inside_a_model_keeps_flat_keys():
    model = nn.ModuleDict(
        {"a": nn.Linear(1, 1), "recurrent": make_layer("gru", "torch", 3, 4, num_layers=2, dropout=0.5)}
    )
    keys = list(model.state_dict())
    assert keys[2:4] == ["recurrent.weight_ih_l0", "recurrent.weight_hh_l0"]
    assert keys[6] == "recurrent.weight_ih_l1"
    model.load_state_dict(model.state_dict())
    broken = model.state_dict()
    del broken["recurrent.weight_ih_l1"]
    with pytest.raises(RuntimeError, match="Missing key"):
        model.load_state_dict(broken)
    with pytest.raises(RuntimeError, match="Unexpected key"):
        model.load_state_dict({**model.state_dict(), "recurrent.weight_ih_l2": torch.ones(1)})


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_dropout_is_off_in_eval_mode(implementation):
    layer = make_layer("lstm", implementation, 3, 4, num_layers=2, dropout=0.5, generator=seeded())
    x = torch.ones(2, 5, 3)
    assert not torch.equal(layer(x)[0], layer(x)[0])
    layer.eval()
    assert torch.equal(layer(x)[0], layer(x)[0])


@pytest.mark.parametrize(("model", "implementation"), EVERY)
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_a_meta_layer_can_be_allocated_and_loaded(model, implementation, dropout):
    before = torch.get_rng_state()
    layer = make_layer(model, implementation, 3, 4, num_layers=2, dropout=dropout, generator=seeded(), device="meta")
    assert all(parameter.is_meta for parameter in layer.parameters())
    layer.to_empty(device="cpu")
    assert not any(parameter.is_meta for parameter in layer.parameters())
    weights = make_layer(model, implementation, 3, 4, num_layers=2, dropout=dropout, generator=seeded()).state_dict()
    layer.load_state_dict(weights)
    assert layer.eval()(torch.ones(2, 5, 3))[0].shape == (2, 5, 4)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(("model", "implementation"), EVERY)
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_zero_state_and_detach_state(model, implementation, dropout):
    layer = make_layer(model, implementation, 3, 4, num_layers=2, bidirectional=True, dropout=dropout, dtype=F64).eval()
    state = zero_state(layer, 5)
    assert isinstance(state, tuple) == (model == "lstm")
    assert all(part.shape == (4, 5, 4) and part.dtype == F64 and not part.any() for part in tensors(state))
    x = torch.ones(5, 2, 3, dtype=F64)
    assert torch.equal(layer(x)[0], layer(x, state)[0])
    after = layer(x)[1]
    assert all(part.requires_grad for part in tensors(after))
    for part, cut in zip(tensors(after), tensors(detach_state(after)), strict=True):
        assert torch.equal(part, cut)
        assert not cut.requires_grad


def test_only_the_scratch_gru_resets_before_the_product():
    layer = make_layer("gru", "scratch", 3, 4, reset_after=False)
    assert layer.reset_after is False
    make_layer("lstm", "torch", 3, 4, reset_after=False)  # it has no reset gate to quarrel about


@pytest.mark.parametrize(
    ("model", "implementation", "words", "message"),
    [
        ("transformer", "scratch", {}, "model: 'transformer' is not on offer; choose one of rnn, gru, lstm"),
        ("rnn", "jax", {}, "implementation: 'jax' is not on offer; choose one of scratch, torch"),
        ("gru", "torch", {"reset_after": False}, "reset_after: torch.nn offers only true"),
        ("gru", "scratch", {"reset_after": "no"}, "reset_after: 'no' is neither true nor false"),
        ("gru", "scratch", {"nonlinearity": "relu"}, "nonlinearity: relu is for the plain RNN"),
        ("lstm", "torch", {"nonlinearity": "relu"}, "nonlinearity: relu is for the plain RNN"),
        *(
            (model, implementation, *rest)
            for model, implementation in EVERY
            for rest in [
                ({"hidden_size": 0}, "hidden_size: 0 is out of range"),
                ({"input_size": -1}, "input_size: -1 is out of range"),
                ({"num_layers": True}, "num_layers: True is not a number"),
                ({"dropout": -0.1}, "dropout: -0.1 is out of range"),
                ({"bias": None}, "bias: None is neither true nor false"),
            ]
        ),
        ("rnn", "torch", {"nonlinearity": "gelu"}, "nonlinearity: 'gelu' is not on offer"),
        ("rnn", "scratch", {"nonlinearity": "gelu"}, "nonlinearity: 'gelu' is not on offer"),
    ],
)
def test_invalid_arguments_are_rejected(model, implementation, words, message):
    with pytest.raises(InvalidInput, match=message):
        make_layer(model, implementation, **{"input_size": 3, "hidden_size": 4, **words})
