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
        squash, weight = (torch.relu_ if relu else torch.tanh_), weight_hh.T
        for x, h_prev, h_t in steps(from_x, h[:-1], h[1:]):
            squash(torch.addmm(x, h_prev, weight, out=h_t))
        ctx.save_for_backward(h, weight_hh)
        ctx.relu, ctx.bias = relu, bias_hh is not None
        return h[1:], h[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_output: Tensor, d_last: Tensor) -> tuple[Tensor | None, ...]:
        h, weight_hh = ctx.saved_tensors
        slope = (h[1:] > 0).to(h.dtype) if ctx.relu else 1 - h[1:] * h[1:]
        da = torch.empty_like(slope)  # (T, B, H)
        dh = d_last
        for d_out, slope_t, da_t in reversed(steps(d_output, slope, da)):
            torch.mul(dh + d_out, slope_t, out=da_t)
            dh = da_t @ weight_hh
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
        size, weight = h_0.shape[-1], weight_hh.T
        for gates, h_prev, c_prev, c_t, tanh_c_t, h_t in steps(a, h[:-1], c[:-1], c[1:], tanh_c, h[1:]):
            both, g, o = gates.addmm_(h_prev, weight).split((2 * size, size, size), dim=-1)
            i, f = both.sigmoid_().chunk(2, dim=-1)
            torch.mul(f, c_prev, out=c_t).addcmul_(i, g.tanh_())
            torch.mul(o.sigmoid_(), torch.tanh(c_t, out=tanh_c_t), out=h_t)
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
        dh, dc = d_last, d_cell
        for d_out, to_cell_t, to_ifg_t, to_o_t, f_t, da_t, da_ifg, da_o in reversed(
            steps(d_output, to_cell, to_ifg, to_o, f, da, four[:, :, :3], four[:, :, 3])
        ):
            dh = dh + d_out
            dc = torch.addcmul(dc, dh, to_cell_t)
            torch.mul(dc.unsqueeze(1), to_ifg_t, out=da_ifg)
            torch.mul(dh, to_o_t, out=da_o)
            dc *= f_t
            dh = da_t @ weight_hh
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
        weight, parts = weight_hh.T, (2 * size, size)
        for gates, h_prev, hn_t, h_t in steps(a, h[:-1], hn, h[1:]):
            from_h = h_prev @ weight if bias_hh is None else torch.addmm(bias_hh, h_prev, weight)
            (rz, n), (rz_from_h, n_from_h) = gates.split(parts, dim=-1), from_h.split(parts, dim=-1)
            r, z = rz.add_(rz_from_h).sigmoid_().chunk(2, dim=-1)
            hn_t.copy_(n_from_h)
            torch.lerp(n.addcmul_(r, hn_t).tanh_(), h_prev, z, out=h_t)
        ctx.save_for_backward(a, h, hn, weight_hh)
        ctx.bias = bias_hh is not None
        return h[1:], h[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_output: Tensor, d_last: Tensor) -> tuple[Tensor | None, ...]:
        a, h, hn, weight_hh = ctx.saved_tensors
        r, z, n = a.chunk(3, dim=-1)  # each (T, B, H)
        to_z, to_n, to_r = (h[:-1] - n) * z * (1 - z), (1 - z) * (1 - n * n), hn * r * (1 - r)
        d_h = torch.empty_like(a)  # to h_prev W_hhᵀ + b_hh
        d_n = torch.empty_like(h[1:])  # to x_n; r and z are blamed alike on both sides
        dh = d_last
        for d_out, to_z_t, to_n_t, to_r_t, r_t, z_t, d_n_t, d_h_t in reversed(
            steps(d_output, to_z, to_n, to_r, r, z, d_n, d_h)
        ):
            dh = dh + d_out
            da_r, da_z, d_hn = d_h_t.chunk(3, dim=-1)
            torch.mul(dh, to_z_t, out=da_z)
            torch.mul(torch.mul(dh, to_n_t, out=d_n_t), to_r_t, out=da_r)
            torch.mul(d_n_t, r_t, out=d_hn)
            dh = (d_h_t @ weight_hh).addcmul_(dh, z_t)
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
        for gates, h_prev, rh_t, h_t in steps(a, h[:-1], rh, h[1:]):
            rz, n = gates.split((2 * size, size), dim=-1)
            r, z = rz.addmm_(h_prev, w_rz.T).sigmoid_().chunk(2, dim=-1)
            n.addmm_(torch.mul(r, h_prev, out=rh_t), w_n.T).tanh_()
            torch.lerp(n, h_prev, z, out=h_t)
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
        dh = d_last
        for d_out, to_z_t, to_n_t, to_r_t, r_t, z_t, da_rz_t, da_n_t in reversed(
            steps(d_output, to_z, to_n, to_r, r, z, da_rz, da_n)
        ):
            dh = dh + d_out
            d_rh = torch.mul(dh, to_n_t, out=da_n_t) @ w_n
            torch.mul(d_rh, to_r_t, out=da_rz_t[:, :size])
            torch.mul(dh, to_z_t, out=da_rz_t[:, size:])
            dh = (da_rz_t @ w_rz).addcmul_(dh, z_t).addcmul_(d_rh, r_t)
        d_weight = torch.cat([weight_gradient(da_rz, h[:-1]), weight_gradient(da_n, rh)])
        return da, dh, d_weight, bias_gradient(da, ctx.bias)


def first_state(state: Tensor, projected: Tensor) -> Tensor:
    """Room for the states before, between and after all steps, (T + 1, B, H), the first one filled in."""
    room = state.new_empty(len(projected) + 1, *state.shape)
    room[0] = state
    return room


def steps(*sequences: Tensor) -> list[tuple[Tensor, ...]]:
    """What belongs to each step, of sequences (T, ...): taken apart at once, which is cheaper than step by step."""
    return list(zip(*(sequence.unbind(0) for sequence in sequences), strict=True))


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
