"""How weights are drawn, and dropout."""

import pytest
import torch
from torch import nn

from rnnlab.recurrent import dropout, init_uniform


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_init_is_uniform_within_one_over_root_h():
    layer = nn.Linear(300, 100)
    init_uniform(layer, 25, seeded())
    weight = layer.weight.detach()
    assert weight.abs().max() <= 0.2
    assert weight.abs().max() > 0.199
    assert weight.mean().abs() < 0.002
    assert weight.std() == pytest.approx(0.2 / 3**0.5, rel=0.01)  # of uniform(-a, a): a / √3


def test_init_without_a_generator_follows_torch():
    torch.manual_seed(5)
    theirs = nn.RNN(3, 4)
    torch.manual_seed(5)
    ours = nn.RNN(3, 4, device="meta").to_empty(device="cpu")
    init_uniform(ours, 4, None)
    for name, value in theirs.state_dict().items():
        assert torch.equal(value, ours.state_dict()[name])


def test_dropout_keeps_the_mean_and_scales():
    x = torch.ones(400, 500)
    y = dropout(x, 0.25, seeded())
    assert y.unique().tolist() == [0.0, pytest.approx(4 / 3)]
    assert (y == 0).float().mean() == pytest.approx(0.25, abs=0.005)
    assert y.mean() == pytest.approx(1.0, abs=0.01)


def test_dropout_is_reproducible_and_leaves_the_global_generator_alone():
    x = torch.randn(50, 20, generator=seeded(1))
    before = torch.get_rng_state()
    assert torch.equal(dropout(x, 0.5, seeded(2)), dropout(x, 0.5, seeded(2)))
    assert not torch.equal(dropout(x, 0.5, seeded(2)), dropout(x, 0.5, seeded(3)))
    assert torch.equal(torch.get_rng_state(), before)


def test_dropout_of_zero_and_of_one():
    x = torch.randn(5, 6, generator=seeded())
    assert dropout(x, 0.0) is x
    assert torch.equal(dropout(x, 1.0, seeded()), torch.zeros_like(x))


def test_dropout_passes_gradients_of_the_kept_units():
    x = torch.ones(1000, requires_grad=True)
    y = dropout(x, 0.5, seeded())
    y.sum().backward()
    assert torch.equal(x.grad, y.detach())  # the factor itself: 0 or 2
