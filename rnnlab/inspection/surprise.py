"""Measure how unexpected each character of a text is to a language model, in bits.

Shapes: N characters of the text, B rows that are read side by side, T characters of a minibatch.
"""

from __future__ import annotations

import math
from collections.abc import Generator

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own abbreviation
from torch import Tensor

from rnnlab.inspection.vocabulary_blocks import blocks_of_rows
from rnnlab.models import LanguageModel
from rnnlab.recurrent import State

ROWS, STEPS = 32, 25  # rows side by side at most, and characters of each that are read at once
MIN_ROW = 200  # characters of a row at least: shorter ones would be read with too little before them
CONTEXT = 32  # characters that each row but the first reads before its own, so that it does not begin without a state


def surprisal(model: LanguageModel, ids: Tensor, of: range | None = None) -> Tensor:
    """Return −log2 of the probability that the model gave each of `ids` (N,), in bits (N,); the first is NaN.

    of: the tokens that are wanted, where not all are: of the others some are NaN as well, which saves reading them.

    A text of 400 characters and more is read in up to ROWS rows side by side, each after CONTEXT characters before it.
    `expected.expected_at` reads up to one place in the same way.
    """
    work = surprisal_in_parts(model, ids, of)
    while True:
        try:
            next(work)
        except StopIteration as end:
            found: Tensor = end.value
            return found


def surprisal_in_parts(model: LanguageModel, ids: Tensor, of: range | None = None) -> Generator[None, None, Tensor]:
    """Do what `surprisal` does, a part at each step, and return the bits."""
    found = torch.full((len(ids),), math.nan)
    if len(ids) < 2 or (of is not None and not of):
        return found
    rows, length = rows_of(len(ids))
    wanted = range(rows) if of is None else _rows_with(of, rows, length)
    was_training, device = model.training, model.output.weight.device
    model.eval()
    try:
        with torch.inference_mode():
            ids = ids.to(device)
            state = _state_before(model, ids, wanted, length)
            own = slice(wanted.start * length, wanted.stop * length)
            follow = slice(own.start + 1, own.stop + 1)
            for t in range(0, length, STEPS):
                part = slice(t, min(t + STEPS, length))
                x = ids[own].view(len(wanted), length)[:, part]
                y = ids[follow].view(len(wanted), length)[:, part]
                bits, state = _bits(model, x, y, state)
                found[follow].view(len(wanted), length)[:, part] = bits
                yield
            rest = slice(rows * length, len(ids) - 1)  # fewer than there are rows
            if wanted.stop == rows and rest.start < rest.stop:
                last = _of_last_row(state)
                found[rest.start + 1 :] = _bits(model, ids[None, rest], ids[None, rest.start + 1 :], last)[0][0]
    finally:
        model.train(was_training)
    return found


def rows_of(tokens: int) -> tuple[int, int]:
    """Return in how many rows a text of so many tokens, two at least, is read, and the tokens of each.

    The last row goes on with the rest, which is shorter than there are rows.

    >>> rows_of(10_000), rows_of(399)
    ((32, 312), (1, 398))
    """
    rows = max(1, min(ROWS, (tokens - 1) // MIN_ROW))
    return rows, (tokens - 1) // rows


def _rows_with(of: range, rows: int, length: int) -> range:
    """Return the rows in which the tokens `of` are predicted.

    >>> _rows_with(range(0, 3000), 32, 312), _rows_with(range(9990, 10_000), 32, 312)
    (range(0, 10), range(31, 32))
    """
    first, last = (min(max(token - 1, 0) // length, rows - 1) for token in (of.start, of.stop - 1))
    return range(first, last + 1)


def _state_before(model: LanguageModel, ids: Tensor, rows: range, length: int) -> State | None:
    """Return the state before each of `rows`: after the characters before it, of the first row zeros."""
    if rows.stop == 1 or model.config.bidirectional:
        return None
    starts = torch.tensor(rows) * length
    before = torch.stack([ids[max(0, s - CONTEXT) : max(0, s - CONTEXT) + CONTEXT] for s in starts.tolist()])
    _, state = model.read(before)
    parts = state if isinstance(state, tuple) else (state,)
    keep = (starts > 0).to(parts[0].device, parts[0].dtype)[None, :, None]
    kept = [part * keep for part in parts]
    return (kept[0], kept[1]) if len(kept) == 2 else kept[0]


def _of_last_row(state: State | None) -> State | None:
    """Return the state of the last row as that of a single one."""
    if isinstance(state, tuple):
        return state[0][:, -1:].contiguous(), state[1][:, -1:].contiguous()
    return None if state is None else state[:, -1:].contiguous()


def _bits(model: LanguageModel, x: Tensor, y: Tensor, state: State | None) -> tuple[Tensor, State]:
    """Return the bits of `y` (B, T) after `x` (B, T), on the CPU, and the state."""
    hidden, state = model.read(x, state)
    rows, targets = hidden.flatten(0, 1), y.flatten()
    nll = [
        F.cross_entropy(model.output(rows[part]), targets[part], reduction="none")
        for part in blocks_of_rows(len(rows), model.vocab_size)
    ]
    return (torch.cat(nll) / math.log(2)).view(y.shape).float().cpu(), state
