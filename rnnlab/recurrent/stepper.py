"""Step layers through one sequence: in NumPy where the cell has a NumPy step, else in torch.

Shapes: I input, H hidden, G = gates · H.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any, Protocol

import torch

from rnnlab.recurrent.equations import Equations, Weights
from rnnlab.recurrent.numpy_cells import NUMPY_STEPS, PARAMETERS, NumpyStepper, Vector


class Stepper(Protocol):
    """Stacked layers in one direction that carry the state of one sequence."""

    state: list[tuple[Any, ...]]  # of each layer after the last step: h (H,), or h and c; arrays or tensors

    def project(self, x: Vector | int, layer: int = 0) -> Vector:
        """Compute a layer's from_x: (I,) → (G,). A whole number stands for a one-hot vector."""
        ...

    def read(self, from_x: Vector) -> Vector:
        """Take one step with the first layer's `from_x` (G,); return the top layer's h (H,)."""
        ...

    def fork(self) -> Stepper:
        """Return a stepper with the same weights that goes on from the same state."""
        ...


def make_stepper(cell: Equations, weights: Mapping[str, Vector], num_layers: int) -> Stepper:
    """Return the fastest stepper that `cell` has; `weights` by their names in the `state_dict` of a layer."""
    kind = NumpyStepper if cell.step in NUMPY_STEPS else TorchStepper
    return kind(cell, weights, num_layers)


class TorchStepper:
    """Do what `NumpyStepper` does by the step in `equations`: any cell can, more slowly."""

    def __init__(self, cell: Equations, weights: Mapping[str, Vector], num_layers: int) -> None:
        self._cell = cell
        self._layers: list[tuple[torch.Tensor, torch.Tensor, Weights]] = []
        for layer in range(num_layers):
            tensors = (torch.tensor(weights[f"{name}_l{layer}"]) for name in PARAMETERS)
            weight_ih, bias_ih, weight_hh, bias_hh = tensors
            self._layers.append((weight_ih, bias_ih, cell.prepare(weight_hh, bias_hh)))
        zeros = torch.zeros(weights["weight_hh_l0"].shape[1])
        self.state: list[tuple[Any, ...]] = [(zeros,) * cell.state_size for _ in range(num_layers)]

    def fork(self) -> TorchStepper:
        """Return a stepper with the same weights that goes on from the same state."""
        other = copy(self)
        other.state = list(self.state)  # a step makes new tensors
        return other

    @torch.inference_mode()
    def read(self, from_x: Vector) -> Vector:
        """Take one step with the first layer's `from_x` (G,); return the top layer's h (H,)."""
        for layer, (_, _, from_state) in enumerate(self._layers):
            if layer:
                from_x = self.project(self.state[layer - 1][0].numpy(), layer)
            self.state[layer] = self._cell.step(torch.from_numpy(from_x), self.state[layer], *from_state)
        return self.state[-1][0].numpy()

    @torch.inference_mode()
    def project(self, x: Vector | int, layer: int = 0) -> Vector:
        """Compute a layer's from_x: (I,) → (G,). A whole number stands for a one-hot vector."""
        weight_ih, bias_ih, _ = self._layers[layer]
        from_x = weight_ih[:, x] if isinstance(x, int) else weight_ih @ torch.from_numpy(x)
        return (from_x + bias_ih).numpy()
