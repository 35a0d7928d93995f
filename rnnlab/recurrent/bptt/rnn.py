"""The plain network and its gradients written by hand. Shapes and tests as in `bptt`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from rnnlab.recurrent.autograd_fallback import differentiable_again
from rnnlab.recurrent.bptt.common import (
    bias_gradient,
    first_state,
    incoming_gradient,
    minus_product,
    steps,
    tanh_,
    unrolled,
    weight_gradient,
)
from rnnlab.recurrent.equations import rnn_equations, rnn_relu_step


class RNNThroughTime(Function):
    """Run `equations.rnn_step` at every step.

        h_t = tanh(a_t),  a_t = projected_t + h_prev W_hhᵀ + b_hh          da_t = dh ⊙ (1 - h_t²)

    With `relu` the slope is 1 where h_t > 0 and 0 elsewhere.
    """

    @staticmethod
    def forward(
        ctx: Any, projected: Tensor, h_0: Tensor, weight_hh: Tensor, bias_hh: Tensor | None, relu: bool = False
    ) -> tuple[Tensor, Tensor]:
        from_x = projected if bias_hh is None else projected + bias_hh
        h = first_state(h_0, projected)  # (T + 1, B, H)
        squash, weight = (torch.relu_ if relu else tanh_), weight_hh.T
        for x, h_prev, h_t in steps(from_x, h[:-1], h[1:]):
            squash(torch.addmm(x, h_prev, weight, out=h_t))
        ctx.equations, ctx.inputs = rnn_equations("relu" if relu else "tanh"), 4
        ctx.save_for_backward(projected, h_0, weight_hh, bias_hh, h)
        return h[1:], h[-1]

    @staticmethod
    @differentiable_again(unrolled)
    def backward(ctx: Any, d_output: Tensor, d_last: Tensor) -> tuple[Tensor | None, ...]:
        _, _, weight_hh, bias_hh, h = ctx.saved_tensors
        relu = ctx.equations.step is rnn_relu_step
        # 1 - h² at every step, (T, B, H): first the slopes
        da = (h[1:] > 0).to(h.dtype) if relu else minus_product(h.new_ones(()), h[1:], h[1:])
        dh, d_before = incoming_gradient(d_output, d_last)
        for d_prev, da_t in zip(d_before, reversed(da.unbind(0)), strict=True):
            dh = torch.addmm(d_prev, da_t.mul_(dh), weight_hh)
        return da, dh, weight_gradient(da, h[:-1]), bias_gradient(da, bias_hh), None
