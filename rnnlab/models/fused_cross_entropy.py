"""The end of a network, written out: a linear output, the softmax, and how little it expected what really comes.

    logits = h Wᵀ + b          p = softmax(logits)          NLL = -1/N Σₙ log p[n, yₙ]

`F.linear` and `F.cross_entropy` compute the same, and autograd differentiates them. Here the gradient is written down,
for it is a short one (Goodfellow, Bengio & Courville 2016, *Deep Learning*, 6.2.2; Dive into Deep Learning 4.1.2): the
probabilities, less one where the answer is,

    ∂NLL/∂logits = (p - one_hot(y)) / N

and the rest is that of a product: ∂/∂h = ∂logits W, ∂/∂W = ∂logitsᵀ h, ∂/∂b = Σₙ ∂logits.

It is there because the logits are the largest matrix of a training. They become the probabilities, and those their
own gradient, in the place where they were computed: one matrix instead of three. And each of its rows begins where a
line of the processor's cache does, which saves a third of the time of the product that fills it.

By then the logits are gone, and the probability of an answer may be too small for a float. The largest of a row is not:

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

LINE = 16  # numbers in a line of the cache: 64 bytes


def fused_cross_entropy(hidden: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """Return the mean NLL in nats, by `FusedCrossEntropy`; by autograd under `torch.func` and autocast."""
    if is_transformed() or is_autocast():
        return cross_entropy(hidden, weight, bias, targets)
    return FusedCrossEntropy.apply(hidden, weight, bias, targets)


def cross_entropy(hidden: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """Return the mean NLL by its textbook form, which autograd differentiates."""
    return F.cross_entropy(F.linear(hidden, weight, bias), targets)


def _long_way(ctx: Any) -> Callable[..., Tensor]:
    return cross_entropy


class FusedCrossEntropy(Function):
    """Mean NLL in nats (a scalar) of `targets` (N,), whole numbers below V, after hidden (N, H), W (V, H), b (V,).

    Targets are not checked: what comes from a vocabulary of V is below V.
    """

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
        classes, answers = len(weight), targets[:, None]
        rows = hidden.new_empty(len(hidden), -(-classes // LINE) * LINE)
        rows[:, classes:] = -torch.inf  # what only fills the line up is never the answer: p = 0
        torch.addmm(bias, hidden, weight.T, out=rows[:, :classes])
        below_max = rows.amax(dim=1) - rows.gather(1, answers)[:, 0]
        p = torch.softmax(rows, dim=1, out=rows)
        nll = (below_max - p.amax(dim=1).log()).mean()
        wrong = p.scatter_add_(1, answers, p.new_full((1, 1), -1.0).expand_as(answers))  # p - one_hot(y)
        ctx.inputs = 4
        ctx.save_for_backward(hidden, weight, bias, targets, wrong)
        return nll

    @staticmethod
    @differentiable_again(_long_way)
    def backward(ctx: Any, d_nll: Tensor) -> tuple[Tensor | None, ...]:
        hidden, weight, _, _, wrong = ctx.saved_tensors
        wrong = wrong[:, : len(weight)]
        ones = hidden.new_ones(len(hidden))  # a sum as a product, which is quicker than `sum`
        share = d_nll / len(hidden)
        return (wrong @ weight).mul_(share), (wrong.T @ hidden).mul_(share), (ones @ wrong).mul_(share), None
