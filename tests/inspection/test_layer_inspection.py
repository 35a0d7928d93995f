"""Shapes, counts and stepping, against torch.nn itself."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rnnlab import recurrent
from rnnlab.inspection import LayersConfig, count_parameters, counts_by_model, inspect_layers
from rnnlab.validation import InvalidInput

configs = st.builds(
    LayersConfig,
    model=st.sampled_from(["rnn", "gru", "lstm"]),
    implementation=st.sampled_from(["scratch", "torch"]),
    input_size=st.integers(1, 9),
    hidden_size=st.integers(1, 9),
    num_layers=st.integers(1, 3),
    bidirectional=st.booleans(),
    batch_first=st.booleans(),
    bias=st.booleans(),
    batch_size=st.integers(1, 4),
    num_steps=st.integers(1, 5),
    seed=st.integers(0, 2**31 - 1),
)
BOTH = [(model, implementation) for model in ("rnn", "gru", "lstm") for implementation in ("scratch", "torch")]


def torch_module(config):
    kind = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[config.model]
    return kind(
        config.input_size,
        config.hidden_size,
        config.num_layers,
        bias=config.bias,
        batch_first=config.batch_first,
        bidirectional=config.bidirectional,
    )


def named(rows):
    return {row.name: row.shape for row in rows}


@settings(max_examples=60, deadline=None)
@given(configs)
def test_every_shape_is_that_of_torch(config):
    module, seen = torch_module(config), inspect_layers(config)
    shapes = named(seen.tensors)
    output, end = module(torch.zeros(shapes["input"]))
    h_n, c_n = end if config.model == "lstm" else (end, None)
    assert shapes["output"] == tuple(output.shape)
    assert shapes["h_0"] == shapes["h_n"] == tuple(h_n.shape)
    assert shapes.get("c_0") == shapes.get("c_n") == (None if c_n is None else tuple(c_n.shape))
    assert named(seen.parameters) == {name: tuple(value.shape) for name, value in module.named_parameters()}
    assert seen.total == sum(value.numel() for value in module.parameters())


@settings(max_examples=60, deadline=None)
@given(configs)
def test_the_letters_spell_out_the_shape(config):
    seen = inspect_layers(config)
    numbers = {
        "B": config.batch_size,
        "T": config.num_steps,
        "I": config.input_size,
        "H": config.hidden_size,
        "L": config.num_layers,
        "D": config.num_directions,
        "G": {"rnn": 1, "gru": 3, "lstm": 4}[config.model],
    }
    for row in (*seen.tensors, *seen.parameters):
        spelled = eval(row.letters.replace("·", "*"), {"__builtins__": {}}, numbers)
        assert spelled == row.shape, row
        assert row.values == np.prod(row.shape)


@settings(max_examples=60, deadline=None)
@given(configs)
def test_the_formula_counts_what_the_module_holds(config):
    seen = inspect_layers(config)
    assert sum(term.values for term in seen.terms) == count_parameters(config) == seen.total
    for term in seen.terms:
        assert eval(term.text.replace("·", "*"), {"__builtins__": {}}) == term.values
    assert counts_by_model(config) == {
        model: count_parameters(replace(config, model=model)) for model in ("rnn", "gru", "lstm")
    }


def test_the_count_of_the_tutorials_lstm_by_hand():
    """nn.LSTM(10, 20, 2): 4·20 rows of 10 + 20 + 2 numbers, then 4·20 rows of 20 + 20 + 2: 2560 + 3360."""
    seen = inspect_layers(LayersConfig())
    assert [term.text for term in seen.terms] == ["4·20 · (10 + 20 + 2)", "4·20 · (20 + 20 + 2)"]
    assert [term.values for term in seen.terms] == [2560, 3360]
    assert named(seen.tensors) == {
        "input": (5, 3, 10), "h_0": (2, 3, 20), "c_0": (2, 3, 20),
        "output": (5, 3, 20), "h_n": (2, 3, 20), "c_n": (2, 3, 20),
    }  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(configs)
def test_the_python_lines_make_the_same_layer(config):
    seen = inspect_layers(config)
    scope = {"nn": nn, "recurrent": recurrent}
    scope |= {row.name: torch.zeros(row.shape) for row in seen.tensors}
    exec("\n".join(seen.lines), scope)
    made = scope[config.model]
    assert isinstance(made, nn.RNNBase) == (config.implementation == "torch")
    assert {name: tuple(value.shape) for name, value in made.named_parameters()} == named(seen.parameters)
    for row in seen.tensors:
        assert tuple(scope[row.name].shape) == row.shape


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize(("model", "implementation"), BOTH)
def test_one_element_at_a_time_is_the_whole_sequence(model, implementation, batch_first):
    config = LayersConfig(model=model, implementation=implementation, batch_first=batch_first, num_steps=12)
    seen = inspect_layers(config).stepping
    assert seen.steppable
    assert seen.difference < 1e-6
    assert seen.whole.shape == ((3, 12, 20) if batch_first else (12, 3, 20))
    assert np.abs(seen.whole - seen.stepped).max() <= seen.difference
    assert np.abs(seen.whole).max() > 0.1


@pytest.mark.parametrize(("model", "implementation"), BOTH)
def test_two_directions_cannot_be_stepped_and_only_the_backward_half_differs(model, implementation):
    config = LayersConfig(model=model, implementation=implementation, bidirectional=True, num_layers=1)
    seen = inspect_layers(config).stepping
    assert not seen.steppable
    gaps = np.abs(seen.whole - seen.stepped)
    assert gaps[..., :20].max() < 1e-6
    assert gaps[..., 20:].max() > 1e-3


@settings(max_examples=30, deadline=None)
@given(configs)
def test_both_implementations_agree(config):
    assert inspect_layers(config).other_difference < 1e-5


def test_batch_first_swaps_the_dimensions_and_not_the_numbers():
    time_first = inspect_layers(LayersConfig()).stepping.whole
    batch_first = inspect_layers(LayersConfig(batch_first=True)).stepping.whole
    np.testing.assert_allclose(batch_first, time_first.swapaxes(0, 1), atol=1e-6)


def test_the_seed_determines_the_numbers_and_global_ones_are_untouched():
    before = torch.random.get_rng_state()
    first, second, other = (inspect_layers(LayersConfig(seed=seed)).stepping.whole for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, second)
    assert np.abs(first - other).max() > 1e-3
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize(
    ("field", "value"),
    [("hidden_size", 0), ("input_size", 3.5), ("num_layers", 9), ("batch_size", True), ("model", "transformer")],
)
def test_invalid_settings_are_rejected_by_name(field, value):
    with pytest.raises(InvalidInput) as refused:
        LayersConfig(**{field: value})
    assert refused.value.field == field


def test_a_layer_too_slow_to_run_is_rejected():
    LayersConfig(input_size=1027, hidden_size=256, num_layers=1, batch_size=32, num_steps=35)  # the tutorials'
    with pytest.raises(InvalidInput, match="make it smaller, or lower batch_size or num_steps"):
        LayersConfig(hidden_size=512, num_layers=8, batch_size=64, num_steps=100)
