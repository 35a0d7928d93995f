"""Shared helpers of the passes forward and backward through time. Shapes as in `bptt`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def first_state(state: Tensor, projected: Tensor) -> Tensor:
    """Allocate the states before, between and after all steps, (T + 1, B, H), and fill in the first."""
    states = state.new_empty(len(projected) + 1, *state.shape)
    states[0] = state
    return states


def steps(*sequences: Tensor) -> list[tuple[Tensor, ...]]:
    """Split sequences (T, ...) into T tuples, all at once, which is cheaper than indexing at each step."""
    return list(zip(*(sequence.unbind(0) for sequence in sequences), strict=True))


def tanh_(a: Tensor, out: Tensor | None = None) -> Tensor:
    """Compute tanh into `out`, or in place, as 2σ(2a) - 1.

    On a CPU PyTorch's σ takes a quarter of its tanh's time.
    The two differ by less than 3e-7, so numbers below 3e-8 become 0 (`tests/recurrent/test_bptt.py`). Half precision
    uses torch.tanh, for there the difference would matter.
    """
    out = a if out is None else out
    if a.is_cuda or a.element_size() < 4:
        return torch.tanh(a, out=out)
    return torch.mul(a, 2, out=out).sigmoid_().mul_(2).sub_(1)


def minus_product(a: Tensor, b: Tensor, c: Tensor, out: Tensor | None = None) -> Tensor:
    """Compute a - b ⊙ c in one pass; with b = a that is a ⊙ (1 - c)."""
    return torch.addcmul(a, b, c, value=-1, out=out)


def incoming_gradient(d_output: Tensor, d_last: Tensor) -> tuple[Tensor, list[Tensor]]:
    """Return dh after the last step (B, H) and ∂L/∂output_{t-1} for t = T … 1, which is 0 for h_0."""
    d_outputs = d_output.unbind(0)
    return d_last + d_outputs[-1], [*reversed(d_outputs[:-1]), torch.zeros_like(d_last)]


def weight_gradient(da: Tensor, h_prev: Tensor) -> Tensor:
    """Compute Σ_t da_tᵀ h_{t-1} for all steps and the batch in one product: (T, B, G), (T, B, H) → (G, H)."""
    return da.flatten(0, 1).T @ h_prev.flatten(0, 1)


def bias_gradient(da: Tensor, bias: Tensor | None) -> Tensor | None:
    """Compute Σ_t da_t over the batch, (T, B, G) → (G,), where there is a bias."""
    return None if bias is None else da.sum((0, 1))


def unrolled(ctx: Any) -> Callable[..., tuple[Tensor, ...]]:
    """Return the same pass in the operations of `equations`, for `differentiable_again`.

    It takes (projected, *state, weight_hh, bias_hh) and returns (output, *state).
    """

    def run(projected: Tensor, *rest: Tensor | None) -> tuple[Tensor, ...]:
        *state, weight_hh, bias_hh = rest
        output, last = ctx.equations.unroll(projected, tuple(state), weight_hh, bias_hh)
        return output, *last

    return run
