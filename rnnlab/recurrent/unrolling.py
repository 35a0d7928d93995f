"""Run one layer in one direction over time: the loop that makes a network recurrent.

Shapes: T time, B batch, N steps of all sequences together, H hidden, G = gates · H.
"""

from __future__ import annotations

from itertools import groupby

import torch
from torch import Tensor

from rnnlab.recurrent import bptt
from rnnlab.recurrent.autograd_fallback import is_autocast, is_transformed
from rnnlab.recurrent.equations import Equations, Hidden


def run_layer(
    equations: Equations,
    projected: Tensor,
    state: Hidden,
    weight_hh: Tensor,
    bias_hh: Tensor | None,
    by_hand: bool = True,
) -> tuple[Tensor, Hidden]:
    """Run one layer in one direction over T steps.

    `projected` (T, B, G) is x W_ihᵀ + b_ih, and + b_hh where `bias_hh` is None because both were added at once; `state`
    is the state before the first step, each tensor (B, H). Returns h at every step (T, B, H) and the state after the
    last. With `by_hand` the gradient is the one written out in `bptt`, where these equations have one and there is a
    batch; else autograd records the step's operations. Both give the same numbers (`tests/recurrent/test_bptt.py`).
    """
    if by_hand and projected.dim() == 3 and not is_transformed() and not is_autocast():
        sequence = bptt.by_hand(equations.step)
        if sequence is not None:
            output, *last = sequence(projected, *state, weight_hh, bias_hh)
            return output, tuple(last)
    return equations.unroll(projected, state, weight_hh, bias_hh)


def run_packed_layer(
    equations: Equations,
    projected: Tensor,
    batch_sizes: list[int],
    state: Hidden,
    weight_hh: Tensor,
    bias_hh: Tensor | None,
    by_hand: bool = True,
    reverse: bool = False,
) -> tuple[Tensor, Hidden]:
    """Run one layer over sequences of unequal length, packed as by `torch.nn.utils.rnn.PackedSequence`.

    `projected` (N, G) has the first step of all sequences, longest first, then the second of those that have one, and
    so on: `batch_sizes` of each. Steps with equally many sequences are one rectangle (T, B, G) for `run_layer`.
    Forwards, a sequence leaves the batch at its end; `reverse`, it joins at its end. Returns h at every step (N, H)
    and each sequence's state after its last step, (B, H) each.
    """
    runs = [(size, len(list(steps))) for size, steps in groupby(batch_sizes)]  # (B, T) of each rectangle
    blocks = list(projected.split([size * steps for size, steps in runs]))
    order = range(len(runs))[:: -1 if reverse else 1]
    outputs: list[Tensor] = [projected] * len(runs)  # each is filled in below
    ended: list[Hidden] = []  # forwards: the states of the sequences that have left the batch
    now = tuple(part[: runs[order[0]][0]] for part in state)
    for k in order:
        size, steps = runs[k]
        present = len(now[0])
        if size < present:
            ended.append(tuple(part[size:] for part in now))
            now = tuple(part[:size] for part in now)
        elif size > present:
            now = tuple(torch.cat([part, first[present:size]]) for part, first in zip(now, state, strict=True))
        block = blocks[k].unflatten(0, (steps, size))
        output, now = run_layer(equations, block.flip(0) if reverse else block, now, weight_hh, bias_hh, by_hand)
        outputs[k] = (output.flip(0) if reverse else output).flatten(0, 1)
    last = tuple(torch.cat(parts) for parts in zip(now, *reversed(ended), strict=True)) if ended else now
    return torch.cat(outputs), last
