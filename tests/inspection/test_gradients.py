"""Three ways to the same gradients: recomputed here, far apart in how they are computed, equal in their numbers."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rnnlab.inspection import LayersConfig, compare_gradients
from rnnlab.inspection.gradients import SETTINGS, loss
from rnnlab.inspection.layers import build_layer, draw_input, parts
from rnnlab.recurrent import bptt, cell_equations, input_projection, unrolling
from rnnlab.validation import InvalidInput

TWIN = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
configs = st.builds(
    LayersConfig,
    model=st.sampled_from(sorted(TWIN)),
    implementation=st.sampled_from(["scratch", "torch"]),
    input_size=st.integers(1, 5),
    hidden_size=st.integers(1, 5),
    num_layers=st.integers(1, 3),
    bidirectional=st.booleans(),
    batch_first=st.booleans(),
    bias=st.booleans(),
    batch_size=st.integers(1, 3),
    num_steps=st.integers(1, 5),
    seed=st.integers(0, 1000),
)


@settings(max_examples=25, deadline=None)
@given(configs)
def test_every_way_computes_what_torch_does(config):
    """Outputs and gradients of each way, in float64, are those of a torch.nn module made and differentiated here."""
    module = TWIN[config.model](
        config.input_size, config.hidden_size, config.num_layers, bias=config.bias, batch_first=config.batch_first,
        bidirectional=config.bidirectional, dtype=torch.float64,
    )  # fmt: skip
    module.load_state_dict(build_layer(config, dtype=torch.float64).state_dict())
    x, state = draw_input(config, torch.float64)
    inputs = [tensor.clone().requires_grad_() for tensor in (x, *parts(state))]
    output, end = module(inputs[0], tuple(inputs[1:]) if config.model == "lstm" else inputs[1])
    (output.square().mean() + sum(part.square().mean() for part in parts(end))).backward()
    wanted = {"output": output, **dict(zip(("h_n", "c_n"), parts(end), strict=False))}
    wanted |= {name: tensor.grad for name, tensor in zip(("input", "h_0", "c_0"), inputs, strict=False)}
    wanted |= {name: parameter.grad for name, parameter in module.named_parameters()}

    found = compare_gradients(config, torch.float64)
    assert [run.way for run in found.runs] == ["by_hand", "autograd", "torch"]
    for run in found.runs:
        assert list(run.tensors) == list(wanted)
        for name, tensor in run.tensors.items():
            np.testing.assert_allclose(tensor, wanted[name].detach().numpy(), rtol=1e-9, atol=1e-12)
        assert run.milliseconds > 0


@pytest.mark.parametrize("model", sorted(TWIN))
def test_the_differences_are_the_largest_of_each_tensor(model):
    found = compare_gradients(LayersConfig(model=model, bidirectional=True))
    assert list(found.differences) == list(combinations([run.way for run in found.runs], 2))
    for (one, other), differences in found.differences.items():
        mine, theirs = (next(run for run in found.runs if run.way == way).tensors for way in (one, other))
        assert differences == {name: np.abs(mine[name] - theirs[name]).max() for name in mine}
        assert found.difference(one, other) == max(differences.values()) < 1e-5
    assert max(np.abs(tensor).max() for tensor in found.runs[0].gradients.values()) > 1e-3


@pytest.mark.parametrize("model", sorted(TWIN))
def test_by_hand_and_autograd_take_different_paths(model, monkeypatch):
    """A counter in the place of the gradient written by hand is reached in that way alone."""
    reached = []
    sequence = bptt.by_hand(cell_equations(model).step)

    def counted(step):
        return lambda *tensors: (reached.append(step), sequence(*tensors))[1]

    monkeypatch.setattr(unrolling.bptt, "by_hand", counted)
    config = LayersConfig(model=model, implementation="scratch", num_layers=1)
    x, state = draw_input(config)
    for way, expected in (("by_hand", 1), ("autograd", 0)):
        reached.clear()
        output, end = build_layer(config, SETTINGS[way]["gradient"])(x, state)
        loss(output, end).backward()
        assert len(reached) == expected


def test_autograd_records_the_lookup_of_characters_too(monkeypatch):
    monkeypatch.setattr(input_projection.Columns, "apply", lambda *given: pytest.fail("written by hand"))
    config = LayersConfig(implementation="scratch", input_size=7, num_layers=1)
    ids = torch.randint(7, (5, 3))
    output, _ = build_layer(config, "autograd")(ids, one_hot=True)
    output.sum().backward()
    with pytest.raises(pytest.fail.Exception):
        build_layer(config, "by_hand")(ids, one_hot=True)


def test_the_implementation_has_no_effect():
    first, second = (compare_gradients(LayersConfig(implementation=name)) for name in ("scratch", "torch"))
    for one, other in zip(first.runs, second.runs, strict=True):
        assert one.way == other.way
        for name, tensor in one.tensors.items():
            np.testing.assert_array_equal(tensor, other.tensors[name])


def test_global_random_numbers_are_untouched():
    before = torch.random.get_rng_state()
    compare_gradients(replace(LayersConfig(), seed=4))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_layer_too_large_to_be_held_three_times_is_refused():
    with pytest.raises(InvalidInput, match="this layer would hold 5,511,168 numbers, and 5,000,000 are allowed here"):
        compare_gradients(LayersConfig(model="gru", input_size=2048, hidden_size=512, num_layers=2, batch_size=1))
