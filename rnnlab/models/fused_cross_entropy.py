"""Linear output, softmax and negative log-likelihood in one operation, differentiated by hand.

    logits = h Wᵀ + b          p = softmax(logits)          NLL = -1/N Σₙ log p[n, yₙ]

The textbook's form is `cross_entropy` below: `F.linear`, then `F.cross_entropy`, differentiated by autograd.
`tests/models/test_fused_cross_entropy.py` holds the two equal. The gradient is short (Goodfellow, Bengio & Courville
2016, *Deep Learning*, 6.2.2; Dive into Deep Learning 4.1.2): the probabilities, less 1 at the answer,

    ∂NLL/∂logits = (p - one_hot(y)) / N

and then that of a product: ∂/∂h = ∂logits W, ∂/∂W = ∂logitsᵀ h, ∂/∂b = Σₙ ∂logits.

The logits are the largest matrix of training. Here they are overwritten by the probabilities, and those by the
gradient: one matrix instead of three. Each of its rows begins at a cache line, which saves a third of the time of the
product that fills it.

The logits are gone by then, and the probability of an answer may underflow. The largest of a row cannot:

    p_max = 1 / Σ exp(logit - max)          log p_y = logit_y - max + log p_max

Shapes: N predictions, H hidden, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own abbreviation
from torch import Tensor
from torch.autograd import Function

from rnnlab.recurrent import differentiable_again, is_autocast, is_transformed

CACHE_LINE = 16  # floats in a cache line of 64 bytes


def fused_cross_entropy(hidden: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """Return the mean NLL in nats, by `FusedCrossEntropy`; by autograd under `torch.func` and autocast."""
    if is_transformed() or is_autocast():
        return cross_entropy(hidden, weight, bias, targets)
    return FusedCrossEntropy.apply(hidden, weight, bias, targets)


def cross_entropy(hidden: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """Return the mean NLL by its textbook form, which autograd differentiates."""
    return F.cross_entropy(F.linear(hidden, weight, bias), targets)


def _textbook(ctx: Any) -> Callable[..., Tensor]:
    """Return the same function in operations that autograd records, for `differentiable_again`."""
    return cross_entropy


class FusedCrossEntropy(Function):
    """Compute the mean NLL in nats of `targets` (N,) from hidden (N, H), W (V, H) and b (V,).

    Targets are whole numbers below V.
    Targets are not checked: a vocabulary of V gives ids below V.
    """

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
        classes, answers = len(weight), targets[:, None]
        rows = hidden.new_empty(len(hidden), -(-classes // CACHE_LINE) * CACHE_LINE)
        rows[:, classes:] = -torch.inf  # padding of the cache line: p = 0
        torch.addmm(bias, hidden, weight.T, out=rows[:, :classes])
        under_max = rows.amax(dim=1) - rows.gather(1, answers)[:, 0]
        p = torch.softmax(rows, dim=1, out=rows)
        nll = (under_max - p.amax(dim=1).log()).mean()
        d_logits = p.scatter_add_(1, answers, p.new_full((1, 1), -1.0).expand_as(answers))  # p - one_hot(y)
        ctx.inputs = 4
        ctx.save_for_backward(hidden, weight, bias, targets, d_logits)
        return nll

    @staticmethod
    @differentiable_again(_textbook)
    def backward(ctx: Any, d_nll: Tensor) -> tuple[Tensor | None, ...]:
        hidden, weight, _, _, d_logits = ctx.saved_tensors
        d_logits = d_logits[:, : len(weight)]
        ones = hidden.new_ones(len(hidden))  # a sum as a product: faster than `sum`
        share = d_nll / len(hidden)
        return (d_logits @ weight).mul_(share), (d_logits.T @ hidden).mul_(share), (ones @ d_logits).mul_(share), None
