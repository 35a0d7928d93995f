"""Backpropagation through time, written out: the gradients of a whole sequence by hand.

`layers.run_layer` can leave the gradient to autograd, which records each small operation of each step and walks the
record backwards. Here the same walk is written down (Werbos 1990, "Backpropagation through time"; Dive into Deep
Learning 9.7). Forward, each step keeps what its own derivative will need. Backward, from the last step to the first,
dh holds ∂L/∂h_t: what this step's output is blamed for, plus what the next step passes back,

    da_t    = dh ⊙ ∂h_t/∂a_t                   through the activation, to the sum a_t inside of it
    dh_prev = da_t W_hh + ∂L/∂output_{t-1}     through the product, to the step before

Two things make it fast. What a derivative needs of *other* steps is only dh, so all else (the slopes of the
activations) is computed for all steps at once, outside of the loop. And the weights are the same at every step, so
their gradient is a sum over the steps, Σ_t da_tᵀ h_{t-1}: one large product instead of T small ones.

Shapes: T time, B batch, H hidden, G = gates · H. Each function takes projected (T, B, G) = x W_ihᵀ + b_ih, the state
before the first step, weight_hh (G, H) and bias_hh (G,) or None, and returns h at every step (T, B, H) and the state
after the last. The tests hold them against the equations that they differentiate, and against finite differences.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import FunctionCtx, once_differentiable

from rnnlab.recurrent.equations import (
    Hidden,
    gru_reset_before_step,
    gru_step,
    lstm_step,
    rnn_relu_step,
    rnn_step,
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
        for t, x in enumerate(from_x.unbind(0)):
            torch.addmm(x, h[t], weight_hh.T, out=h[t + 1])
            h[t + 1].relu_() if relu else h[t + 1].tanh_()
        ctx.save_for_backward(h, weight_hh)
        ctx.relu, ctx.bias = relu, bias_hh is not None
        return h[1:], h[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_output: Tensor, d_last: Tensor) -> tuple[Tensor | None, ...]:
        h, weight_hh = ctx.saved_tensors
        slope = (h[1:] > 0).to(h.dtype) if ctx.relu else 1 - h[1:] * h[1:]
        da = torch.empty_like(slope)  # (T, B, H)
        dh = d_last + d_output[-1]
        for t in reversed(range(len(da))):
            torch.mul(dh, slope[t], out=da[t])
            dh = passed_back(d_output, t, da[t], weight_hh)
        return da, dh, weight_gradient(da, h[:-1]), bias_gradient(da, ctx.bias), None


class LSTMThroughTime(Function):
    """`equations.lstm_step` at every step; a_t has the rows i, f, g, o.

    c_t = f ⊙ c_prev + i ⊙ g,   h_t = o ⊙ tanh(c_t)

    dc += dh ⊙ o ⊙ (1 - tanh(c_t)²)
    da  = [dc ⊙ g ⊙ i(1-i),  dc ⊙ c_prev ⊙ f(1-f),  dc ⊙ i ⊙ (1-g²),  dh ⊙ tanh(c_t) ⊙ o(1-o)]
    dc_prev = dc ⊙ f
    """

    @staticmethod
    def forward(
        ctx: FunctionCtx, projected: Tensor, h_0: Tensor, c_0: Tensor, weight_hh: Tensor, bias_hh: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        a = projected.clone() if bias_hh is None else projected + bias_hh  # becomes the gates, in place
        h, c = first_state(h_0, projected), first_state(c_0, projected)
        tanh_c = torch.empty_like(c[1:])
        for t, gates in enumerate(a.unbind(0)):
            gates.addmm_(h[t], weight_hh.T)
            i, f, g, o = gates.chunk(4, dim=-1)
            gates[:, : 2 * h.shape[-1]].sigmoid_()  # i and f lie side by side
            g.tanh_()
            o.sigmoid_()
            torch.mul(f, c[t], out=c[t + 1]).addcmul_(i, g)
            torch.tanh(c[t + 1], out=tanh_c[t])
            torch.mul(o, tanh_c[t], out=h[t + 1])
        ctx.save_for_backward(a, h, c, tanh_c, weight_hh)
        ctx.bias = bias_hh is not None
        return h[1:], h[-1], c[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_output: Tensor, d_last: Tensor, d_cell: Tensor) -> tuple[Tensor | None, ...]:
        a, h, c, tanh_c, weight_hh = ctx.saved_tensors
        i, f, g, o = a.chunk(4, dim=-1)  # each (T, B, H)
        to_cell = o * (1 - tanh_c * tanh_c)
        to_ifg = torch.stack([g * i * (1 - i), c[:-1] * f * (1 - f), i * (1 - g * g)], dim=2)  # (T, B, 3, H)
        to_o = tanh_c * o * (1 - o)
        da = torch.empty_like(a)
        four = da.unflatten(-1, (4, -1))  # (T, B, 4, H)
        dh, dc = d_last + d_output[-1], d_cell
        for t in reversed(range(len(da))):
            dc = torch.addcmul(dc, dh, to_cell[t])
            torch.mul(dc.unsqueeze(1), to_ifg[t], out=four[t, :, :3])
            torch.mul(dh, to_o[t], out=four[t, :, 3])
            dc *= f[t]
            dh = passed_back(d_output, t, da[t], weight_hh)
        return da, dh, dc, weight_gradient(da, h[:-1]), bias_gradient(da, ctx.bias)


class GRUThroughTime(Function):
    """`equations.gru_step` at every step, the reset gate after the product; rows r, z, n. hn = h_prev W_hnᵀ + b_hn.

    n = tanh(x_n + r ⊙ hn),   h_t = (1 - z) ⊙ n + z ⊙ h_prev

    da_z = dh ⊙ (h_prev - n) ⊙ z(1-z)
    da_n = dh ⊙ (1 - z) ⊙ (1 - n²)         to x_n; to hn it is da_n ⊙ r
    da_r = da_n ⊙ hn ⊙ r(1-r)
    dh_prev = dh ⊙ z + [da_r, da_z, da_n ⊙ r] W_hh
    """

    @staticmethod
    def forward(
        ctx: FunctionCtx, projected: Tensor, h_0: Tensor, weight_hh: Tensor, bias_hh: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        size = h_0.shape[-1]
        a = projected.clone()  # becomes r, z, n in place
        h = first_state(h_0, projected)
        hn = torch.empty_like(h[1:])
        for t, gates in enumerate(a.unbind(0)):
            from_h = h[t] @ weight_hh.T if bias_hh is None else torch.addmm(bias_hh, h[t], weight_hh.T)
            rz, n = gates.split((2 * size, size), dim=-1)
            rz.add_(from_h[:, : 2 * size]).sigmoid_()
            hn[t] = from_h[:, 2 * size :]
            n.addcmul_(rz[:, :size], hn[t]).tanh_()
            torch.lerp(n, h[t], rz[:, size:], out=h[t + 1])
        ctx.save_for_backward(a, h, hn, weight_hh)
        ctx.bias = bias_hh is not None
        return h[1:], h[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_output: Tensor, d_last: Tensor) -> tuple[Tensor | None, ...]:
        a, h, hn, weight_hh = ctx.saved_tensors
        r, z, n = a.chunk(3, dim=-1)  # each (T, B, H)
        to_zn = torch.stack([(h[:-1] - n) * z * (1 - z), (1 - z) * (1 - n * n)], dim=2)  # (T, B, 2, H)
        to_r = hn * r * (1 - r)
        d_h = torch.empty_like(a)  # to h_prev W_hhᵀ + b_hh
        d_n = torch.empty_like(h[1:])  # to x_n; r and z are blamed alike on both sides
        three = d_h.unflatten(-1, (3, -1))  # (T, B, 3, H)
        dh = d_last + d_output[-1]
        for t in reversed(range(len(a))):
            both = torch.mul(dh.unsqueeze(1), to_zn[t])  # da_z and da_n, (B, 2, H)
            three[t, :, 1] = both[:, 0]
            d_n[t] = both[:, 1]
            torch.mul(d_n[t], to_r[t], out=three[t, :, 0])
            torch.mul(d_n[t], r[t], out=three[t, :, 2])
            dh = passed_back(d_output, t, d_h[t], weight_hh).addcmul_(dh, z[t])
        d_projected = torch.cat([d_h[..., : -d_n.shape[-1]], d_n], dim=-1)
        return d_projected, dh, weight_gradient(d_h, h[:-1]), bias_gradient(d_h, ctx.bias)


class GRUResetBeforeThroughTime(Function):
    """`equations.gru_reset_before_step` at every step: the reset gate before the product, so there are two in a row.

    n = tanh(x_n + (r ⊙ h_prev) W_hnᵀ + b_hn),   h_t = (1 - z) ⊙ n + z ⊙ h_prev

    da_n = dh ⊙ (1 - z) ⊙ (1 - n²),   d(r ⊙ h_prev) = da_n W_hn
    da_r = d(r ⊙ h_prev) ⊙ h_prev ⊙ r(1-r),   da_z = dh ⊙ (h_prev - n) ⊙ z(1-z)
    dh_prev = dh ⊙ z + d(r ⊙ h_prev) ⊙ r + [da_r, da_z] W_hrz
    """

    @staticmethod
    def forward(
        ctx: FunctionCtx, projected: Tensor, h_0: Tensor, weight_hh: Tensor, bias_hh: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        size = h_0.shape[-1]
        a = projected.clone() if bias_hh is None else projected + bias_hh  # becomes r, z, n in place
        h = first_state(h_0, projected)
        rh = torch.empty_like(h[1:])
        w_rz, w_n = weight_hh.split((2 * size, size))
        for t, gates in enumerate(a.unbind(0)):
            rz, n = gates.split((2 * size, size), dim=-1)
            rz.addmm_(h[t], w_rz.T).sigmoid_()
            torch.mul(rz[:, :size], h[t], out=rh[t])
            n.addmm_(rh[t], w_n.T).tanh_()
            torch.lerp(n, h[t], rz[:, size:], out=h[t + 1])
        ctx.save_for_backward(a, h, rh, weight_hh)
        ctx.bias = bias_hh is not None
        return h[1:], h[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_output: Tensor, d_last: Tensor) -> tuple[Tensor | None, ...]:
        a, h, rh, weight_hh = ctx.saved_tensors
        size = h.shape[-1]
        w_rz, w_n = weight_hh.split((2 * size, size))
        r, z, n = a.chunk(3, dim=-1)  # each (T, B, H)
        to_z, to_n, to_r = (h[:-1] - n) * z * (1 - z), (1 - z) * (1 - n * n), h[:-1] * r * (1 - r)
        da = torch.empty_like(a)
        da_rz, da_n = da.split((2 * size, size), dim=-1)
        dh = d_last + d_output[-1]
        for t in reversed(range(len(a))):
            torch.mul(dh, to_n[t], out=da_n[t])
            d_rh = da_n[t] @ w_n
            torch.mul(d_rh, to_r[t], out=da_rz[t, :, :size])
            torch.mul(dh, to_z[t], out=da_rz[t, :, size:])
            dh = passed_back(d_output, t, da_rz[t], w_rz).addcmul_(dh, z[t]).addcmul_(d_rh, r[t])
        d_weight = torch.cat([weight_gradient(da_rz, h[:-1]), weight_gradient(da_n, rh)])
        return da, dh, d_weight, bias_gradient(da, ctx.bias)


def first_state(state: Tensor, projected: Tensor) -> Tensor:
    """Room for the states before, between and after all steps, (T + 1, B, H), the first one filled in."""
    room = state.new_empty(len(projected) + 1, *state.shape)
    room[0] = state
    return room


def passed_back(d_output: Tensor, t: int, da: Tensor, weight_hh: Tensor) -> Tensor:
    """∂L/∂h_{t-1} through the product, plus what the output of step t-1 is blamed for itself; a new tensor (B, H)."""
    return torch.addmm(d_output[t - 1], da, weight_hh) if t else da @ weight_hh


def weight_gradient(da: Tensor, h_prev: Tensor) -> Tensor:
    """Σ_t da_tᵀ h_{t-1} for all steps and the whole batch in one product: (T, B, G), (T, B, H) → (G, H)."""
    return da.flatten(0, 1).T @ h_prev.flatten(0, 1)


def bias_gradient(da: Tensor, wanted: bool) -> Tensor | None:
    return da.sum((0, 1)) if wanted else None


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
