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
        ctx.save_for_backward(a, h, c, tanh_c, weight_hh)
        ctx.bias = bias_hh is not None
        return h[1:], h[-1], c[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_output: Tensor, d_last: Tensor, d_cell: Tensor) -> tuple[Tensor | None, ...]:
        a, h, c, tanh_c, weight_hh = ctx.saved_tensors
        i, f, g, o = a.chunk(4, dim=-1)  # each (T, B, H)
        to_cell = minus_product(o, h[1:], tanh_c)  # o (1 - tanh²) = o - h tanh
        ig, fc = i * g, f * c[:-1]
        da = torch.empty_like(a)  # the slopes, so far
        four = da.unflatten(-1, (4, -1))  # (T, B, 4, H)
        to_i, to_f, to_g, to_o = four.unbind(2)
        minus_product(ig, ig, i, out=to_i)
        minus_product(fc, fc, f, out=to_f)
        minus_product(i, ig, g, out=to_g)  # i (1 - g²) = i - i g g
        minus_product(h[1:], h[1:], o, out=to_o)
        dh, d_before = blame(d_output, d_last)
        dc = d_cell
        for d_prev, (to_cell_t, f_t, da_t, da_ifg, da_o) in zip(
            d_before, reversed(steps(to_cell, f, da, four[:, :, :3], four[:, :, 3])), strict=True
        ):
            dc = torch.addcmul(dc, dh, to_cell_t)
            da_ifg *= dc.unsqueeze(1)
            da_o *= dh
            dc *= f_t
            dh = torch.addmm(d_prev, da_t, weight_hh)
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
            torch.lerp(tanh_(n.addcmul_(r, hn_t)), h_prev, z, out=h_t)
        ctx.save_for_backward(a, h, hn, weight_hh)
        ctx.bias = bias_hh is not None
        return h[1:], h[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_output: Tensor, d_last: Tensor) -> tuple[Tensor | None, ...]:
        a, h, hn, weight_hh = ctx.saved_tensors
        r, z, n = a.chunk(3, dim=-1)  # each (T, B, H)
        d_h = torch.empty_like(a)  # to h_prev W_hhᵀ + b_hh; the slopes, so far
        da_r, da_z, d_hn = d_h.chunk(3, dim=-1)
        d_n = gru_slopes(h[:-1], hn, (r, z, n), da_r, da_z)  # to x_n; r and z are blamed alike on both sides
        dh, d_before = blame(d_output, d_last)
        for d_prev, (d_h_t, da_r_t, da_z_t, d_hn_t, d_n_t, r_t, z_t) in zip(
            d_before, reversed(steps(d_h, da_r, da_z, d_hn, d_n, r, z)), strict=True
        ):
            da_z_t *= dh
            da_r_t *= d_n_t.mul_(dh)
            torch.mul(d_n_t, r_t, out=d_hn_t)
            dh = torch.addmm(d_prev, d_h_t, weight_hh).addcmul_(dh, z_t)
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
            n.addmm_(torch.mul(r, h_prev, out=rh_t), w_n.T)
            torch.lerp(tanh_(n), h_prev, z, out=h_t)
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
        da = torch.empty_like(a)  # the slopes, so far
        (da_rz, da_n), (da_r, da_z, _) = da.split((2 * size, size), dim=-1), da.chunk(3, dim=-1)
        gru_slopes(h[:-1], h[:-1], (r, z, n), da_r, da_z, da_n)
        dh, d_before = blame(d_output, d_last)
        for d_prev, (da_rz_t, da_r_t, da_z_t, da_n_t, r_t, z_t) in zip(
            d_before, reversed(steps(da_rz, da_r, da_z, da_n, r, z)), strict=True
        ):
            d_rh = da_n_t.mul_(dh) @ w_n
            da_r_t *= d_rh
            da_z_t *= dh
            dh = torch.addmm(d_prev, da_rz_t, w_rz).addcmul_(dh, z_t).addcmul_(d_rh, r_t)
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


def tanh_(a: Tensor, out: Tensor | None = None) -> Tensor:
    """tanh into `out`, or in place. It is 2σ(2a) - 1, and on a CPU PyTorch's σ takes a quarter of its tanh's time.

    The two differ by less than 3e-7; so numbers below 3e-8 become 0. Half precision could not afford the difference.
    """
    out = a if out is None else out
    if a.is_cuda or a.element_size() < 4:
        return torch.tanh(a, out=out)
    return torch.mul(a, 2, out=out).sigmoid_().mul_(2).sub_(1)


def minus_product(a: Tensor, b: Tensor, c: Tensor, out: Tensor | None = None) -> Tensor:
    """a - b ⊙ c in one pass; with b = a that is a ⊙ (1 - c)."""
    return torch.addcmul(a, b, c, value=-1, out=out)


def gru_slopes(
    h_prev: Tensor, scaled: Tensor, gates: tuple[Tensor, ...], to_r: Tensor, to_z: Tensor, to_n: Tensor | None = None
) -> Tensor:
    """Write what the blame is multiplied with on its way to the gates (r, z, n) into `to_r`, `to_z`, `to_n`.

    to_r = scaled ⊙ r(1-r),   to_z = (h_prev - n) ⊙ z(1-z),   to_n = (1 - z) ⊙ (1 - n²)

    `scaled` is what r multiplies: hn if it resets after the product, h_prev if before. All are (T, B, H). Returns to_n,
    a new tensor if none is given.
    """
    r, z, n = gates
    kept_by_r, kept_by_z, new = scaled * r, (h_prev - n) * z, 1 - z
    minus_product(kept_by_r, kept_by_r, r, out=to_r)
    minus_product(kept_by_z, kept_by_z, z, out=to_z)
    return minus_product(new, new * n, n, out=to_n)


def blame(d_output: Tensor, d_last: Tensor) -> tuple[Tensor, list[Tensor]]:
    """dh after the last step (B, H); and a list of T, ∂L/∂output_{t-1} for t = T … 1, where h_0 is blamed for 0."""
    d_outputs = d_output.unbind(0)
    return d_last + d_outputs[-1], [*reversed(d_outputs[:-1]), torch.zeros_like(d_last)]


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
