"""The regressor: numbers in, numbers out; its two implementations and its weights."""

import pytest
import torch

from rnnlab.models import SequenceRegressor


def make(model="rnn", implementation="torch", hidden_size=5, seed=1, **sizes):
    return SequenceRegressor(model, implementation, hidden_size, generator=torch.Generator().manual_seed(seed), **sizes)


@pytest.mark.parametrize("model", ["rnn", "gru", "lstm"])
def test_scratch_and_torch_are_the_same_model(model):
    ours, theirs = make(model, "scratch"), make(model, "torch")
    for (name, one), (other_name, other) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert name == other_name
        assert torch.equal(one, other)
    x = torch.randn(3, 7, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    results = []
    for network in (ours.double(), theirs.double()):
        first, state = network(x)
        second, _ = network(x, state)  # the state is understood when it comes back
        (first.square().mean() + second.square().mean()).backward()
        results.append((first, second, [parameter.grad for parameter in network.parameters()]))
    torch.testing.assert_close(*results, rtol=1e-10, atol=1e-12)


def test_one_step_by_hand():
    # one unit, all weights 1 but the output's 2, biases 0 but the output's 0.5:
    # h_1 = tanh(0.3), h_2 = tanh(-0.1 + h_1), y = 2 h + 0.5
    network = make(hidden_size=1)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter.fill_(1.0 if name.startswith("recurrent.weight") else 0.0)
        network.output.weight.fill_(2.0)
        network.output.bias.fill_(0.5)
    y, state = network(torch.tensor([[[0.3], [-0.1]]]))
    assert y.flatten().tolist() == pytest.approx([1.082625, 0.878024], abs=1e-6)
    assert state.item() == pytest.approx(0.189012, abs=1e-6)


def test_the_shapes():
    y, (h, c) = make("lstm", hidden_size=4, input_size=3, output_size=2)(torch.zeros(6, 9, 3))
    assert y.shape == (6, 9, 2)
    assert h.shape == c.shape == (1, 6, 4)


def test_weights_come_from_the_generator_alone():
    before = torch.random.get_rng_state()
    one, same, other = make(seed=1), make(seed=1), make(seed=2)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(one.output.weight, same.output.weight)
    assert not torch.equal(one.output.weight, other.output.weight)
    # H = 64: uniform within ±1/8, and no parameter left out
    *many, last = (parameter.detach().abs().max() for parameter in make(hidden_size=64).parameters())
    assert all(0.1 < largest <= 0.125 for largest in many)
    assert 0 < last <= 0.125


def test_the_parameters_are_counted():
    # W_ih 64·1, W_hh 64·64, two biases of 64, W_out 64, b_out 1
    assert make(hidden_size=64).count_parameters() == 64 + 64 * 64 + 2 * 64 + 64 + 1
