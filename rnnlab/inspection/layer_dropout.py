"""Show the dropout between a layer's layers: the numbers, the mask, and what the next layer gets.

    found = inspect_dropout(LayersConfig(num_layers=2, dropout=0.5))
    print(found.masks[0], found.difference)

The module runs in training mode; the same is then computed layer by layer, with masks drawn from an equal generator.
Dropout acts on the output of every layer but the last, not on the state, and in training mode only.

Shapes: B batch, T time, H hidden, L layers, D directions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from rnnlab.inspection.layers import build_layer, draw_input, largest_difference, parts
from rnnlab.inspection.parameter_counts import LayersConfig
from rnnlab.recurrent import RecurrentLayer, State, dropout


@dataclass(frozen=True, eq=False)
class LayerDropout:
    """The result of `inspect_dropout`; tensors are time first, whatever `batch_first` says."""

    between: tuple[np.ndarray, ...]  # L − 1 outputs of the layers below, (T, B, D·H)
    masks: tuple[np.ndarray, ...]  # L − 1: 0, or 1/(1 − p), which keeps the mean
    above: tuple[np.ndarray, ...]  # L − 1 inputs of the layers above: their products
    output: np.ndarray  # of the module in training mode (T, B, D·H)
    evaluated: np.ndarray  # of the module in evaluation mode, where no mask is drawn
    difference: float  # the largest between the module in training mode and the layers with masks by hand
    zeroed: float  # share of the numbers between layers that became zero


def inspect_dropout(config: LayersConfig, dtype: torch.dtype = torch.float32) -> LayerDropout:
    """Run the module in training mode, and layer by layer with its masks. Raises InvalidInput."""
    config = replace(config, batch_first=True)  # both kinds of layers of several layers with dropout take it
    x, state = draw_input(config, dtype)
    generator = torch.Generator().manual_seed(config.seed)
    module = build_layer(config, dtype=dtype, generator=generator, dropout=config.dropout)
    own_masks = torch.Generator()
    own_masks.set_state(generator.get_state())  # after the weights, where the module draws its masks as well
    between, masks, above = [], [], []
    with torch.no_grad():
        output, _ = module(x, state)
        steps = x
        for k, layer in enumerate(_single_layers(config, module, dtype)):
            if k > 0:
                rate = config.dropout
                # Time first: so the module draws its masks.
                mask = dropout(torch.ones_like(steps.transpose(0, 1)), rate, own_masks)
                between.append(steps.transpose(0, 1))
                masks.append(mask)
                above.append(between[-1] * mask)
                steps = above[-1].transpose(0, 1)
            steps, _ = layer(steps, _of_layer(state, k, config.num_directions))
        evaluated, _ = module.eval()(x, state)
    dropped = [float((mask == 0).double().mean()) for mask in masks]
    return LayerDropout(
        between=_arrays(between),
        masks=_arrays(masks),
        above=_arrays(above),
        output=output.transpose(0, 1).numpy(),
        evaluated=evaluated.transpose(0, 1).numpy(),
        difference=largest_difference((output,), (steps,)),
        zeroed=sum(dropped) / len(dropped) if dropped else 0.0,
    )


def _arrays(tensors: list[Tensor]) -> tuple[np.ndarray, ...]:
    """Convert tensors to arrays."""
    return tuple(tensor.numpy() for tensor in tensors)


def _single_layers(config: LayersConfig, module: RecurrentLayer, dtype: torch.dtype) -> list[RecurrentLayer]:
    """Return a module of one layer for each layer of `module`, with its weights."""
    weights: dict[str, Tensor] = module.state_dict()
    layers = []
    for k in range(config.num_layers):
        width = config.input_size if k == 0 else config.num_directions * config.hidden_size
        layer = build_layer(replace(config, num_layers=1, input_size=width), dtype=dtype)
        own = {name: weights[name.replace("_l0", f"_l{k}")] for name in layer.state_dict()}
        layer.load_state_dict(own)
        layers.append(layer)
    return layers


def _of_layer(state: State, k: int, directions: int) -> State:
    """Return the part of a first state (L·D, B, H) that belongs to layer `k`."""
    own = tuple(part[k * directions : (k + 1) * directions] for part in parts(state))
    return own[0] if len(own) == 1 else (own[0], own[1])
