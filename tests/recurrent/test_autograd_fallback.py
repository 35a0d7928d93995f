"""Where autograd's gradient stands in for the one by hand: second derivatives, torch.func, tracing."""

import warnings

import pytest
import torch
from torch import nn
from torch.autograd import forward_ad

from rnnlab.recurrent import GRU, LSTM, RNN, is_transformed

F64 = torch.float64
# PyTorch says so of its own code when forward-mode differentiation is first used.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning")
KINDS = {
    "rnn-tanh": (RNN, nn.RNN, {"nonlinearity": "tanh"}),
    "rnn-relu": (RNN, nn.RNN, {"nonlinearity": "relu"}),
    "gru": (GRU, nn.GRU, {}),
    "gru-reset-before": (GRU, None, {"reset_after": False}),
    "lstm": (LSTM, nn.LSTM, {}),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def by_hand_and_reference(kind, **words):
    """Our layer, and torch.nn's with its weights, or, where torch.nn has none, ours through autograd."""
    ours_kind, theirs_kind, more = KINDS[kind]
    ours = ours_kind(2, 3, dtype=F64, generator=seeded(), **words, **more)
    if theirs_kind is None:
        reference = ours_kind(2, 3, dtype=F64, gradient="autograd", **words, **more)
    else:
        reference = theirs_kind(2, 3, dtype=F64, **words, **more)
    reference.load_state_dict(ours.state_dict())
    return ours, reference


def numbers(steps=3):
    return torch.randn(steps, 2, 2, dtype=F64, generator=seeded(1))


def loss_of(layer):
    return lambda x: layer(x)[0].square().sum()


def gradient_penalty(layer, x):
    """Differentiate the square of a gradient by everything."""
    x = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss_of(layer)(x), x, create_graph=True)
    return torch.autograd.grad(gradient.square().sum(), [x, *layer.parameters()])


@pytest.mark.parametrize(("num_layers", "bidirectional"), [(1, False), (2, True)])
@every_kind
def test_second_derivatives(kind, num_layers, bidirectional):
    ours, reference = by_hand_and_reference(kind, num_layers=num_layers, bidirectional=bidirectional)
    x = numbers()
    mine, other = gradient_penalty(ours, x), gradient_penalty(reference, x)
    assert kind == "rnn-relu" or all(gradient.abs().max() > 0 for gradient in mine)
    torch.testing.assert_close(mine, other, rtol=0, atol=1e-10)
    for vectorize in (False, True):
        hessians = [torch.autograd.functional.hessian(loss_of(m), x, vectorize=vectorize) for m in (ours, reference)]
        torch.testing.assert_close(*hessians, rtol=0, atol=1e-10)


@every_kind
def test_gradgradcheck(kind):
    layer, _ = by_hand_and_reference(kind)
    x = numbers(2).requires_grad_()
    assert torch.autograd.gradgradcheck(lambda x, *_: layer(x)[0], (x, *layer.parameters()))


def test_a_gradient_ends_at_an_input_that_another_was_computed_from():
    """The state given is made of the weights; each is differentiated by itself all the same."""
    penalties = []
    for layer in by_hand_and_reference("gru"):
        x = numbers().requires_grad_()
        state = (layer.weight_hh_l0[:2] * 2)[None]
        output, _ = layer(x, state)
        (gradient,) = torch.autograd.grad(output.square().sum(), layer.weight_hh_l0, create_graph=True)
        penalties.append(torch.autograd.grad(gradient.square().sum(), [x, *layer.parameters()]))
    torch.testing.assert_close(*penalties, rtol=0, atol=1e-10)


@every_kind
def test_batched_gradients(kind):
    found = []
    for layer in by_hand_and_reference(kind):
        output, _ = layer(numbers())
        several = torch.stack([torch.ones_like(output), output.detach()])
        found.append(torch.autograd.grad(output, list(layer.parameters()), several, is_grads_batched=True))
    torch.testing.assert_close(*found, rtol=0, atol=1e-10)


@every_kind
def test_torch_func(kind):
    layer, reference = by_hand_and_reference(kind, num_layers=2)
    x = numbers()
    for transform in (torch.func.grad, torch.func.hessian):
        torch.testing.assert_close(transform(loss_of(layer))(x), transform(loss_of(reference))(x), rtol=0, atol=1e-10)
    wanted = torch.func.jacrev(lambda x: reference(x)[0])(x)
    for transform in (torch.func.jacrev, torch.func.jacfwd):
        torch.testing.assert_close(transform(lambda x: layer(x)[0])(x), wanted, rtol=0, atol=1e-10)
    _, slope = torch.func.jvp(loss_of(layer), (x,), (torch.ones_like(x),))
    torch.testing.assert_close(slope, torch.func.grad(loss_of(reference))(x).sum(), rtol=0, atol=1e-10)


@every_kind
def test_per_sequence_gradients(kind):
    """vmap over torch.func.grad of torch.func.functional_call, against a loop."""
    layer, _ = by_hand_and_reference(kind)
    parameters = dict(layer.named_parameters())

    def loss(parameters, x):
        return torch.func.functional_call(layer, parameters, (x,))[0].square().sum()

    batch = torch.stack([numbers(), 2 * numbers()])
    together = torch.func.vmap(torch.func.grad(loss), (None, 0))(parameters, batch)
    for k, x in enumerate(batch):
        alone = torch.autograd.grad(loss_of(layer)(x), list(parameters.values()))
        torch.testing.assert_close([gradient[k] for gradient in together.values()], list(alone), rtol=0, atol=1e-10)


@pytest.mark.parametrize("one_hot", [False, True])
@every_kind
def test_a_traced_layer(kind, one_hot):
    layer, _ = by_hand_and_reference(kind, num_layers=2, bidirectional=True)
    x = torch.tensor([[1, 0], [0, 0], [1, 1]]) if one_hot else numbers()

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.recurrent = layer

        def forward(self, x):
            return self.recurrent(x, one_hot=one_hot)[0]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's, that shapes are taken as they are; and that it is deprecated
        traced = torch.jit.trace(Network(), (x,), check_trace=False)
    torch.testing.assert_close(traced(x), layer(x, one_hot=one_hot)[0], rtol=0, atol=1e-12)


def test_transforms_and_tracers_are_detected():
    seen = []

    def look(x):
        seen.append(is_transformed())
        return x.sum()

    x = torch.ones(2)
    look(x)
    torch.func.grad(look)(x)
    torch.func.vmap(look)(x[None])
    with forward_ad.dual_level():
        look(x)
    look(x)
    assert seen == [False, True, True, True, False]
