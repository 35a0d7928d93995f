"""The LSTM and its gradients written by hand. Shapes and tests as in `bptt`."""

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
from rnnlab.recurrent.equations import lstm_equations


class LSTMThroughTime(Function):
    """Run `equations.lstm_step` at every step; a_t has the rows i, f, g, o.

    c_t = f ⊙ c_prev + i ⊙ g,   h_t = o ⊙ tanh(c_t)

    dc += dh ⊙ o ⊙ (1 - tanh(c_t)²)
    da  = [dc ⊙ g ⊙ i(1-i),  dc ⊙ c_prev ⊙ f(1-f),  dc ⊙ i ⊙ (1-g²),  dh ⊙ tanh(c_t) ⊙ o(1-o)]
    dc_prev = dc ⊙ f
    """

    @staticmethod
    def forward(
        ctx: Any, projected: Tensor, h_0: Tensor, c_0: Tensor, weight_hh: Tensor, bias_hh: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        from_x = projected if bias_hh is None else projected + bias_hh
        a = torch.empty_like(projected)  # the sums, then the gates
        h, c = first_state(h_0, projected), first_state(c_0, projected)
        tanh_c = torch.empty_like(c[1:])
        size, weight = h_0.shape[-1], weight_hh.T
        for x, a_t, h_prev, c_prev, c_t, tanh_c_t, h_t in steps(from_x, a, h[:-1], c[:-1], c[1:], tanh_c, h[1:]):
            both, g, o = torch.addmm(x, h_prev, weight, out=a_t).split((2 * size, size, size), dim=-1)
            i, f = both.sigmoid_().chunk(2, dim=-1)
            torch.mul(f, c_prev, out=c_t).addcmul_(i, tanh_(g))
            torch.mul(o.sigmoid_(), tanh_(c_t, out=tanh_c_t), out=h_t)
        ctx.equations, ctx.inputs = lstm_equations(), 5
        ctx.save_for_backward(projected, h_0, c_0, weight_hh, bias_hh, a, h, c, tanh_c)
        return h[1:], h[-1], c[-1]

    @staticmethod
    @differentiable_again(unrolled)
    def backward(ctx: Any, d_output: Tensor, d_last: Tensor, d_cell: Tensor) -> tuple[Tensor | None, ...]:
        _, _, _, weight_hh, bias_hh, a, h, c, tanh_c = ctx.saved_tensors
        i, f, g, o = a.chunk(4, dim=-1)  # each (T, B, H)
        to_cell = minus_product(o, h[1:], tanh_c)  # o (1 - tanh²) = o - h tanh
        ig, fc = i * g, f * c[:-1]
        da = torch.empty_like(a)  # first the slopes, then the gradients
        four = da.unflatten(-1, (4, -1))  # (T, B, 4, H)
        to_i, to_f, to_g, to_o = four.unbind(2)
        minus_product(ig, ig, i, out=to_i)
        minus_product(fc, fc, f, out=to_f)
        minus_product(i, ig, g, out=to_g)  # i (1 - g²) = i - i g g
        minus_product(h[1:], h[1:], o, out=to_o)
        dh, d_before = incoming_gradient(d_output, d_last)
        dc = d_cell
        for d_prev, (to_cell_t, f_t, da_t, da_ifg, da_o) in zip(
            d_before, reversed(steps(to_cell, f, da, four[:, :, :3], four[:, :, 3])), strict=True
        ):
            dc = torch.addcmul(dc, dh, to_cell_t)
            da_ifg *= dc.unsqueeze(1)
            da_o *= dh
            dc *= f_t
            dh = torch.addmm(d_prev, da_t, weight_hh)
        return da, dh, dc, weight_gradient(da, h[:-1]), bias_gradient(da, bias_hh)
