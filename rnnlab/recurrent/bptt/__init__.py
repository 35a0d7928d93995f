"""Backpropagation through time, written out: the gradients of a whole sequence by hand.

`layers.run_layer` can leave the gradient to autograd, which records each small operation of each step and walks the
record backwards. Here the same walk is written down (Werbos 1990, "Backpropagation through time"; Dive into Deep
Learning 9.7). Forward, each step keeps what its own derivative will need. Backward, from the last step to the first,
dh holds ∂L/∂h_t: what this step's output is blamed for, plus what the next step passes back,

    da_t    = dh ⊙ ∂h_t/∂a_t                   through the activation, to the sum a_t inside of it
    dh_prev = da_t W_hh + ∂L/∂output_{t-1}     through the product, to the step before

Two things make it fast. What a derivative needs of *other* steps is only dh, so all else (the slopes of the
activations) is computed for all steps at once, before the loop, which turns it in place into the da_t. And the weights
are the same at every step, so their gradient is a sum over the steps, Σ_t da_tᵀ h_{t-1}: one large product instead of
T small ones.

Shapes: T time, B batch, H hidden, G = gates · H. Each function takes projected (T, B, G) = x W_ihᵀ + b_ih, the state
before the first step, weight_hh (G, H) and bias_hh (G,), or None where there is none or where projected has it already.
It returns h at every step (T, B, H) and the state after the last. The tests hold them against the equations that they
differentiate, and against finite differences.

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
    """The function over a sequence for one of the steps in `equations`; None for a step that has none.

    It takes (projected, *state, weight_hh, bias_hh) and returns (output, *state).
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
