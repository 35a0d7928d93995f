"""Exercises on gradients through time: one step back by hand, and where the gradient is cut."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Draw, Exercise
from rnnlab.recurrent.bptt.common import weight_gradient
from rnnlab.recurrent.equations import rnn_step


def bptt_step(d_h: Tensor, h_t: Tensor, h_prev: Tensor, weight_hh: Tensor) -> tuple[Tensor, Tensor]:
    """Take the gradient one step back: from that of h_t to those of h_prev and of weight_hh."""
    da = d_h * (1 - h_t**2)
    return da @ weight_hh, weight_gradient(da[None], h_prev[None])


def _back(slope: Tensor, d_h: Tensor, h_prev: Tensor, weight_hh: Tensor) -> tuple[Tensor, Tensor]:
    """Take one step back with another slope of the activation."""
    return (d_h * slope) @ weight_hh, (d_h * slope).T @ h_prev


def _transposed(d_h: Tensor, h_t: Tensor, h_prev: Tensor, weight_hh: Tensor) -> tuple[Tensor, Tensor]:
    return bptt_step(d_h, h_t, h_prev, weight_hh.T)


def _weight_transposed(d_h: Tensor, h_t: Tensor, h_prev: Tensor, weight_hh: Tensor) -> tuple[Tensor, Tensor]:
    d_prev, d_weight = bptt_step(d_h, h_t, h_prev, weight_hh)
    return d_prev, d_weight.T


def _mean_over_rows(d_h: Tensor, h_t: Tensor, h_prev: Tensor, weight_hh: Tensor) -> tuple[Tensor, Tensor]:
    d_prev, d_weight = bptt_step(d_h, h_t, h_prev, weight_hh)
    return d_prev, d_weight / len(d_h)


def _steps_back() -> list[Arguments]:
    draw = Draw(31)
    made = []
    for rows, units in ((1, 2), (3, 4)):
        h_t, h_prev = draw.normal(rows, units).tanh(), draw.normal(rows, units).tanh()
        made.append((draw.normal(rows, units), h_t, h_prev, draw.normal(units, units)))
    return list(made)


def truncated_gradient(windows: Tensor, h: Tensor, weight_hh: Tensor) -> Tensor:
    """Return the gradient of weight_hh, with the state carried from window to window and the gradient cut there.

    The loss is half the squared norm of the state after each window, summed over the windows.
    """
    weight, total = weight_hh.detach().requires_grad_(), windows.new_zeros(())
    for window in windows:
        h = _read(window, h.detach(), weight)
        total = total + 0.5 * (h**2).sum()
    return torch.autograd.grad(total, weight)[0]


def _read(window: Tensor, h: Tensor, weight: Tensor) -> Tensor:
    """Return the state after the steps of a window (T, B, H)."""
    for from_x in window:
        (h,) = rnn_step(from_x, (h,), weight, None)
    return h


def _never_cut(windows: Tensor, h: Tensor, weight_hh: Tensor) -> Tensor:
    weight, total = weight_hh.detach().requires_grad_(), windows.new_zeros(())
    for window in windows:
        h = _read(window, h, weight)
        total = total + 0.5 * (h**2).sum()
    return torch.autograd.grad(total, weight)[0]


def _state_reset(windows: Tensor, h: Tensor, weight_hh: Tensor) -> Tensor:
    """Start each window from the first state."""
    each = [truncated_gradient(window[None], h, weight_hh) for window in windows]
    return torch.stack(each).sum(0)


def _last_window(windows: Tensor, h: Tensor, weight_hh: Tensor) -> Tensor:
    for window in windows[:-1]:
        h = _read(window, h, weight_hh.detach())
    return truncated_gradient(windows[-1:], h, weight_hh)


def _cut_at_each_step(windows: Tensor, h: Tensor, weight_hh: Tensor) -> Tensor:
    weight, total = weight_hh.detach().requires_grad_(), windows.new_zeros(())
    for window in windows:
        for from_x in window:
            (h,) = rnn_step(from_x, (h.detach(),), weight, None)
        total = total + 0.5 * (h**2).sum()
    return torch.autograd.grad(total, weight)[0]


def _windows() -> list[Arguments]:
    draw = Draw(32)
    return [
        (draw.normal(*shape), draw.normal(*shape[2:]).tanh(), draw.normal(shape[3], shape[3], scale=0.8))
        for shape in ((2, 2, 1, 2), (3, 4, 2, 3))
    ]


BPTT_STEP = Exercise(
    "bptt_step",
    {"d_h": "(B, H)", "h_t": "(B, H)", "h_prev": "(B, H)", "weight_hh": "(H, H)"},
    {"d_h_prev": "BH", "d_weight_hh": "HH"},
    bptt_step,
    _steps_back,
    {
        "no_slope_of_tanh": lambda d_h, h_t, *rest: _back(torch.ones_like(h_t), d_h, *rest),
        "slope_not_squared": lambda d_h, h_t, *rest: _back(1 - h_t, d_h, *rest),
        "slope_of_sigmoid": lambda d_h, h_t, *rest: _back(h_t * (1 - h_t), d_h, *rest),
        "slope_of_the_sum": lambda d_h, h_t, *rest: _back(1 - h_t.tanh() ** 2, d_h, *rest),
        "weight_transposed": _transposed,
        "weight_gradient_transposed": _weight_transposed,
        "mean_over_rows": _mean_over_rows,
    },
)
TRUNCATED_GRADIENT = Exercise(
    "truncated_gradient",
    {"windows": "(W, T, B, H)", "h": "(B, H)", "weight_hh": "(H, H)"},
    {"d_weight_hh": "HH"},
    truncated_gradient,
    _windows,
    {
        "no_detach": _never_cut,
        "state_reset": _state_reset,
        "last_window_only": _last_window,
        "detached_at_each_step": _cut_at_each_step,
    },
)
