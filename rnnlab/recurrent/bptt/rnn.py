"""The gradients of the plain network. Shapes as in `bptt`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import FunctionCtx, once_differentiable

from rnnlab.recurrent.bptt.walking import (
    bias_gradient,
    blame,
    first_state,
    minus_product,
    steps,
    tanh_,
    weight_gradient,
)


class RNNThroughTime(Function):
    """`equations.rnn_step` at every step.

        h_t = tanh(a_t),  a_t = projected_t + h_prev W_hhᵀ + b_hh          da_t = dh ⊙ (1 - h_t²)

    With `relu` the slope is 1 where h_t > 0 and 0 elsewhere.
    """

    @staticmethod
    def forward(
        ctx: FunctionCtx, projected: Tensor, h_0: Tensor, weight_hh: Tensor, bias_hh: Tensor | None, relu: bool = False
    ) -> tuple[Tensor, Tensor]:
        from_x = projected if bias_hh is None else projected + bias_hh
        h = first_state(h_0, projected)  # (T + 1, B, H)
        squash, weight = (torch.relu_ if relu else tanh_), weight_hh.T
        for x, h_prev, h_t in steps(from_x, h[:-1], h[1:]):
            squash(torch.addmm(x, h_prev, weight, out=h_t))
        ctx.save_for_backward(h, weight_hh)
        ctx.relu, ctx.bias = relu, bias_hh is not None
        return h[1:], h[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_output: Tensor, d_last: Tensor) -> tuple[Tensor | None, ...]:
        h, weight_hh = ctx.saved_tensors
        # 1 - h² at every step, (T, B, H): the slopes, so far
        da = (h[1:] > 0).to(h.dtype) if ctx.relu else minus_product(h.new_ones(()), h[1:], h[1:])
        dh, d_before = blame(d_output, d_last)
        for d_prev, da_t in zip(d_before, reversed(da.unbind(0)), strict=True):
            dh = torch.addmm(d_prev, da_t.mul_(dh), weight_hh)
        return da, dh, weight_gradient(da, h[:-1]), bias_gradient(da, ctx.bias), None
