"""Gradients by hand against finite differences, against autograd through the equations, and one worked out on paper."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.recurrent import GRU, LSTM, RNN, bptt, equations, run_layer
from rnnlab.recurrent.bptt.common import tanh_
from rnnlab.recurrent.equations import gru_equations, lstm_equations, rnn_equations

KINDS = {
    "rnn-tanh": rnn_equations("tanh"),
    "rnn-relu": rnn_equations("relu"),
    "gru-reset-after": gru_equations(True),
    "gru-reset-before": gru_equations(False),
    "lstm": lstm_equations(),
}
every_kind = pytest.mark.parametrize("kind", KINDS)
with_and_without_bias = pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])


def make_tensors(kind, steps=4, batch=3, hidden_size=5, bias=True, seed=0):
    """(projected, *state, weight_hh, bias_hh), each wanting a gradient."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return torch.randn(shape, generator=generator, dtype=torch.float64).requires_grad_()

    rows = KINDS[kind].gates * hidden_size
    state = [draw(batch, hidden_size) for _ in range(KINDS[kind].state_size)]
    return draw(steps, batch, rows), *state, draw(rows, hidden_size), draw(rows) if bias else None


def outputs_and_gradients(kind, tensors, by_hand):
    projected, *state, weight_hh, bias_hh = tensors
    output, last = run_layer(KINDS[kind], projected, tuple(state), weight_hh, bias_hh, by_hand)
    results = [output, *last]
    lopsided = sum((k + 1) * (result.sin() * result).sum() for k, result in enumerate(results))
    return results, torch.autograd.grad(lopsided, [tensor for tensor in tensors if tensor is not None])


@every_kind
@with_and_without_bias
@settings(max_examples=10, deadline=None)
@given(steps=st.integers(1, 6), batch=st.integers(1, 4), hidden_size=st.integers(1, 5), seed=st.integers(0, 1000))
def test_gradients_by_hand_equal_autograd_through_the_equations(kind, bias, steps, batch, hidden_size, seed):
    tensors = make_tensors(kind, steps, batch, hidden_size, bias, seed)
    mine, my_gradients = outputs_and_gradients(kind, tensors, by_hand=True)
    other, other_gradients = outputs_and_gradients(kind, tensors, by_hand=False)
    for a, b in zip([*mine, *my_gradients], [*other, *other_gradients], strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-11)


@every_kind
@with_and_without_bias
def test_gradcheck(kind, bias):
    """Finite differences know nothing of either derivation. (At 0 the relu has no slope; no sum lies within 1e-6.)"""
    tensors = [tensor for tensor in make_tensors(kind, bias=bias) if tensor is not None]
    sequence = bptt.by_hand(KINDS[kind].step)
    assert torch.autograd.gradcheck(lambda *given: sequence(*given, *([] if bias else [None])), tensors)


def test_two_steps_of_a_single_unit_on_paper():
    """h_0 = 0, W = 0.5, both inputs 1 (biases in them), L = h_2.

    h_1 = tanh(1) = 0.761594          h_2 = tanh(1 + 0.5 h_1) = tanh(1.380797) = 0.881130
    da_2 = 1 - h_2² = 0.223611        dL/dW at step 2 = da_2 h_1 = 0.170301
    da_1 = da_2 W (1 - h_1²) = 0.111805 · 0.419974 = 0.046955,   dL/dh_0 = da_1 W = 0.023478
    """
    projected = torch.ones(2, 1, 1, dtype=torch.float64, requires_grad=True)
    h_0 = torch.zeros(1, 1, dtype=torch.float64, requires_grad=True)
    weight = torch.full((1, 1), 0.5, dtype=torch.float64, requires_grad=True)
    output, last = bptt.RNNThroughTime.apply(projected, h_0, weight, None)
    assert last.item() == pytest.approx(math.tanh(1 + 0.5 * math.tanh(1)))
    output[-1].sum().backward()
    assert projected.grad.flatten().tolist() == pytest.approx([0.046955, 0.223611], abs=1e-6)
    assert weight.grad.item() == pytest.approx(0.170301, abs=1e-6)  # step 1 adds da_1 h_0 = 0
    assert h_0.grad.item() == pytest.approx(0.023478, abs=1e-6)


@every_kind
def test_steps_after_the_loss_get_no_gradient(kind):
    """A loss that sees only the first output gives later steps no gradient."""
    projected, *state, weight_hh, bias_hh = make_tensors(kind)
    output, _ = run_layer(KINDS[kind], projected, tuple(state), weight_hh, bias_hh)
    (gradient,) = torch.autograd.grad(output[0].sum(), projected)
    assert gradient[0].abs().min() > 0 or kind == "rnn-relu"
    assert gradient[1:].abs().max() == 0


@pytest.mark.parametrize("kind", [RNN, GRU, LSTM])
def test_gradient_autograd_calls_no_function_written_by_hand(kind):
    x = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(1))
    outputs = []
    for gradient in ("by_hand", "autograd"):
        layer = kind(
            3, 4, num_layers=2, bidirectional=True, gradient=gradient, generator=torch.Generator().manual_seed(0)
        )
        output, _ = layer(x)
        output.square().sum().backward()
        outputs.append([output, *(parameter.grad for parameter in layer.parameters())])
        assert ("ThroughTime" in str(graph_of(output))) is (gradient == "by_hand")
    for mine, other in zip(*outputs, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-5, atol=1e-5)


def graph_of(tensor):
    """The names of the functions that made `tensor`."""
    names, nodes = set(), [tensor.grad_fn]
    while nodes:
        node = nodes.pop()
        if node is not None and node.name() not in names:
            names.add(node.name())
            nodes += [parent for parent, _ in node.next_functions]
    return names


def test_tanh_computed_by_sigmoid():
    x = torch.cat([torch.linspace(-20, 20, 4001), torch.tensor([0.0, 1e-7, -1e-7, 1e30, -1e30, math.inf, -math.inf])])
    elsewhere = torch.empty_like(x)
    assert tanh_(x, out=elsewhere) is elsewhere
    torch.testing.assert_close(elsewhere, x.tanh(), rtol=0, atol=3e-7)
    assert elsewhere.abs().max() == 1
    assert elsewhere[4001] == 0
    in_place = x.clone()
    assert tanh_(in_place) is in_place
    assert torch.equal(in_place, elsewhere)
    assert tanh_(torch.tensor([math.nan])).isnan()
    gates = torch.linspace(-3, 3, 24).view(2, 12)
    candidate = gates[:, 4:8]  # this is how a layer hands it over
    wanted = candidate.tanh()
    torch.testing.assert_close(tanh_(candidate), wanted, rtol=0, atol=3e-7)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_uses_torch_tanh(dtype):
    x = torch.linspace(-0.01, 0.01, 101, dtype=dtype)
    assert torch.equal(tanh_(x.clone()), x.tanh())


def test_an_unknown_step_has_no_gradient_by_hand():
    assert bptt.by_hand(lambda from_x, state: state) is None
    assert all(bptt.by_hand(kind.step) for kind in KINDS.values())
    assert equations.rnn_step is KINDS["rnn-tanh"].step
