"""Optimizers: SGD, RMSProp, Adam and AdamW, each updating all weights at once.

They call the functions behind `torch.optim`'s classes and give the same numbers. The classes themselves import
PyTorch's compiler when the first of them is made, which costs every process a second and fifty megabytes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Protocol, cast

import torch
from torch import Tensor, nn
from torch.optim.adam import adam
from torch.optim.rmsprop import rmsprop
from torch.optim.sgd import sgd

from rnnlab.checkpoints import optimizer_state


class Optimizer(ABC):
    """Base of the optimizers.

    `state` holds tensors for each parameter, and `param_groups[0]["lr"]` the learning rate (a number, or a tensor on
    the parameters' device), both under their names in `torch.optim`. `momentum` is for SGD and RMSProp; Adam and AdamW
    ignore it. `weight_decay` λ is for all: g + λ·θ takes the place of the gradient g, except in AdamW.
    """

    name: ClassVar[str]

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        lr: float,
        *,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        fused: bool = True,
    ) -> None:
        self.parameters, self.fused = list(parameters), fused
        self.momentum, self.weight_decay = momentum, weight_decay
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

    def kept(self, parameters: Sequence[nn.Parameter]) -> dict[str, list[Tensor]]:
        """Return each tensor of `state` by its name, one for each parameter; zeros before the first step."""
        names = optimizer_state(self.name, self.momentum)
        for parameter in parameters:
            if names and not self.state.get(parameter):
                self.state[parameter] = {
                    name: torch.zeros((), device=parameter.device) if name == "step" else torch.zeros_like(parameter)
                    for name in names
                }
        return {name: [self.state[parameter][name] for parameter in parameters] for name in names}


class SGD(Optimizer):
    """θ ← θ - η·b, b ← μ·b + g: with momentum μ = 0 plain SGD, θ ← θ - η·g.

    The momentum is Polyak's (1964), in the form of Sutskever et al. 2013 that `torch.optim.SGD` has.
    """

    name = "sgd"

    def update(self, parameters: Sequence[nn.Parameter], gradients: list[Tensor], lr: float | Tensor) -> None:
        """Take one step, in place."""
        buffers = self.kept(parameters).get("momentum_buffer", [None] * len(parameters))
        sgd(
            list(parameters), gradients, cast(list[Tensor | None], buffers), lr=cast(float, lr), fused=self.fused,
            momentum=self.momentum, weight_decay=self.weight_decay, dampening=0.0, nesterov=False, maximize=False,
        )  # fmt: skip


class RMSProp(Optimizer):
    """θ ← θ - η·b, b ← μ·b + g / (√v + ε), v the running mean of g², with α = 0.99, ε = 10⁻⁸.

    Tieleman & Hinton 2012, lecture 6.5; Graves 2013 with momentum. α is that of `torch.optim.RMSprop`. PyTorch has no
    fused kernel for it.
    """

    name = "rmsprop"

    def update(self, parameters: Sequence[nn.Parameter], gradients: list[Tensor], lr: float | Tensor) -> None:
        """Take one step, in place."""
        kept = self.kept(parameters)
        on_gpu = any(parameter.is_cuda for parameter in parameters)
        rmsprop(
            list(parameters), gradients, kept["square_avg"], [], kept.get("momentum_buffer", []), kept["step"],
            lr=cast(float, lr), foreach=True, capturable=on_gpu, alpha=0.99, eps=1e-8, weight_decay=self.weight_decay,
            momentum=self.momentum, centered=False,
        )  # fmt: skip


class Adam(Optimizer):
    """θ ← θ - η · m̂ / (√v̂ + ε), m and v running means of g and g², with β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸.

    m̂ = m / (1 - β₁ᵗ) and v̂ = v / (1 - β₂ᵗ) undo that both began at zero. Kingma & Ba 2015, algorithm 1.
    """

    name = "adam"
    decoupled: ClassVar[bool] = False

    def update(self, parameters: Sequence[nn.Parameter], gradients: list[Tensor], lr: float | Tensor) -> None:
        """Take one step, in place."""
        kept = self.kept(parameters)
        adam(
            list(parameters), gradients, kept["exp_avg"], kept["exp_avg_sq"], [], kept["step"], lr=lr,
            fused=self.fused, foreach=False, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=self.weight_decay,
            decoupled_weight_decay=self.decoupled, amsgrad=False, maximize=False,
        )  # fmt: skip


class AdamW(Adam):
    """θ ← (1 - η·λ)·θ, then a step of Adam: the weight decay λ is decoupled from the gradient's scale.

    Loshchilov & Hutter 2019, algorithm 2. With λ = 0 it is Adam.
    """

    name = "adamw"
    decoupled = True


OPTIMIZERS: dict[str, type[Optimizer]] = {kind.name: kind for kind in (SGD, RMSProp, Adam, AdamW)}


class OptimizerSettings(Protocol):
    """The settings of an optimizer, as a configuration has them."""

    @property
    def optimizer(self) -> str: ...
    @property
    def learning_rate(self) -> float: ...
    @property
    def momentum(self) -> float: ...
    @property
    def weight_decay(self) -> float: ...


def make_optimizer(parameters: Iterable[nn.Parameter], config: OptimizerSettings) -> Optimizer:
    """Make the optimizer that `config` describes."""
    return OPTIMIZERS[config.optimizer](
        parameters, config.learning_rate, momentum=config.momentum, weight_decay=config.weight_decay
    )
