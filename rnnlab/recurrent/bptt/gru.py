"""The GRU and its gradients written by hand, in both of its forms. Shapes and tests as in `bptt`."""

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
from rnnlab.recurrent.equations import gru_equations


class GRUThroughTime(Function):
    """Run `equations.gru_step` at every step: the reset gate acts after the product.

    Rows r, z, n; hn = h_prev W_hnᵀ + b_hn.

    n = tanh(x_n + r ⊙ hn),   h_t = (1 - z) ⊙ n + z ⊙ h_prev

    da_z = dh ⊙ (h_prev - n) ⊙ z(1-z)
    da_n = dh ⊙ (1 - z) ⊙ (1 - n²)         to x_n; to hn it is da_n ⊙ r
    da_r = da_n ⊙ hn ⊙ r(1-r)
    dh_prev = dh ⊙ z + [da_r, da_z, da_n ⊙ r] W_hh
    """

    @staticmethod
    def forward(
        ctx: Any, projected: Tensor, h_0: Tensor, weight_hh: Tensor, bias_hh: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        size = h_0.shape[-1]
        a = projected.clone()  # overwritten by r, z, n
        h = first_state(h_0, projected)
        hn = torch.empty_like(h[1:])
        weight, parts = weight_hh.T, (2 * size, size)
        for gates, h_prev, hn_t, h_t in steps(a, h[:-1], hn, h[1:]):
            from_h = h_prev @ weight if bias_hh is None else torch.addmm(bias_hh, h_prev, weight)
            (rz, n), (rz_from_h, n_from_h) = gates.split(parts, dim=-1), from_h.split(parts, dim=-1)
            r, z = rz.add_(rz_from_h).sigmoid_().chunk(2, dim=-1)
            hn_t.copy_(n_from_h)
            torch.lerp(tanh_(n.addcmul_(r, hn_t)), h_prev, z, out=h_t)
        ctx.equations, ctx.inputs = gru_equations(True), 4
        ctx.save_for_backward(projected, h_0, weight_hh, bias_hh, a, h, hn)
        return h[1:], h[-1]

    @staticmethod
    @differentiable_again(unrolled)
    def backward(ctx: Any, d_output: Tensor, d_last: Tensor) -> tuple[Tensor | None, ...]:
        _, _, weight_hh, bias_hh, a, h, hn = ctx.saved_tensors
        r, z, n = a.chunk(3, dim=-1)  # each (T, B, H)
        d_h = torch.empty_like(a)  # to h_prev W_hhᵀ + b_hh; first the slopes
        da_r, da_z, d_hn = d_h.chunk(3, dim=-1)
        d_n = gru_slopes(h[:-1], hn, (r, z, n), da_r, da_z)  # to x_n; the gradients to r and z are the same for x and h
        dh, d_before = incoming_gradient(d_output, d_last)
        for d_prev, (d_h_t, da_r_t, da_z_t, d_hn_t, d_n_t, r_t, z_t) in zip(
            d_before, reversed(steps(d_h, da_r, da_z, d_hn, d_n, r, z)), strict=True
        ):
            da_z_t *= dh
            da_r_t *= d_n_t.mul_(dh)
            torch.mul(d_n_t, r_t, out=d_hn_t)
            dh = torch.addmm(d_prev, d_h_t, weight_hh).addcmul_(dh, z_t)
        d_projected = torch.cat([d_h[..., : -d_n.shape[-1]], d_n], dim=-1)
        return d_projected, dh, weight_gradient(d_h, h[:-1]), bias_gradient(d_h, bias_hh)


class GRUResetBeforeThroughTime(Function):
    """Run `equations.gru_reset_before_step` at every step: the reset gate acts before the product.

    n = tanh(x_n + (r ⊙ h_prev) W_hnᵀ + b_hn),   h_t = (1 - z) ⊙ n + z ⊙ h_prev

    da_n = dh ⊙ (1 - z) ⊙ (1 - n²),   d(r ⊙ h_prev) = da_n W_hn
    da_r = d(r ⊙ h_prev) ⊙ h_prev ⊙ r(1-r),   da_z = dh ⊙ (h_prev - n) ⊙ z(1-z)
    dh_prev = dh ⊙ z + d(r ⊙ h_prev) ⊙ r + [da_r, da_z] W_hrz
    """

    @staticmethod
    def forward(
        ctx: Any, projected: Tensor, h_0: Tensor, weight_hh: Tensor, bias_hh: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        size = h_0.shape[-1]
        a = projected.clone() if bias_hh is None else projected + bias_hh  # overwritten by r, z, n
        h = first_state(h_0, projected)
        rh = torch.empty_like(h[1:])
        w_rz, w_n = weight_hh.split((2 * size, size))
        for gates, h_prev, rh_t, h_t in steps(a, h[:-1], rh, h[1:]):
            rz, n = gates.split((2 * size, size), dim=-1)
            r, z = rz.addmm_(h_prev, w_rz.T).sigmoid_().chunk(2, dim=-1)
            n.addmm_(torch.mul(r, h_prev, out=rh_t), w_n.T)
            torch.lerp(tanh_(n), h_prev, z, out=h_t)
        ctx.equations, ctx.inputs = gru_equations(False), 4
        ctx.save_for_backward(projected, h_0, weight_hh, bias_hh, a, h, rh)
        return h[1:], h[-1]

    @staticmethod
    @differentiable_again(unrolled)
    def backward(ctx: Any, d_output: Tensor, d_last: Tensor) -> tuple[Tensor | None, ...]:
        _, _, weight_hh, bias_hh, a, h, rh = ctx.saved_tensors
        size = h.shape[-1]
        w_rz, w_n = weight_hh.split((2 * size, size))
        r, z, n = a.chunk(3, dim=-1)  # each (T, B, H)
        da = torch.empty_like(a)  # first the slopes, then the gradients
        (da_rz, da_n), (da_r, da_z, _) = da.split((2 * size, size), dim=-1), da.chunk(3, dim=-1)
        gru_slopes(h[:-1], h[:-1], (r, z, n), da_r, da_z, da_n)
        dh, d_before = incoming_gradient(d_output, d_last)
        for d_prev, (da_rz_t, da_r_t, da_z_t, da_n_t, r_t, z_t) in zip(
            d_before, reversed(steps(da_rz, da_r, da_z, da_n, r, z)), strict=True
        ):
            d_rh = da_n_t.mul_(dh) @ w_n
            da_r_t *= d_rh
            da_z_t *= dh
            dh = torch.addmm(d_prev, da_rz_t, w_rz).addcmul_(dh, z_t).addcmul_(d_rh, r_t)
        d_weight = torch.cat([weight_gradient(da_rz, h[:-1]), weight_gradient(da_n, rh)])
        return da, dh, d_weight, bias_gradient(da, bias_hh)


def gru_slopes(
    h_prev: Tensor, scaled: Tensor, gates: tuple[Tensor, ...], to_r: Tensor, to_z: Tensor, to_n: Tensor | None = None
) -> Tensor:
    """Write the factors from the incoming gradient to the gates (r, z, n) into `to_r`, `to_z`, `to_n`.

    to_r = scaled ⊙ r(1-r),   to_z = (h_prev - n) ⊙ z(1-z),   to_n = (1 - z) ⊙ (1 - n²)

    `scaled` is what r multiplies: hn if it resets after the product, h_prev if before. All are (T, B, H). Returns to_n,
    a new tensor if none is given.
    """
    r, z, n = gates
    kept_by_r, kept_by_z, new = scaled * r, (h_prev - n) * z, 1 - z
    minus_product(kept_by_r, kept_by_r, r, out=to_r)
    minus_product(kept_by_z, kept_by_z, z, out=to_z)
    return minus_product(new, new * n, n, out=to_n)
