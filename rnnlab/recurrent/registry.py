"""Which recurrent layers there are: three models, each written out here (`scratch`) and from PyTorch (`torch`).

`make_layer` gives either kind under one contract: input (B, T, I), output (B, T, D·H), state (L·D, B, H) or the LSTM's
pair of them, the same `state_dict` keys, and no random number from anywhere but the generator. The same seed gives
both kinds the same weights and the same dropout masks, so they train alike up to rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnlab.recurrent.cells import State
from rnnlab.recurrent.initialization import SIZE, dropout, init_uniform, materialize
from rnnlab.recurrent.layers import GRU, LSTM, RNN
from rnnlab.validation import Choice, InvalidInput, Real, Switch

MODELS = ("rnn", "gru", "lstm")
IMPLEMENTATIONS = ("scratch", "torch")


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
    generator: torch.Generator | None = None,
    device: torch.device | str | None = None,
    dtype: torch.dtype | None = None,
) -> nn.Module:
    """Make a recurrent layer, batch first, its weights drawn from `generator` (None is torch's global one).

    `nonlinearity` is for the plain RNN and `reset_after` for the GRU; `torch.nn` has no GRU that resets before.
    """
    Choice(MODELS).check("model", model)
    Choice(IMPLEMENTATIONS).check("implementation", implementation)
    if model == "rnn":
        Choice(("tanh", "relu")).check("nonlinearity", nonlinearity)
    elif nonlinearity != "tanh":
        raise InvalidInput("nonlinearity_of_gates", "nonlinearity", value=nonlinearity, model=model)
    if (model, implementation, Switch().check("reset_after", reset_after)) == ("gru", "torch", False):
        raise InvalidInput("reset_before_in_torch", "reset_after")
    words: dict[str, Any] = {
        "input_size": SIZE.check("input_size", input_size),
        "hidden_size": SIZE.check("hidden_size", hidden_size),
        "num_layers": SIZE.check("num_layers", num_layers),
        "bias": Switch().check("bias", bias),
        "bidirectional": Switch().check("bidirectional", bidirectional),
        "dtype": dtype,
    }
    if model == "rnn":
        words["nonlinearity"] = nonlinearity
    dropout = Real(0.0, 1.0).check("dropout", dropout)
    if implementation == "torch":
        return _make_torch_layer(model, words, dropout, generator, device)
    if model == "gru":
        words["reset_after"] = reset_after
    kind = {"rnn": RNN, "gru": GRU, "lstm": LSTM}[model]
    between = dropout if num_layers > 1 else 0.0  # dropout acts between layers: a single one has none
    return kind(batch_first=True, dropout=between, generator=generator, device=device, **words)


def _make_torch_layer(
    model: str,
    words: Mapping[str, Any],
    dropout: float,
    generator: torch.Generator | None,
    device: torch.device | str | None,
) -> nn.Module:
    """Make PyTorch's layer on `meta`, where its constructor finds nothing to fill, and fill it from `generator`."""
    kind = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[model]
    if dropout > 0 and words["num_layers"] > 1:
        layer: nn.Module = TorchStack(kind, words, dropout, generator)
    else:
        layer = kind(batch_first=True, device="meta", **words)
    materialize(layer, torch.get_default_device() if device is None else device)
    init_uniform(layer, words["hidden_size"], generator)
    return layer


class TorchStack(nn.Module):
    """Single `torch.nn` layers on top of each other, with dropout between them drawn from our own generator.

    One `torch.nn` module of that many layers would draw its masks from torch's global random numbers. The keys of the
    `state_dict` are nevertheless that module's (`weight_ih_l1`, not `layers.1.weight_ih_l0`), so weights move freely.
    """

    def __init__(
        self, kind: type[nn.RNNBase], words: Mapping[str, Any], dropout: float, generator: torch.Generator | None
    ) -> None:
        super().__init__()
        self.dropout, self.generator, self.batch_first = dropout, generator, True
        self.input_size, self.hidden_size = words["input_size"], words["hidden_size"]
        self.num_layers, self.bidirectional = words["num_layers"], words["bidirectional"]
        self.num_directions = 2 if self.bidirectional else 1
        above = {**words, "input_size": self.num_directions * self.hidden_size}
        self.layers = nn.ModuleList(
            kind(device="meta", **{**(above if k else words), "num_layers": 1}) for k in range(self.num_layers)
        )
        self.register_state_dict_post_hook(_flatten_keys)
        self.register_load_state_dict_pre_hook(_nest_keys)

    def forward(self, input: Tensor | PackedSequence, hx: State | None = None) -> tuple[Tensor | PackedSequence, State]:
        """`input` (B, T, I) → (B, T, D·H) and the state (L·D, B, H); without a batch and packed as `torch.nn`."""
        packed = isinstance(input, PackedSequence)
        swap = not packed and input.dim() == 3
        x = input.transpose(0, 1) if swap else input  # time first, as in our own layers: the same masks from a seed
        after = []
        for k, layer in enumerate(self.layers):
            if k > 0:
                numbers = dropout(x.data if packed else x, self.dropout if self.training else 0.0, self.generator)
                x = x._replace(data=numbers) if packed else numbers
            x, end = layer(x, self._slice(hx, k))
            after.append(end)
        x = x.transpose(0, 1) if swap else x
        if isinstance(after[0], tuple):
            h, c = zip(*after, strict=True)
            return x, (torch.cat(h), torch.cat(c))
        return x, torch.cat(after)

    def _slice(self, state: State | None, k: int) -> State | None:
        """Take the part of `state` that belongs to layer `k`."""
        if state is None:
            return None
        rows = slice(k * self.num_directions, (k + 1) * self.num_directions)
        return state[rows] if isinstance(state, Tensor) else (state[0][rows], state[1][rows])


def _flatten_keys(stack: TorchStack, state_dict: dict[str, Any], prefix: str, local_metadata: Any) -> None:
    """Rename `layers.1.weight_ih_l0_reverse` to `weight_ih_l1_reverse`, when weights go out."""
    for k, layer in enumerate(stack.layers):
        for name, _ in layer.named_parameters():
            state_dict[prefix + name.replace("_l0", f"_l{k}")] = state_dict.pop(f"{prefix}layers.{k}.{name}")


def _nest_keys(stack: TorchStack, state_dict: dict[str, Any], prefix: str, *_: Any) -> None:
    """Undo `_flatten_keys`, when weights come in."""
    for k, layer in enumerate(stack.layers):
        for name, _parameter in layer.named_parameters():
            flat = prefix + name.replace("_l0", f"_l{k}")
            if flat in state_dict:
                state_dict[f"{prefix}layers.{k}.{name}"] = state_dict.pop(flat)


def zero_state(layer: nn.Module, batch_size: int) -> State:
    """Make the state before the first step of a layer from `make_layer`: zeros (L·D, B, H), for the LSTM a pair."""
    first = layer.layers[0] if isinstance(layer, TorchStack) else layer
    shape = (layer.num_layers * (2 if layer.bidirectional else 1), batch_size, layer.hidden_size)
    h = next(layer.parameters()).new_zeros(shape)
    return (h, torch.zeros_like(h)) if isinstance(first, LSTM | nn.LSTM) else h


def detach_state(state: State) -> State:
    """Keep the numbers and forget how they were computed: gradients do not flow back beyond them."""
    return state.detach() if isinstance(state, Tensor) else (state[0].detach(), state[1].detach())
