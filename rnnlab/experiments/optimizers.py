"""How weights are updated, all of them by one fused kernel.

The numbers are those of `torch.optim`'s classes, whose functions do the work. Its classes import PyTorch's compiler
when the first of them is made, and that takes every process a second and fifty megabytes for nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.adam import adam
from torch.optim.sgd import sgd


class Optimizer(ABC):
    """Updates parameters by their gradients, step by step.

    `state` keeps the tensors of each parameter, and `param_groups[0]["lr"]` the learning rate (a number, or a tensor
    on the parameters' device), both under the names that they have in `torch.optim`.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float, *, fused: bool = True) -> None:
        self.parameters, self.fused = list(parameters), fused
        self.param_groups: list[dict[str, Any]] = [{"lr": lr}]
        self.state: dict[nn.Parameter, dict[str, Tensor]] = {}

    def zero_grad(self) -> None:
        """Forget the gradients: None, as in `torch.optim`, and not zeros."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        learned = [parameter for parameter in self.parameters if parameter.grad is not None]
        self.update(learned, [parameter.grad for parameter in learned], self.param_groups[0]["lr"])

    @abstractmethod
    def update(self, parameters: list[Tensor], gradients: list[Tensor], lr: float | Tensor) -> None:
        """Take one step, in place."""


class SGD(Optimizer):
    """θ ← θ - η·g"""

    def update(self, parameters: list[Tensor], gradients: list[Tensor], lr: float | Tensor) -> None:
        sgd(
            parameters, gradients, [None] * len(parameters), lr=lr, fused=self.fused,
            momentum=0.0, weight_decay=0.0, dampening=0.0, nesterov=False, maximize=False,
        )  # fmt: skip


class Adam(Optimizer):
    """θ ← θ - η · m̂ / (√v̂ + ε), m and v running means of g and g², with β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸.

    m̂ = m / (1 - β₁ᵗ) and v̂ = v / (1 - β₂ᵗ) undo that both began at zero. Kingma & Ba 2015, algorithm 1.
    """

    def update(self, parameters: list[Tensor], gradients: list[Tensor], lr: float | Tensor) -> None:
        kept = [self.state.get(parameter) or self._first(parameter) for parameter in parameters]
        means, squares, steps = ([one[name] for one in kept] for name in ("exp_avg", "exp_avg_sq", "step"))
        adam(
            parameters, gradients, means, squares, [], steps, lr=lr, fused=self.fused, foreach=False,
            beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0, amsgrad=False, maximize=False,
        )  # fmt: skip

    def _first(self, parameter: nn.Parameter) -> dict[str, Tensor]:
        self.state[parameter] = {
            "step": torch.zeros((), device=parameter.device),
            "exp_avg": torch.zeros_like(parameter),
            "exp_avg_sq": torch.zeros_like(parameter),
        }
        return self.state[parameter]


OPTIMIZERS = {"sgd": SGD, "adam": Adam}
