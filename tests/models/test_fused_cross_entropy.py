"""The end of the network written out: its value and its gradients against PyTorch's, and against finite differences."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own abbreviation
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.models import LanguageModel, LanguageModelConfig
from rnnlab.models.fused_cross_entropy import CACHE_LINE, FusedCrossEntropy, fused_cross_entropy
from rnnlab.models.language_model import mean_nll
from rnnlab.recurrent import IMPLEMENTATIONS, MODELS


def tensors(count, hidden_size, classes, seed=0, dtype=torch.double):
    generator = torch.Generator().manual_seed(seed)
    hidden, weight = (torch.randn(n, hidden_size, generator=generator, dtype=dtype) for n in (count, classes))
    bias = torch.randn(classes, generator=generator, dtype=dtype)
    targets = torch.randint(classes, (count,), generator=generator)
    return [tensor.requires_grad_() for tensor in (hidden, weight, bias)], targets


def with_gradients(nll, learned):
    return [nll, *torch.autograd.grad(nll * 3, learned)]


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(1, 5), st.integers(1, 2 * CACHE_LINE + 1), st.integers(0, 2**16))
def test_it_equals_cross_entropy_and_its_gradients(count, hidden_size, classes, seed):
    learned, targets = tensors(count, hidden_size, classes, seed)
    hidden, weight, bias = learned
    long = with_gradients(F.cross_entropy(F.linear(hidden, weight, bias), targets), learned)
    short = with_gradients(FusedCrossEntropy.apply(hidden, weight, bias, targets), learned)
    torch.testing.assert_close(short, long, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("classes", [3, CACHE_LINE, CACHE_LINE + 1])
def test_its_gradients_are_those_of_finite_differences(classes):
    learned, targets = tensors(4, 3, classes)
    assert torch.autograd.gradcheck(lambda *parts: FusedCrossEntropy.apply(*parts, targets), learned)


def test_by_hand():
    """One prediction of two: logits 0 and log 3, so p = 1/4 and 3/4; and what comes is the first."""
    hidden, weight = torch.full((1, 1), 2.0), torch.zeros(2, 1, requires_grad=True)
    bias = torch.tensor([1.0, 3.0]).log().requires_grad_()
    nll = FusedCrossEntropy.apply(hidden, weight, bias, torch.tensor([0]))
    torch.testing.assert_close(nll, torch.tensor(4.0).log())
    d_weight, d_bias = torch.autograd.grad(nll, [weight, bias])
    torch.testing.assert_close(d_bias, torch.tensor([0.25 - 1, 0.75]))
    torch.testing.assert_close(d_weight, torch.tensor([[2 * (0.25 - 1)], [2 * 0.75]]))


@pytest.mark.parametrize("scale", [0.1, 30.0])
def test_in_single_precision_with_a_large_vocabulary(scale):
    """At the larger scale most predictions are certain, and most of them are wrong."""
    learned, targets = tensors(20, 8, 2600, dtype=torch.float)
    hidden, weight, bias = learned
    long = with_gradients(F.cross_entropy(F.linear(hidden * scale, weight, bias), targets), learned)
    short = with_gradients(FusedCrossEntropy.apply(hidden * scale, weight, bias, targets), learned)
    torch.testing.assert_close(short, long, rtol=2e-5, atol=2e-5)


def test_gradients_can_be_differentiated_once_more():
    learned, targets = tensors(4, 3, 5)
    assert torch.autograd.gradgradcheck(lambda *parts: fused_cross_entropy(*parts, targets), learned)
    twice = [
        torch.func.jacrev(torch.func.grad(function))(learned[0])
        for function in (
            lambda hidden: F.cross_entropy(F.linear(hidden, *learned[1:]), targets),
            lambda hidden: fused_cross_entropy(hidden, *learned[1:], targets),
        )
    ]
    torch.testing.assert_close(*twice, rtol=0, atol=1e-12)


@pytest.mark.parametrize("encoding", ["one-hot", "embedding"])
@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize("model", MODELS)
def test_second_derivatives_of_a_language_model(model, implementation, encoding):
    """The penalty on its gradient, by `mean_nll` and by the logits."""
    words = {"model": model, "implementation": implementation, "encoding": encoding}
    network = LanguageModel(LanguageModelConfig(**words, hidden_size=3, embedding_size=2), 5).double()
    ids, targets = torch.randint(5, (2, 2, 4), generator=torch.Generator().manual_seed(1))
    found = []
    for loss in (network.mean_nll(ids, targets)[0], mean_nll(network(ids)[0], targets)):
        gradients = torch.autograd.grad(loss, list(network.parameters()), create_graph=True)
        penalty = sum(gradient.square().sum() for gradient in gradients)
        found.append(torch.autograd.grad(penalty, list(network.parameters())))
    assert all(gradient.abs().max() > 0 for gradient in found[0])
    torch.testing.assert_close(*found, rtol=0, atol=1e-12)


def test_under_autocast():
    learned, targets = tensors(4, 3, 5, dtype=torch.float)
    hidden, weight, bias = learned
    with torch.autocast("cpu", torch.bfloat16):
        nll = fused_cross_entropy(hidden.bfloat16(), weight, bias, targets)
    torch.testing.assert_close(nll, fused_cross_entropy(hidden, weight, bias, targets), rtol=0.05, atol=0.05)


def test_it_can_be_differentiated_twice_over_the_same_graph():
    learned, targets = tensors(4, 3, 5)
    nll = FusedCrossEntropy.apply(*learned, targets)
    first, second = (torch.autograd.grad(nll, learned, retain_graph=True) for _ in range(2))
    torch.testing.assert_close(first, second, rtol=0, atol=0)


def test_the_nll_of_an_underflowing_probability_is_finite():
    bias = torch.tensor([0.0, -1000.0])
    nll = FusedCrossEntropy.apply(torch.zeros(1, 1), torch.zeros(2, 1), bias, torch.tensor([1]))
    assert nll.item() == 1000.0, "e to the -1000 is 0 as a float, and its logarithm would be infinite"


@pytest.mark.parametrize("broken", [torch.nan, torch.inf])
def test_nan_and_infinity_propagate(broken):
    bias = torch.tensor([0.0, broken])
    assert not FusedCrossEntropy.apply(torch.zeros(1, 1), torch.zeros(2, 1), bias, torch.tensor([1])).isfinite()
