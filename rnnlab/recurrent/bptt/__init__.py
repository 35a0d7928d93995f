"""Backpropagation through time, written by hand: the gradients of a whole sequence.

With `gradient="autograd"` a layer leaves the gradient to autograd, which records each small operation of each step of
`equations` and runs the record backwards. Here the backward pass is written down (Werbos 1990, "Backpropagation
through time"; Dive into Deep Learning 9.7). Forward, each step keeps the numbers that its derivative needs. Backward,
from the last step to the first, dh holds ∂L/∂h_t: the gradient of this step's output plus that from the next step,

    da_t    = dh ⊙ ∂h_t/∂a_t                   through the activation, to the sum a_t inside it
    dh_prev = da_t W_hh + ∂L/∂output_{t-1}     through the product, to the step before

Two things make it fast. Of *other* steps a derivative needs dh alone, so everything else (the slopes of the
activations) is computed for all steps at once before the loop, which turns it in place into the da_t. And the weights
are the same at every step, so their gradient is a sum over the steps, Σ_t da_tᵀ h_{t-1}: one large product instead of
T small ones.

Shapes: T time, B batch, H hidden, G = gates · H. Each function takes projected (T, B, G) = x W_ihᵀ + b_ih, the state
before the first step, weight_hh (G, H) and bias_hh (G,), or None where there is none or where projected includes it.
It returns h at every step (T, B, H) and the state after the last. `tests/recurrent/test_bptt.py` holds them equal to
the equations under autograd, and to finite differences.

Read `rnn.py` first; `lstm.py` and `gru.py` do the same with more gates, and `common.py` has what they share.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from rnnlab.recurrent.bptt.gru import GRUResetBeforeThroughTime, GRUThroughTime
from rnnlab.recurrent.bptt.lstm import LSTMThroughTime
from rnnlab.recurrent.bptt.rnn import RNNThroughTime
from rnnlab.recurrent.equations import (
    Hidden,
    gru_reset_before_step,
    gru_step,
    lstm_step,
    rnn_relu_step,
    rnn_step,
)


def by_hand(step: Callable[..., Hidden]) -> Callable[..., tuple[Tensor, ...]] | None:
    """Return the function over a sequence for a step of `equations`; None for a step without one.

    The function takes (projected, *state, weight_hh, bias_hh) and returns (output, *state).
    """
    if step is rnn_relu_step:
        return lambda *tensors: RNNThroughTime.apply(*tensors, True)
    known = {
        rnn_step: RNNThroughTime,
        gru_step: GRUThroughTime,
        gru_reset_before_step: GRUResetBeforeThroughTime,
        lstm_step: LSTMThroughTime,
    }
    return known[step].apply if step in known else None
