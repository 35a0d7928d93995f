"""The end of a network, written out: a linear output, the softmax, and how little it expected what really comes.

    logits = h Wᵀ + b          p = softmax(logits)          NLL = -1/N Σₙ log p[n, yₙ]

`F.linear` and `F.cross_entropy` compute the same, and autograd differentiates them. Here the gradient is written down,
for it is a short one (Goodfellow, Bengio & Courville 2016, *Deep Learning*, 6.2.2; Dive into Deep Learning 4.1.2): the
probabilities, less one where the answer is,

    ∂NLL/∂logits = (p - one_hot(y)) / N

and the rest is that of a product: ∂/∂h = ∂logits W, ∂/∂W = ∂logitsᵀ h, ∂/∂b = Σₙ ∂logits.

It is there because the logits are the largest matrix of a training, and this passes over them less often. And each of
their rows begins where a line of the processor's cache does: of the product that fills them that makes a third.

Shapes: N predictions, H hidden, V vocabulary.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own abbreviation
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import FunctionCtx, once_differentiable

LINE = 16  # numbers in a line of the cache: 64 bytes


class Readout(Function):
    """Mean NLL in nats (a scalar) of `targets` (N,), whole numbers below V, after hidden (N, H), W (V, H), b (V,).

    Targets are not checked: what comes from a vocabulary of V is below V.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, hidden: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
        classes = len(weight)
        rows = hidden.new_empty(len(hidden), -(-classes // LINE) * LINE)
        rows[:, classes:] = -torch.inf  # what only fills the line up is never the answer: p = 0
        torch.addmm(bias, hidden, weight.T, out=rows[:, :classes])
        log_p = F.log_softmax(rows, dim=1)
        ctx.save_for_backward(hidden, weight, log_p, targets)
        return -log_p.gather(1, targets[:, None]).mean()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_nll: Tensor) -> tuple[Tensor | None, ...]:
        hidden, weight, log_p, targets = ctx.saved_tensors
        share = d_nll / len(targets)
        rows = F.softmax(log_p, dim=1).mul_(share)  # the softmax of log p is p
        rows.scatter_add_(1, targets[:, None], -share.expand(len(targets), 1))
        d_logits = rows[:, : len(weight)]
        return d_logits @ weight, d_logits.T @ hidden, d_logits.sum(0), None
