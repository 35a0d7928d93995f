"""Make a recurrent layer of any registered cell: our own (`scratch`) or PyTorch's (`torch`).

Both kinds keep one contract: input (B, T, I), output (B, T, D·H), state (L·D, B, H) or the LSTM's pair of them, the
same `state_dict` keys, and random numbers from the given generator alone. The same seed gives both kinds the same
weights and the same dropout masks, so they train alike up to rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.recurrent.cells import State
from rnnlab.recurrent.initialization import SIZE, init_uniform, materialize
from rnnlab.recurrent.layer import Layer
from rnnlab.recurrent.registry import CellSpec, cell_spec, check_cell
from rnnlab.recurrent.torch_stack import TorchStack
from rnnlab.validation import Real, Switch

RecurrentLayer = Layer | TorchStack | nn.RNNBase


def make_layer(
    model: str,
    implementation: str,
    input_size: int,
    hidden_size: int,
    *,
    num_layers: int = 1,
    dropout: float = 0.0,
    bidirectional: bool = False,
    nonlinearity: str = "tanh",
    bias: bool = True,
    reset_after: bool = True,
    gradient: str = "by_hand",
    biases: str = "two",
    generator: torch.Generator | None = None,
    device: torch.device | str | None = None,
    dtype: torch.dtype | None = None,
) -> RecurrentLayer:
    """Make a recurrent layer, batch first, with weights drawn from `generator`.

    `generator` None is torch's global one.
    `nonlinearity` is for the plain RNN, `reset_after` for the GRU (`torch.nn` has no GRU that resets before), and
    `gradient` and `biases` for the scratch layers (see `layer.Layer`). Raises InvalidInput.
    """
    check_cell(model, implementation, nonlinearity, Switch().check("reset_after", reset_after), biases)
    spec = cell_spec(model)
    words: dict[str, Any] = {
        "input_size": SIZE.check("input_size", input_size),
        "hidden_size": SIZE.check("hidden_size", hidden_size),
        "num_layers": SIZE.check("num_layers", num_layers),
        "bias": Switch().check("bias", bias),
        "bidirectional": Switch().check("bidirectional", bidirectional),
        "dtype": dtype,
    }
    rate = Real(0.0, 1.0).require("dropout", dropout)
    words |= {name: {"nonlinearity": nonlinearity, "reset_after": reset_after}[name] for name in spec.options}
    if implementation == "torch":
        return _make_torch_layer(spec, words, rate, generator, device)
    words |= {"gradient": gradient, "biases": biases, "generator": generator, "device": device, "batch_first": True}
    words["dropout"] = rate if num_layers > 1 else 0.0  # dropout acts between layers: a single one has none
    return spec.layer_class(**words) if spec.layer_class else _make_generic_layer(spec, words)


def _make_generic_layer(spec: CellSpec, words: dict[str, Any]) -> Layer:
    """Make the layer of a cell without a class of its own."""
    options = {name: words.pop(name) for name in spec.options}
    return Layer(spec.equations(**options), **words)


def _make_torch_layer(
    spec: CellSpec,
    words: Mapping[str, Any],
    dropout: float,
    generator: torch.Generator | None,
    device: torch.device | str | None,
) -> nn.RNNBase | TorchStack:
    """Make PyTorch's layer on `meta`, where its constructor draws nothing, and fill it from `generator`."""
    words = {name: value for name, value in words.items() if name != "reset_after"}  # torch.nn has one form
    assert spec.torch_class is not None  # `check_cell` has refused such a cell
    layer: nn.RNNBase | TorchStack
    if dropout > 0 and words["num_layers"] > 1:
        layer = TorchStack(spec.torch_class, words, dropout, generator)
    else:
        layer = spec.torch_class(batch_first=True, device="meta", **words)
    materialize(layer, torch.get_default_device() if device is None else device)
    init_uniform(layer, words["hidden_size"], generator)
    return layer


def zero_state(layer: RecurrentLayer, batch_size: int) -> State:
    """Make a state of zeros for a layer from `make_layer`: (L·D, B, H), for the LSTM a pair."""
    shape = (layer.num_layers * (2 if layer.bidirectional else 1), batch_size, layer.hidden_size)
    h = next(layer.parameters()).new_zeros(shape)
    if isinstance(layer, Layer):
        pair = layer.equations.state_size == 2
    else:
        pair = isinstance(layer.layers[0] if isinstance(layer, TorchStack) else layer, nn.LSTM)
    return (h, torch.zeros_like(h)) if pair else h


def detach_state(state: State) -> State:
    """Cut the state's numbers off from the graph that computed them: no gradient flows back beyond them."""
    return state.detach() if isinstance(state, Tensor) else (state[0].detach(), state[1].detach())
