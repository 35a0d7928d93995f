"""Find the places of a long text where the same units are on as over a selected passage.

A unit is on over a passage if its value is at least the threshold at every token of it, or at most minus the threshold
at every token. The method is LSTMVis's (Strobelt et al. 2018, https://arxiv.org/abs/1606.07461); its score there counts
shared and further units as well.

    states = states_of_text(model, ids, "l0.c")             # (N, H)
    on = units_on(values[first : last + 1], 0.5)            # the selection's: (H,) of −1, 0 and 1
    for match in find_alike(states, on, last + 1 - first, 0.5):
        print(match.start, match.score)

Shapes: N tokens of the text, L of the selection, H units, B rows that are read side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.inspection.surprise import CONTEXT, MIN_ROW, ROWS
from rnnlab.models import LanguageModel
from rnnlab.recurrent import cell_equations, cell_spec

Array = NDArray[np.float32]
Signs = NDArray[np.int8]

PLACES = 10  # that are found at most


@dataclass(frozen=True)
class Alike:
    """A place of the text where a passage of the selection's length begins."""

    start: int
    score: int  # shared − others
    shared: int  # units on over the passage as over the selection, with the same sign
    others: int  # units on over the passage that are not on over the selection, or with the other sign


def units_on(values: Array, threshold: float) -> Signs:
    """Return which units are on over a passage (L, H): 1, or −1 for those below minus the threshold; else 0 (H,)."""
    signs = np.zeros(values.shape[1], np.int8)
    signs[(values >= threshold).all(axis=0)] = 1
    signs[(values <= -threshold).all(axis=0)] = -1
    return signs


def find_alike(
    states: Array, on: Signs, length: int, threshold: float, number: int = PLACES, without: Sequence[int] = ()
) -> list[Alike]:
    """Return the places of `states` (N, H) with the highest score, at most `number`, the best first.

    The score of a place is the number of units that are on over its passage as over the selection (`on`, from
    `units_on`), minus the number of others that are on there. Of equal scores the earlier place comes first. A place
    whose passage overlaps a better one's is left out, and so is one that shares no unit.
    without: places of passages that are not to be found, such as the selection's own.
    """
    places = len(states) - length + 1
    if places < 1 or not on.any():
        return []
    shared, total = np.zeros(places, np.int32), np.zeros(places, np.int32)
    for first in range(0, states.shape[1], 32):  # few units at a time: the counts take eight bytes a value
        columns = slice(first, first + 32)
        values, sign = states[:, columns], on[columns]
        for direction, is_on in ((1, values >= threshold), (-1, values <= -threshold)):
            throughout = _throughout(is_on, length)
            total += throughout.sum(axis=1, dtype=np.int32)
            shared += throughout[:, sign == direction].sum(axis=1, dtype=np.int32)
    scores = 2 * shared - total
    found: list[Alike] = []
    taken = np.zeros(places, bool)
    for start in without:
        taken[max(0, start - length + 1) : start + length] = True
    for start in np.argsort(-scores, kind="stable").tolist():
        if len(found) == number:
            break
        if not taken[start] and shared[start]:
            taken[max(0, start - length + 1) : start + length] = True
            found.append(Alike(start, int(scores[start]), int(shared[start]), int(total[start] - shared[start])))
    return found


def _throughout(is_on: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """Return for each place whether `is_on` (N, U) holds at `length` tokens from it on: (N − length + 1, U)."""
    counts = np.zeros((len(is_on) + 1, is_on.shape[1]), np.int32)
    np.cumsum(is_on, axis=0, dtype=np.int32, out=counts[1:])
    found: NDArray[np.bool_] = counts[length:] - counts[: len(counts) - length] == length
    return found


@torch.inference_mode()
def states_of_text(model: LanguageModel, ids: Sequence[int], state: str) -> Array:
    """Return a state, such as "l0.h" or an LSTM's "l0.c", after each of `ids`: (N, H).

    Up to ROWS rows of the text are read side by side, each but the first after CONTEXT tokens before its own: its first
    states are those of a reading that began there. A text of fewer than 2 MIN_ROW tokens is read in one row.
    """
    layer, letter = int(state[1:].partition(".")[0]), state.rpartition(".")[2]
    numbers = torch.as_tensor(np.asarray(ids, np.int64))
    rows = max(1, min(ROWS, len(numbers) // MIN_ROW))
    length = -(-len(numbers) // rows)
    before = CONTEXT if rows > 1 else 0
    padded = torch.cat([numbers.new_zeros(before), numbers, numbers.new_zeros(rows * length - len(numbers))])
    x = torch.stack([padded[row * length : row * length + before + length] for row in range(rows)], 1)  # (T, B)
    values = _read_rows(model, x, layer, letter, before)[before:]  # (length, B, H)
    whole: Array = values.transpose(0, 1).reshape(rows * length, -1)[: len(numbers)].numpy()
    return whole


def _read_rows(model: LanguageModel, x: torch.Tensor, layer: int, letter: str, before: int) -> torch.Tensor:
    """Return a state of a layer at each step of rows x (T, B); the first row begins anew after `before` steps."""
    config, weights = model.config, {k: v.float().cpu() for k, v in model.recurrent.state_dict().items()}
    cell = cell_equations(config.model, config.nonlinearity, config.reset_after)
    place = ("h", "c").index(letter)
    inputs: torch.Tensor | None = None if model.embedding is None else model.embedding.weight.float().cpu()[x]
    for number in range(layer + 1):
        weight_ih, bias_ih = weights[f"weight_ih_l{number}"], weights[f"bias_ih_l{number}"]
        prepared = cell.prepare(weights[f"weight_hh_l{number}"], weights[f"bias_hh_l{number}"])
        state = (bias_ih.new_zeros(x.shape[1], config.hidden_size),) * cell_spec(config.model).state_size
        found = bias_ih.new_empty(*x.shape, config.hidden_size)
        for t in range(len(x)):
            if t == before:
                for part in state:
                    part[0] = 0
            from_x = (weight_ih.T[x[t]] if inputs is None else inputs[t] @ weight_ih.T) + bias_ih
            state = cell.step(from_x, state, *prepared)
            found[t] = state[place if number == layer else 0]
        inputs = found
    assert inputs is not None
    return inputs
