"""hello → ohlol: the smallest recurrent network that learns something, with every number visible.

The network reads a word one character at a time, and predicts a character of another word after each. In the
tutorial's recipes there is no output layer: h_t has one component per character of the vocabulary, and the largest one
is the prediction. Hence even a perfect network cannot be certain: tanh keeps every component in (-1, 1). With
`output="linear"` a linear layer gives the scores, so that the state can have any number of units; the recipes of GRU
and LSTM have it.

for event in run(preset("RNNCell").config()):
    if isinstance(event, Epoch):
        print(event.epoch, event.predicted, event.loss)

`why` explains an epoch's update of one weight. Shapes: T characters, V characters of the vocabulary, H hidden.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own abbreviation
from torch import Tensor

from rnnlab.experiments.event import Event
from rnnlab.experiments.hello.config import (
    MODULES,
    OUTPUTS,
    PRESETS,
    Config,
    preset,
    pytorch_line,
    smallest_loss,
)
from rnnlab.experiments.hello.events import Epoch, Finished, NetworkState, Started
from rnnlab.experiments.hello.network import Network, make_module, make_network, read_word
from rnnlab.experiments.hello.why import WeightUpdate, weight_update
from rnnlab.experiments.optimizers import OPTIMIZERS, Optimizer
from rnnlab.inspection import trace_word
from rnnlab.inspection.cell_trace import weights_of

__all__ = [
    "MODULES",
    "OUTPUTS",
    "PRESETS",
    "Config",
    "Epoch",
    "Event",
    "Finished",
    "Network",
    "NetworkState",
    "Started",
    "WeightUpdate",
    "make_module",
    "make_network",
    "preset",
    "pytorch_line",
    "read_word",
    "run",
    "smallest_loss",
    "weight_update",
]  # fmt: skip


def run(config: Config) -> Iterator[Event]:
    """Train, one epoch at a time: forward, loss, backward through all steps, step."""
    network = make_network(config)
    parameters = network.parameters()
    optimizer = OPTIMIZERS[config.optimizer](parameters, lr=config.learning_rate, fused=False)
    inputs, targets = config.ids(config.source), config.ids(config.target)
    x = F.one_hot(torch.tensor(inputs), len(config.vocabulary)).float()  # (T, V)
    y = torch.tensor(targets)  # (T,)

    yield Started(
        vocabulary=config.vocabulary,
        source_ids=inputs,
        target_ids=targets,
        parameters=sum(parameter.numel() for parameter in parameters),
        smallest_loss=smallest_loss(config),
    )
    for epoch in range(1, config.epochs + 1):
        loss = F.cross_entropy(network.read(x), y, reduction=config.loss)
        state = _state(config, network, loss)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield Epoch(epoch, **state, m=_moment(optimizer, "exp_avg"), v=_moment(optimizer, "exp_avg_sq"))
    with torch.no_grad():
        loss = F.cross_entropy(network.read(x), y, reduction=config.loss)
    yield Finished(config.epochs, **_state(config, network, loss))


def _state(config: Config, network: Network, loss: Tensor) -> dict[str, Any]:
    """Return the fields of a NetworkState except the epoch."""
    weights = weights_of(network.module)
    if network.output is None:
        weights |= {"weight_out": np.empty((0, config.units)), "bias_out": np.empty(0)}
    else:
        named = network.output.state_dict().items()
        weights |= {f"{name}_out": tensor.double().numpy().copy() for name, tensor in named}
    predicted = trace_word(config.equations, weights, config.ids(config.source)).predicted
    return {"loss": loss.item(), "predicted": "".join(config.vocabulary[k] for k in predicted), **weights}


def _moment(optimizer: Optimizer, name: str) -> np.ndarray:
    """Return a running mean of Adam for all weights, one after the other (P,); empty without one."""
    if name not in (kept := optimizer.kept(optimizer.parameters)):
        return np.empty(0)
    return torch.cat([tensor.flatten() for tensor in kept[name]]).double().numpy()
