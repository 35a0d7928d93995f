"""The network of the hello lesson: a cell or a layer, and a linear output if there is one.

Shapes: T characters, V characters of the vocabulary, H hidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab import recurrent
from rnnlab.experiments.hello.config import Config
from rnnlab.recurrent import init_uniform, make_layer, materialize

CELLS = nn.RNNCellBase | recurrent.Cell


@dataclass(frozen=True)
class Network:
    """The modules of a network."""

    module: nn.Module
    output: nn.Linear | None  # None: h_t itself is the logits

    def parameters(self) -> list[nn.Parameter]:
        """Return all parameters, in the order of `inspection.weight_gradient.WEIGHTS`."""
        return [*self.module.parameters(), *(self.output.parameters() if self.output else ())]

    def read(self, x: Tensor) -> Tensor:
        """Return the logits (T, V) for one-hot characters `x` (T, V), from a state of zeros."""
        hidden = read_word(self.module, x)
        return hidden if self.output is None else self.output(hidden)


def make_network(config: Config) -> Network:
    """Make the network of a configuration; the seed's generator draws the cell first, then the output."""
    generator = torch.Generator().manual_seed(config.seed)
    module = _make_module(config, generator)
    if config.output == "hidden":
        return Network(module, None)
    output = nn.Linear(config.units, len(config.vocabulary), device="meta")
    materialize(output, "cpu")
    init_uniform(output, config.units, generator)
    return Network(module, output)


def make_module(config: Config) -> nn.Module:
    """Make the cell; a seed gives the same weights to RNNCell and RNN, from scratch and from torch.nn."""
    return make_network(config).module


def _make_module(config: Config, generator: torch.Generator) -> nn.Module:
    sizes = len(config.vocabulary), config.units
    if config.module == "RNN":
        return make_layer("rnn", config.implementation, *sizes, generator=generator)
    if config.implementation == "scratch":
        options: dict[str, Any] = {"reset_after": config.reset_after} if config.model == "gru" else {}
        return getattr(recurrent, config.module)(*sizes, generator=generator, **options)
    # On `meta` the constructor draws nothing; elsewhere it would draw from torch's global random numbers.
    cell = materialize(getattr(nn, config.module)(*sizes, device="meta"), "cpu")
    init_uniform(cell, config.units, generator)
    return cell


def read_word(module: nn.Module, x: Tensor) -> Tensor:
    """Return the hidden states h_1 … h_T (T, H) for one-hot characters `x` (T, V), from a state of zeros.

    A cell computes one step per call, so the loop is here; a layer has its own loop.
    """
    if not isinstance(module, CELLS):
        output, _ = module(x)
        return output
    state, states = None, []
    for x_t in x:
        state = module(x_t, state)
        states.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(states)
