"""Compute a layer's outputs and gradients in three ways, with the same weights, and compare them.

    found = compare_gradients(LayersConfig(model="gru"))
    for run in found.runs:
        print(run.way, run.milliseconds, run.tensors["weight_ih_l0"])
    print(found.difference("by_hand", "torch"))

The ways are the scratch layer with gradients written by hand (`rnnlab.recurrent.bptt`), the scratch layer under
autograd, and `torch.nn`. A cell that lacks one of them is compared in the others.

Shapes: B batch, T time, I input, H hidden, L layers, D directions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from statistics import median
from time import perf_counter

import numpy as np
import torch
from torch import Tensor

from rnnlab.inspection.layers import build_layer, draw_input, parts
from rnnlab.inspection.parameter_counts import LayersConfig, count_parameters
from rnnlab.limits import MAX_COMPARED_PARAMETERS
from rnnlab.recurrent import RecurrentLayer, State, bptt, cell_equations, cell_spec
from rnnlab.validation import InvalidInput

REPEATS = 9
MAX_SECONDS = 1.0  # of all repeats; large layers are timed fewer times

SETTINGS = {  # way → the settings of the layer that computes it
    "by_hand": {"implementation": "scratch", "gradient": "by_hand"},
    "autograd": {"implementation": "scratch", "gradient": "autograd"},
    "torch": {"implementation": "torch", "gradient": "by_hand"},  # torch.nn has its own
}


@dataclass(frozen=True, eq=False)
class GradientRun:
    """The result of one way: forward, then backward from the loss L (see `loss`)."""

    way: str  # by_hand, autograd or torch
    outputs: dict[str, np.ndarray]  # output, h_n and, where there is one, c_n
    gradients: dict[str, np.ndarray]  # ∂L/∂ input, h_0, c_0 and every parameter, by its name
    milliseconds: float  # of a forward and a backward pass, the median of a few

    @property
    def tensors(self) -> dict[str, np.ndarray]:
        """Outputs and gradients by name: the outputs have names of their own."""
        return self.outputs | self.gradients


@dataclass(frozen=True, eq=False)
class GradientComparison:
    """The runs of every way that the cell has, and how far each two of them are apart."""

    runs: tuple[GradientRun, ...]
    differences: dict[tuple[str, str], dict[str, float]]  # two ways → tensor → largest absolute difference

    def difference(self, one: str, other: str) -> float:
        """Return the largest difference between two ways, given in the order of `runs`, over all tensors."""
        return max(self.differences[one, other].values())


def compare_gradients(config: LayersConfig, dtype: torch.dtype = torch.float32) -> GradientComparison:
    """Run the layer of `config` forward and backward in every way that its cell has.

    `config.implementation` has no effect. Raises InvalidInput for a layer too large to hold several times.
    """
    parameters = count_parameters(config)
    if parameters > MAX_COMPARED_PARAMETERS:
        shown, high = f"{parameters:,}", f"{MAX_COMPARED_PARAMETERS:,}"
        raise InvalidInput("layer_too_many_parameters", "hidden_size", parameters=shown, high=high)
    runs = _run_in_turns(ways_of(config.model, config.nonlinearity), config, dtype)
    differences = {
        (one.way, other.way): {name: _largest(one.tensors[name] - other.tensors[name]) for name in one.tensors}
        for one, other in combinations(runs, 2)
    }
    return GradientComparison(runs, differences)


def ways_of(model: str, nonlinearity: str = "tanh") -> tuple[str, ...]:
    """Return the ways in which the gradients of `model` can be computed."""
    lacking = set()
    if bptt.by_hand(cell_equations(model, nonlinearity).step) is None:
        lacking.add("by_hand")
    if cell_spec(model).torch_class is None:
        lacking.add("torch")
    return tuple(way for way in SETTINGS if way not in lacking)


def loss(output: Tensor, end: State) -> Tensor:
    """Compute L = mean(output²) + mean(h_n²), and + mean(c_n²) where there is one."""
    total = output.square().mean()
    for part in parts(end):
        total = total + part.square().mean()
    return total


def _run_in_turns(ways: tuple[str, ...], config: LayersConfig, dtype: torch.dtype) -> tuple[GradientRun, ...]:
    """Compute each way once, which warms up, then time them in turns, so that load affects all alike."""
    x, state = draw_input(config, dtype)
    given = {"input": x, **dict(zip(("h_0", "c_0"), parts(state), strict=False))}
    layers: dict[str, RecurrentLayer] = {}
    for way in ways:
        settings = SETTINGS[way]
        own = replace(config, implementation=settings["implementation"])
        layers[way] = build_layer(own, settings["gradient"], dtype)
    computed = {way: _forward_backward(layer, given) for way, layer in layers.items()}
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    began = perf_counter()
    while len(seconds[ways[-1]]) < REPEATS and perf_counter() - began < MAX_SECONDS:
        for way, layer in layers.items():
            start = perf_counter()
            _forward_backward(layer, given)
            seconds[way].append(perf_counter() - start)
    return tuple(
        GradientRun(way, _arrays(outputs), _arrays(gradients), 1000 * median(seconds[way]))
        for way, (outputs, gradients) in computed.items()
    )


def _arrays(tensors: dict[str, Tensor]) -> dict[str, np.ndarray]:
    """Convert tensors to arrays."""
    return {name: tensor.numpy() for name, tensor in tensors.items()}


def _forward_backward(layer: RecurrentLayer, given: dict[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Return the outputs and the gradients of `loss`, by name."""
    inputs = {name: tensor.detach().requires_grad_() for name, tensor in given.items()}
    wanted = {**inputs, **dict(layer.named_parameters())}
    h_0, c_0 = inputs["h_0"], inputs.get("c_0")
    output, end = layer(inputs["input"], h_0 if c_0 is None else (h_0, c_0))
    found = torch.autograd.grad(loss(output, end), list(wanted.values()))
    outputs = {"output": output, **dict(zip(("h_n", "c_n"), parts(end), strict=False))}
    return {name: tensor.detach() for name, tensor in outputs.items()}, dict(zip(wanted, found, strict=True))


def _largest(difference: np.ndarray) -> float:
    """Return the largest magnitude in `difference`."""
    return float(np.abs(difference).max())
