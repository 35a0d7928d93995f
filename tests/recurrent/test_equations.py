"""The steps against numbers worked out by hand, and against the formula written gate by gate."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.recurrent import (
    Equations,
    gru_reset_before_step,
    gru_step,
    lstm_step,
    rnn_relu_step,
    rnn_step,
    run_layer,
)
from rnnlab.recurrent.equations import gru_equations, rnn_equations, split_rz_n
from rnnlab.validation import InvalidInput

F64 = torch.float64


def column(*numbers):
    """Write a weight (G, 1)."""
    return torch.tensor(numbers, dtype=F64).view(-1, 1)


def row(*numbers):
    return torch.tensor([numbers], dtype=F64)


def test_rnn_by_hand():
    """One unit, the input's share 0.5, h = 0.25, W_hh = 2, b_hh = -0.25: tanh(0.5 + 2 · 0.25 - 0.25) = tanh(0.75)."""
    (h,) = rnn_step(row(0.5), (row(0.25),), column(2.0), torch.tensor([-0.25], dtype=F64))
    assert h.item() == pytest.approx(0.6351489523872873, abs=1e-14)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 0.75), (-1.0, 0.0)])
def test_relu_rnn_by_hand(share, expected):
    """relu(0.5 + 2 · 0.25 - 0.25) = 0.75, and relu(-1 + 0.25) = 0."""
    (h,) = rnn_relu_step(row(share), (row(0.25),), column(2.0), torch.tensor([-0.25], dtype=F64))
    assert h.item() == expected


def test_gru_resets_after_the_product_by_hand():
    """One unit, h = 0.5, W_hr = W_hz = 0, W_hn = 2, b_hn = 1, other biases 0; the input's shares are ln 3, 0, 0.

    r = σ(ln 3) = 3/4, z = σ(0) = 1/2
    n = tanh(0 + 3/4 · (2 · 0.5 + 1)) = tanh(1.5) = 0.905148…
    h' = 1/2 · 0.905148… + 1/2 · 0.5 = 0.702574…
    """
    bias = torch.tensor([0.0, 0.0, 1.0], dtype=F64)
    (h,) = gru_step(row(math.log(3), 0.0, 0.0), (row(0.5),), column(0.0, 0.0, 2.0), bias)
    assert h.item() == pytest.approx(0.7025741268224333, abs=1e-14)


def test_gru_resets_before_the_product_by_hand():
    """The same numbers, but n = tanh(0 + 2 · (3/4 · 0.5) + 1) = tanh(1.75) = 0.941375…, h' = 0.720687…"""
    bias = torch.tensor([0.0, 0.0, 1.0], dtype=F64)
    weights = split_rz_n(column(0.0, 0.0, 2.0), bias)
    (h,) = gru_reset_before_step(row(math.log(3), 0.0, 0.0), (row(0.5),), *weights)
    assert h.item() == pytest.approx(0.7206877692486436, abs=1e-14)
    without_bias = split_rz_n(column(0.0, 0.0, 2.0), None)
    (h,) = gru_reset_before_step(row(math.log(3), 0.0, 0.0), (row(0.5),), *without_bias)
    assert h.item() == pytest.approx((math.tanh(0.75) + 0.5) / 2, abs=1e-14)


def test_lstm_by_hand():
    """One unit, h = 0.5, c = 2, W_hg = 2, other weights and all biases 0; the input's shares are ln 3, 0, 0, -ln 3.

    i = σ(ln 3) = 3/4, f = σ(0) = 1/2, g = tanh(2 · 0.5) = tanh(1), o = σ(-ln 3) = 1/4
    c' = 1/2 · 2 + 3/4 · tanh(1) = 1.571195…
    h' = 1/4 · tanh(1.571195…) = 0.229303…
    """
    from_x = row(math.log(3), 0.0, 0.0, -math.log(3))
    h, c = lstm_step(from_x, (row(0.5), row(2.0)), column(0.0, 0.0, 2.0, 0.0), None)
    assert c.item() == pytest.approx(1.5711956169668237, abs=1e-14)
    assert h.item() == pytest.approx(0.2293039330853907, abs=1e-14)


@given(st.integers(1, 4), st.integers(1, 6), st.booleans(), st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
def test_reset_before_equals_the_formula_gate_by_gate(batch, hidden, bias, seed):
    g = torch.Generator().manual_seed(seed)
    from_x, h = (torch.randn(batch, k * hidden, dtype=F64, generator=g) for k in (3, 1))
    w_r, w_z, w_n = torch.randn(3, hidden, hidden, dtype=F64, generator=g)
    b_r, b_z, b_n = torch.randn(3, hidden, dtype=F64, generator=g) * bias
    x_r, x_z, x_n = from_x[:, :hidden], from_x[:, hidden : 2 * hidden], from_x[:, 2 * hidden :]
    r = 1 / (1 + torch.exp(-(x_r + h @ w_r.T + b_r)))
    z = 1 / (1 + torch.exp(-(x_z + h @ w_z.T + b_z)))
    n = torch.tanh(x_n + (r * h) @ w_n.T + b_n)
    weights = split_rz_n(torch.cat([w_r, w_z, w_n]), torch.cat([b_r, b_z, b_n]) if bias else None)
    (got,) = gru_reset_before_step(from_x, (h,), *weights)
    torch.testing.assert_close(got, z * h + (1 - z) * n, rtol=0, atol=1e-12)


def test_the_two_grus_differ_with_the_same_weights():
    g = torch.Generator().manual_seed(0)
    weight, from_x, h = (torch.randn(shape, dtype=F64, generator=g) for shape in ((24, 8), (4, 24), (4, 8)))
    (after,) = gru_step(from_x, (h,), weight, None)
    (before,) = gru_reset_before_step(from_x, (h,), *split_rz_n(weight, None))
    assert (after - before).abs().max() > 0.1


def test_options_choose_the_equations():
    assert rnn_equations().step is rnn_step
    assert rnn_equations("relu").step is rnn_relu_step
    assert gru_equations().step is gru_step
    assert gru_equations(reset_after=False).step is gru_reset_before_step
    with pytest.raises(InvalidInput, match="nonlinearity: 'sigmoid' is not on offer; choose one of tanh, relu"):
        rnn_equations("sigmoid")
    with pytest.raises(InvalidInput, match="reset_after"):
        gru_equations(1)


def test_run_layer_steps_through_time():
    """A step that only adds what comes in: after T steps the state is the running sum, and prepare ran once."""
    calls = []

    def prepare(weight_hh, bias_hh):
        calls.append(1)
        return (weight_hh,)

    equations = Equations(lambda from_x, state, weight: (state[0] * weight + from_x,), gates=1, prepare=prepare)
    outputs, (last,) = run_layer(equations, torch.tensor([[[1.0]], [[2.0]], [[3.0]]]), (row(10.0),), row(1.0), None)
    assert outputs.flatten().tolist() == [11.0, 13.0, 16.0]
    assert last.item() == 16.0
    assert calls == [1]
