"""Stack PyTorch's recurrent layers, with dropout between them from a generator of our own.

Shapes: B batch, T time, I input, H hidden, L layers, D directions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnlab.recurrent.cells import State
from rnnlab.recurrent.initialization import dropout


class TorchStack(nn.Module):
    """Stack single `torch.nn` layers, with dropout between them drawn from `generator`.

    One `torch.nn` module of that many layers would draw its masks from torch's global random numbers. The keys of the
    `state_dict` are nevertheless that module's (`weight_ih_l1`, not `layers.1.weight_ih_l0`), so weights move freely.
    """

    def __init__(
        self, torch_class: type[nn.RNNBase], words: Mapping[str, Any], dropout: float, generator: torch.Generator | None
    ) -> None:
        super().__init__()
        self.dropout, self.generator, self.batch_first = dropout, generator, True
        self.input_size: int = words["input_size"]
        self.hidden_size: int = words["hidden_size"]
        self.num_layers: int = words["num_layers"]
        self.bidirectional: bool = words["bidirectional"]
        self.num_directions = 2 if self.bidirectional else 1
        above = {**words, "input_size": self.num_directions * self.hidden_size}
        self.layers = nn.ModuleList(
            torch_class(device="meta", **{**(above if k else words), "num_layers": 1}) for k in range(self.num_layers)
        )
        self.register_state_dict_post_hook(_flatten_keys)
        self.register_load_state_dict_pre_hook(_nest_keys)

    def forward(self, input: Tensor | PackedSequence, hx: State | None = None) -> tuple[Tensor | PackedSequence, State]:
        """Return the output (B, T, D·H) and the state (L·D, B, H) after `input` (B, T, I).

        An input without a batch and a packed one are taken and returned as by `torch.nn`.
        """
        swap = isinstance(input, Tensor) and input.dim() == 3
        # Time first, as in our own layers: the same masks from a seed.
        x = input.transpose(0, 1) if isinstance(input, Tensor) and swap else input
        after: list[State] = []
        for k, layer in enumerate(self.layers):
            if k > 0:
                rate = self.dropout if self.training else 0.0
                if isinstance(x, PackedSequence):
                    x = x._replace(data=dropout(x.data, rate, self.generator))
                else:
                    x = dropout(x, rate, self.generator)
            x, end = layer(x, self._slice(hx, k))
            after.append(end)
        x = x.transpose(0, 1) if isinstance(x, Tensor) and swap else x
        if isinstance(after[0], Tensor):
            return x, torch.cat([end for end in after if isinstance(end, Tensor)])
        h, c = zip(*after, strict=True)
        return x, (torch.cat(h), torch.cat(c))

    def _slice(self, state: State | None, k: int) -> State | None:
        """Return the part of `state` that belongs to layer `k`."""
        if state is None:
            return None
        rows = slice(k * self.num_directions, (k + 1) * self.num_directions)
        return state[rows] if isinstance(state, Tensor) else (state[0][rows], state[1][rows])


def _flatten_keys(stack: TorchStack, state_dict: dict[str, Any], prefix: str, local_metadata: Any) -> None:
    """Rename `layers.1.weight_ih_l0_reverse` to `weight_ih_l1_reverse` in a `state_dict` that is made."""
    for k, layer in enumerate(stack.layers):
        for name, _ in layer.named_parameters():
            state_dict[prefix + name.replace("_l0", f"_l{k}")] = state_dict.pop(f"{prefix}layers.{k}.{name}")


def _nest_keys(stack: TorchStack, state_dict: dict[str, Any], prefix: str, *_: Any) -> None:
    """Undo `_flatten_keys` in a `state_dict` that is loaded."""
    for k, layer in enumerate(stack.layers):
        for name, _parameter in layer.named_parameters():
            flat = prefix + name.replace("_l0", f"_l{k}")
            if flat in state_dict:
                state_dict[f"{prefix}layers.{k}.{name}"] = state_dict.pop(flat)
