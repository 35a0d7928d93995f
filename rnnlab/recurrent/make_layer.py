"""Make a recurrent layer of any registered cell, written out here (`scratch`) or from PyTorch (`torch`).

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
from rnnlab.recurrent.errors import check_argument
from rnnlab.recurrent.initialization import SIZE, init_uniform, materialize
from rnnlab.recurrent.layers import Layer
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
    generator: torch.Generator | None = None,
    device: torch.device | str | None = None,
    dtype: torch.dtype | None = None,
) -> RecurrentLayer:
    """Make a recurrent layer, batch first, with weights drawn from `generator` (None is torch's global one).

    `nonlinearity` is for the plain RNN, `reset_after` for the GRU (`torch.nn` has no GRU that resets before), and
    `gradient` for the scratch layers (see `layers.Layer`). Raises InvalidInput.
    """
    check_cell(model, implementation, nonlinearity, Switch().check("reset_after", reset_after))
    spec = cell_spec(model)
    words: dict[str, Any] = {
        "input_size": SIZE.check("input_size", input_size),
        "hidden_size": SIZE.check("hidden_size", hidden_size),
        "num_layers": SIZE.check("num_layers", num_layers),
        "bias": Switch().check("bias", bias),
        "bidirectional": Switch().check("bidirectional", bidirectional),
        "dtype": dtype,
    }
    rate = check_argument(Real(0.0, 1.0), "dropout", dropout)
    options = {"nonlinearity": nonlinearity, "reset_after": reset_after}
    if implementation == "torch":
        if "nonlinearity" in spec.options:
            words["nonlinearity"] = nonlinearity
        return _make_torch_layer(spec, words, rate, generator, device)
    words |= {
        "batch_first": True,
        "dropout": rate if num_layers > 1 else 0.0,  # dropout acts between layers: a single one has none
        "gradient": gradient,
        "generator": generator,
        "device": device,
    }
    given = {name: options[name] for name in spec.options}
    return Layer(spec.equations(**given), **words) if spec.layer_class is None else spec.layer_class(**words, **given)


def _make_torch_layer(
    spec: CellSpec,
    words: Mapping[str, Any],
    dropout: float,
    generator: torch.Generator | None,
    device: torch.device | str | None,
) -> nn.RNNBase | TorchStack:
    """Make PyTorch's layer on `meta`, where its constructor draws nothing, and fill it from `generator`."""
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
    """Make the state before the first step of a layer from `make_layer`: zeros (L·D, B, H), for the LSTM a pair."""
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
