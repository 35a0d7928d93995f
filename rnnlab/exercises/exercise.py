"""An exercise: a function to write, arguments to try it with, our own function, and typical mistakes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

Function = Callable[..., Any]
Arguments = tuple[Any, ...]


@dataclass(frozen=True)
class Exercise:
    """A function that a student writes and we compare with our own.

    name: of the function, and of the exercise.
    shapes: of each argument by its name, in the order of the arguments, as "(B, I)".
    outputs: the name and the axes of each output: {"h_t": "BH"}; "" is a single number, and a name that ends in [] a
        list of outputs.
    reference: our own function.
    cases: makes the arguments of each call; the first one is small enough to be followed by hand.
    mistakes: wrong versions of the function by the key of the sentence that names what is wrong.
    """

    name: str
    shapes: Mapping[str, str]
    outputs: Mapping[str, str]
    reference: Function
    cases: Callable[[], list[Arguments]]
    mistakes: Mapping[str, Function] = field(default_factory=dict)

    def __post_init__(self) -> None:
        taken = tuple(inspect.signature(self.reference).parameters)
        if taken != tuple(self.shapes):
            raise ValueError(f"{self.name}: its shapes are of {tuple(self.shapes)}, its arguments are {taken}")

    @property
    def signature(self) -> str:
        """Return the function's first line without the colon: `def rnn_step(x_t, h_prev)`."""
        return f"def {self.name}({', '.join(self.shapes)})"


def as_outputs(value: Any) -> list[Tensor] | None:
    """Return what a function gave as a list of float64 tensors; None if it holds anything but numbers.

    A tuple or list of tensors is several outputs; a number, a list of numbers or an array is one.
    """
    several = isinstance(value, tuple | list) and any(isinstance(part, Tensor) for part in value)
    try:
        parts = [torch.as_tensor(part) for part in (value if several else [value])]
        return [part.detach().to("cpu", torch.float64) for part in parts if not part.is_complex()] or None
    except (TypeError, ValueError, RuntimeError):
        return None


class Draw:
    """Draw the arguments of cases: the same numbers each time."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def normal(self, *shape: int, scale: float = 1.0) -> Tensor:
        """Return normally distributed numbers of this shape, in float64."""
        return scale * torch.randn(shape, generator=self.generator, dtype=torch.float64)

    def integers(self, high: int, *shape: int) -> Tensor:
        """Return whole numbers from 0 to `high` - 1."""
        return torch.randint(high, shape, generator=self.generator)
