"""Run a batch whose sequences have unequal lengths: padded, packed, and each sequence alone.

    found = inspect_packed(PackedConfig(model="gru", lengths="5 2 4"))
    for run in found.runs:
        print(run.implementation, run.difference, run.ends["h_n"])

Shapes: B batch, T time, I input, H hidden, L layers, D directions, N steps of all sequences together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from rnnlab.inspection.layers import build_layer, draw_input, largest_difference, named_state, parts
from rnnlab.inspection.parameter_counts import LayersConfig
from rnnlab.recurrent import IMPLEMENTATIONS, RecurrentLayer, State, cell_spec
from rnnlab.validation import Integer, InvalidInput, Text, echo, setting


@dataclass(frozen=True)
class PackedConfig(LayersConfig):
    """Settings: a layer, its input, and the length of each sequence of the batch."""

    lengths: str = setting(
        "", Text(0, 400), "steps of each sequence, B numbers from 1 to T with spaces between; empty: from T downwards"
    )

    def check_together(self) -> None:
        """Raise InvalidInput for a layer that does not exist or takes too long, and for lengths that do not fit."""
        super().check_together()
        self.steps()

    def steps(self) -> tuple[int, ...]:
        """Return the length of each sequence; without any given, spread evenly from T down to T/B. Raises InvalidInput.

        >>> PackedConfig(batch_size=3, num_steps=6).steps()
        (6, 4, 2)
        """
        if not self.lengths.strip():
            return tuple(
                -(-self.num_steps * (self.batch_size - row) // self.batch_size) for row in range(self.batch_size)
            )
        written = re.split(r"[\s,;，；、]+", self.lengths.strip())
        if len(written) != self.batch_size or not all(word.isascii() and word.isdigit() for word in written):
            shown = echo(self.lengths)
            raise InvalidInput("lengths", "lengths", value=shown, count=self.batch_size, high=self.num_steps)
        rule = Integer(1, self.num_steps)
        return tuple(rule.require("lengths", int(word)) for word in written)


@dataclass(frozen=True, eq=False)
class PackedRun:
    """The packed batch through one implementation, and every sequence through it alone."""

    implementation: str
    output: np.ndarray  # (T, B, D·H), unpacked: zero after each sequence's end
    ends: dict[str, np.ndarray]  # h_n, and c_n where there is one, after each sequence's own last step: (L·D, B, H)
    alone: np.ndarray  # (T, B, D·H): the same of each sequence alone, zero after its end
    difference: float  # the largest between the two, over every output and state


@dataclass(frozen=True, eq=False)
class Packed:
    """The result of `inspect_packed`."""

    lengths: tuple[int, ...]  # (B,)
    order: tuple[int, ...]  # (B,): the sequences as they are packed, the longest first
    batch_sizes: tuple[int, ...]  # of each step, the sequences that still have one
    places: np.ndarray  # (N, 2): the sequence and the step of each row of `data`
    padded: np.ndarray  # (T, B, I): zero after each sequence's end
    data: np.ndarray  # (N, I): what the layer gets
    runs: tuple[PackedRun, ...]  # of every implementation that the cell has
    difference: float | None  # the largest between the two implementations; None if there is one
    unpacked_difference: float  # the largest error of h_n if the padded batch runs without being packed


def inspect_packed(config: PackedConfig, dtype: torch.dtype = torch.float32) -> Packed:
    """Pack a batch of unequal lengths, run it, and compare it with every sequence alone. Raises InvalidInput."""
    lengths = torch.tensor(config.steps())
    config = replace(config, batch_first=False)
    x, state = draw_input(config, dtype)
    inside = torch.arange(config.num_steps)[:, None] < lengths  # (T, B)
    x = x * inside[..., None]
    packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
    places = pack_padded_sequence(_places(config), lengths, enforce_sorted=False).data
    layers = [build_layer(replace(config, implementation=name), dtype=dtype) for name in _implementations(config)]
    with torch.no_grad():
        runs = tuple(_run(layer, x, packed, state, lengths) for layer in layers)
        careless = largest_difference(parts(layers[0](x, state)[1])[:1], parts(runs[0][2])[:1])
    difference = None
    if len(runs) == 2:
        difference = largest_difference((runs[0][1], *parts(runs[0][2])), (runs[1][1], *parts(runs[1][2])))
    order = packed.sorted_indices
    assert order is not None  # for a batch that need not be sorted it is there
    return Packed(
        lengths=tuple(lengths.tolist()),
        order=tuple(order.tolist()),
        batch_sizes=tuple(packed.batch_sizes.tolist()),
        places=places.numpy(),
        padded=x.numpy(),
        data=packed.data.numpy(),
        runs=tuple(
            PackedRun(name, output.numpy(), named_state(end, "n"), alone.numpy(), largest)
            for name, (alone, output, end, largest) in zip(_implementations(config), runs, strict=True)
        ),
        difference=difference,
        unpacked_difference=careless,
    )


def _implementations(config: LayersConfig) -> tuple[str, ...]:
    """Return those that the cell has: torch.nn may lack it."""
    return IMPLEMENTATIONS if cell_spec(config.model).torch_class is not None else ("scratch",)


def _places(config: LayersConfig) -> Tensor:
    """Return the sequence and the step of every element of a batch, (T, B, 2)."""
    steps, rows = torch.meshgrid(torch.arange(config.num_steps), torch.arange(config.batch_size), indexing="ij")
    return torch.stack((rows, steps), dim=-1)


def _run(
    layer: RecurrentLayer, x: Tensor, packed: PackedSequence, state: State, lengths: Tensor
) -> tuple[Tensor, Tensor, State, float]:
    """Return the outputs alone and packed, (T, B, D·H), the packed states, and the largest difference."""
    found, end = layer(packed, state)
    output, _ = pad_packed_sequence(found, total_length=len(x))
    alone = torch.zeros_like(output)
    ends = []
    for row, length in enumerate(lengths.tolist()):
        own = tuple(part[:, row : row + 1] for part in parts(state))  # (L·D, 1, H) each
        seen, after = layer(x[:length, row : row + 1], own if len(own) == 2 else own[0])
        alone[:length, row] = seen[:, 0]
        ends.append(parts(after))
    alone_end = tuple(torch.cat(part, dim=1) for part in zip(*ends, strict=True))
    return alone, output, end, largest_difference((output, *parts(end)), (alone, *alone_end))
