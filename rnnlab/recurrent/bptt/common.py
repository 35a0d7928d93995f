"""What all networks need on the way through time and back. Shapes as in `bptt`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


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


def incoming_gradient(d_output: Tensor, d_last: Tensor) -> tuple[Tensor, list[Tensor]]:
    """dh after the last step (B, H); and a list of T, ∂L/∂output_{t-1} for t = T … 1, where h_0 is blamed for 0."""
    d_outputs = d_output.unbind(0)
    return d_last + d_outputs[-1], [*reversed(d_outputs[:-1]), torch.zeros_like(d_last)]


def weight_gradient(da: Tensor, h_prev: Tensor) -> Tensor:
    """Σ_t da_tᵀ h_{t-1} for all steps and the whole batch in one product: (T, B, G), (T, B, H) → (G, H)."""
    return da.flatten(0, 1).T @ h_prev.flatten(0, 1)


def bias_gradient(da: Tensor, bias: Tensor | None) -> Tensor | None:
    """Σ_t da_t over the batch, (T, B, G) → (G,), where there is a bias."""
    return None if bias is None else da.sum((0, 1))


def unrolled(ctx: Any) -> Callable[..., tuple[Tensor, ...]]:
    """The same walk in the operations of `equations`: (projected, *state, weight_hh, bias_hh) → (output, *state)."""

    def walk(projected: Tensor, *rest: Tensor | None) -> tuple[Tensor, ...]:
        *state, weight_hh, bias_hh = rest
        output, last = ctx.equations.unroll(projected, tuple(state), weight_hh, bias_hh)
        return output, *last

    return walk
