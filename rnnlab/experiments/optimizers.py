"""Optimizers: SGD and Adam, each updating all weights by one fused kernel.

They call the functions behind `torch.optim`'s classes and give the same numbers. The classes themselves import
PyTorch's compiler when the first of them is made, which costs every process a second and fifty megabytes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.optim.adam import adam
from torch.optim.sgd import sgd


class Optimizer(ABC):
    """Base of the optimizers.

    `state` holds tensors for each parameter, and `param_groups[0]["lr"]` the learning rate (a number, or a tensor on
    the parameters' device), both under their names in `torch.optim`.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float, *, fused: bool = True) -> None:
        self.parameters, self.fused = list(parameters), fused
        self.param_groups: list[dict[str, Any]] = [{"lr": lr}]
        self.state: dict[nn.Parameter, dict[str, Tensor]] = {}

    def zero_grad(self) -> None:
        """Set all gradients to None, as `torch.optim` does."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Update every parameter that has a gradient."""
        pairs = [(parameter, parameter.grad) for parameter in self.parameters if parameter.grad is not None]
        parameters, gradients = [parameter for parameter, _ in pairs], [gradient for _, gradient in pairs]
        self.update(parameters, gradients, self.param_groups[0]["lr"])

    @abstractmethod
    def update(self, parameters: Sequence[nn.Parameter], gradients: list[Tensor], lr: float | Tensor) -> None:
        """Take one step, in place."""


class SGD(Optimizer):
    """θ ← θ - η·g"""

    def update(self, parameters: Sequence[nn.Parameter], gradients: list[Tensor], lr: float | Tensor) -> None:
        """Take one step, in place."""
        sgd(
            list(parameters), gradients, [None] * len(parameters), lr=cast(float, lr), fused=self.fused,
            momentum=0.0, weight_decay=0.0, dampening=0.0, nesterov=False, maximize=False,
        )  # fmt: skip


class Adam(Optimizer):
    """θ ← θ - η · m̂ / (√v̂ + ε), m and v running means of g and g², with β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸.

    m̂ = m / (1 - β₁ᵗ) and v̂ = v / (1 - β₂ᵗ) undo that both began at zero. Kingma & Ba 2015, algorithm 1.
    """

    def update(self, parameters: Sequence[nn.Parameter], gradients: list[Tensor], lr: float | Tensor) -> None:
        """Take one step, in place."""
        moments = [self.state.get(parameter) or self._begin(parameter) for parameter in parameters]
        means, squares, steps = ([one[name] for one in moments] for name in ("exp_avg", "exp_avg_sq", "step"))
        adam(
            list(parameters), gradients, means, squares, [], steps, lr=lr, fused=self.fused, foreach=False,
            beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0, amsgrad=False, maximize=False,
        )  # fmt: skip

    def _begin(self, parameter: nn.Parameter) -> dict[str, Tensor]:
        """Set the moments of a parameter to zero, before its first step."""
        self.state[parameter] = {
            "step": torch.zeros((), device=parameter.device),
            "exp_avg": torch.zeros_like(parameter),
            "exp_avg_sq": torch.zeros_like(parameter),
        }
        return self.state[parameter]


OPTIMIZERS: dict[str, type[Optimizer]] = {"sgd": SGD, "adam": Adam}
