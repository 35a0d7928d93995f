"""Read a word with a network of one cell, in float64: every number of each step, the scores and the answers.

    read = trace_word(cell_equations("gru"), weights, [1, 0, 2, 2, 3])
    read.steps[2].quantities["z"].values         # the update gate at the third character
    read.probabilities[2], read.predicted[2]

Without an output layer h_t itself is the logits, as in the tutorial; with one they are W_out h_t + b_out.

Shapes: T characters, V vocabulary, H hidden; without an output layer V = H.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnlab.inspection.cell import softmax
from rnnlab.inspection.cell_lines import Kind
from rnnlab.inspection.cell_trace import Array, CellTrace, product, trace_sequence
from rnnlab.recurrent.equations import Equations

OUTPUT_FORMULA = "s_t = W_out h_t + b_out"
OUTPUT_CODE = "s = W_out @ h + b_out"


@dataclass(frozen=True)
class WordTrace:
    """Every number of a network that read a word; see `trace_word`."""

    cell: Equations
    steps: tuple[CellTrace, ...]
    weight_out: Array  # (V, H), or (0, H) without an output layer
    bias_out: Array  # (V,), or (0,)
    logits: tuple[Array, ...]  # (V,) each
    probabilities: tuple[Array, ...]  # (V,) each: softmax of the logits

    @property
    def predicted(self) -> tuple[int, ...]:
        """Return the index of the largest logit of each step."""
        return tuple(int(scores.argmax()) for scores in self.logits)


def trace_word(cell: Equations, weights: Mapping[str, Any], ids: Sequence[int]) -> WordTrace:
    """Read `ids` (T,) as one-hot vectors from a state of zeros.

    weights: those of the cell, as in `cell_trace`, and of an output layer weight_out (V, H) and bias_out (V,), which
    may be absent or have no rows.
    """
    steps = trace_sequence(cell, weights, ids)
    weight = np.asarray(weights.get("weight_out", ()), np.float64)
    bias = np.asarray(weights.get("bias_out", ()), np.float64)
    with np.errstate(all="ignore"):
        logits = tuple(weight @ step.h_t + bias if len(weight) else step.h_t for step in steps)
        return WordTrace(cell, steps, weight, bias, logits, tuple(softmax(scores) for scores in logits))


def products(trace: CellTrace, kind: Kind) -> Array:
    """Return W_ih x_t (G,) for kind "x", for "h" the products with the state; the blocks of rows stand in their order.

    The reset gate of `equations.gru_step`, which scales one of the latter afterwards, is not in them.
    """
    lines = () if trace.lines is None else trace.lines.lines
    parts = [part for line in lines for part in line.parts if part.kind == kind]
    return np.concatenate([product(trace.weights, part, trace.vectors, trace.x_id) for part in parts])


def sums(trace: CellTrace) -> Array:
    """Return the sums before the activations (G,) of those quantities that have rows of the weights."""
    lines = () if trace.lines is None else trace.lines.lines
    return np.concatenate([trace.quantities[line.letter].sum for line in lines if line.is_gate])
