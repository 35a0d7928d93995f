"""Compute one step of any recurrent cell with every intermediate number, in NumPy and float64.

    cell = cell_equations("lstm")
    trace = trace_step(cell, weights, x=5)               # the one-hot input 5, from a state of zeros
    for quantity in trace.quantities.values():           # i, f, g, o, c, h
        print(quantity.formula, quantity.code, quantity.values)
    for term in trace.terms("f", 2):                     # the sum behind component 2 of f
        print(term.part, [(factor.name, factor.value) for factor in term.factors], term.value)
    trace = trace_step(cell, weights, x=7, state=trace.state)

`weights` are those of a cell or of one layer: weight_ih (G, I), weight_hh (G, H), bias_ih and bias_hh (G,).
`cell.py` beside this is the plain cell alone, with its softmax.

Shapes: T time, I input, H hidden, G = blocks · H. Vectors are columns: W x.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from rnnlab.inspection.cell_lines import CellLines, Kind, Line, Part, Vector, lines_of
from rnnlab.recurrent.equations import Equations

Array = np.ndarray  # float64
Weights = Mapping[str, Array]
NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")  # torch.nn's


@dataclass(frozen=True)
class Quantity:
    """One quantity of a step: r, z, n, h of a GRU; i, f, g, o, c, h of an LSTM; h of a plain cell."""

    letter: str
    formula: str  # Unicode text, in which _ and _{…} lower what follows; empty where the cell has no lines
    code: str  # the line of PyTorch
    activation: str  # of the sum: σ, tanh, relu, or none
    parts: Mapping[str, Array]  # what is summed, by its formula: (H,) each
    sum: Array  # (H,)
    values: Array  # (H,), the activation of the sum


@dataclass(frozen=True)
class Factor:
    """A number in a product: W_ir[2, 5]."""

    name: str
    index: tuple[int, ...]
    value: float


@dataclass(frozen=True)
class Term:
    """A term of a sum: the product of its factors."""

    part: str  # the part that it belongs to, as in `Quantity.parts`
    kind: Kind
    factors: tuple[Factor, ...]
    value: float


@dataclass(frozen=True)
class CellTrace:
    """Every number of one step; see `trace_step`."""

    quantities: Mapping[str, Quantity]  # by letter, in the order of computation
    vectors: Mapping[str, Array]  # by name: x_t (I,); h_{t-1}, c_{t-1}, r_t, 1 - z_t, … (H,)
    weights: Weights
    lines: CellLines | None  # None: the cell is not in `cell_lines`, and the trace has its states alone
    x_id: int | None  # where the input is one-hot, the place of its 1
    state: tuple[Array, ...]  # after the step: (h_t,) or (h_t, c_t), (H,) each

    @property
    def h_t(self) -> Array:
        """Return the hidden state after the step (H,)."""
        return self.state[0]

    def terms(self, letter: str, component: int) -> tuple[Term, ...]:
        """Return the terms of `quantities[letter].sum[component]`; of a one-hot input only that of its 1.

        Raises KeyError for a letter that the cell does not have, and IndexError for a component.
        """
        self.quantities[letter].values[component]  # raises
        if self.lines is None:
            return ()
        found: list[Term] = []
        for part in self.lines.by_letter[letter].parts:
            found += self._terms_of(part, range(len(self.h_t))[component])
        return tuple(found)

    def _terms_of(self, part: Part, i: int) -> list[Term]:
        scale = () if part.times is None else (Factor(part.times.name, (i,), float(self.vectors[part.times.name][i])),)
        own: list[tuple[Factor, ...]]
        if part.bias:
            own = [(Factor(part.symbol, (i,), float(block(self.weights, part)[i])),)]
        elif part.matrix:
            assert part.by is not None
            row, vector = block(self.weights, part)[i], self.vectors[part.by.name]
            columns = [self.x_id] if part.kind == "x" and self.x_id is not None else range(len(vector))
            own = [
                (Factor(part.symbol, (i, j), float(row[j])), Factor(part.by.name, (j,), float(vector[j])))
                for j in columns
            ]
        else:
            assert part.by is not None
            own = [(Factor(part.by.name, (i,), float(self.vectors[part.by.name][i])),)]
        products = [(*scale, *factors) for factors in own]
        return [
            Term(part.label, part.kind, factors, float(np.prod([factor.value for factor in factors])))
            for factors in products
        ]


def trace_step(
    cell: Equations, weights: Mapping[str, Any], x: int | Array, state: Sequence[Array] | None = None
) -> CellTrace:
    """Take one step and return every number of it.

    cell: the equations, as `recurrent.cell_equations` returns them.
    weights: weight_ih (G, I), weight_hh (G, H), bias_ih and bias_hh (G,), of any floating type.
    x: the input (I,), or a whole number that stands for a one-hot vector.
    state: (h,) or (h, c) before the step, (H,) each; None is zeros.
    """
    own = as_double(weights)
    size = own["weight_hh"].shape[1]
    before = tuple(np.zeros(size) for _ in range(cell.state_size)) if state is None else tuple(state)
    before = tuple(np.asarray(part, np.float64) for part in before)
    x_id = int(x) if isinstance(x, int | np.integer) else None
    x_t = _one_hot(x_id, own["weight_ih"].shape[1]) if x_id is not None else np.asarray(x, np.float64)
    vectors = {"x_t": x_t, "h_{t-1}": before[0]} | ({"c_{t-1}": before[1]} if len(before) == 2 else {})
    lines = lines_of(cell)
    with np.errstate(all="ignore"):  # the weights of a diverged model overflow
        if lines is None:
            return _states_alone(cell, own, vectors, before, x_id)
        quantities: dict[str, Quantity] = {}
        for line in lines.lines:
            quantities[line.letter] = _quantity(line, own, vectors, x_id)
            vectors[f"{line.letter}_t"] = quantities[line.letter].values
    after = tuple(quantities[letter].values for letter in lines.state)
    return CellTrace(quantities, vectors, own, lines, x_id, after)


def trace_sequence(
    cell: Equations, weights: Mapping[str, Any], inputs: Iterable[int | Array], state: Sequence[Array] | None = None
) -> tuple[CellTrace, ...]:
    """Step through inputs, given as whole numbers or as vectors (I,), from `state`; None is zeros."""
    own, traces = as_double(weights), []
    for x in inputs:
        traces.append(trace_step(cell, own, x, state))
        state = traces[-1].state
    return tuple(traces)


def weights_of(module: Any) -> dict[str, Array]:
    """Copy the weights of a cell, or of a layer with one layer and one direction, of torch.nn or from scratch."""
    tensors = {name.removesuffix("_l0"): tensor for name, tensor in module.state_dict().items()}
    return {name: tensors[name].detach().cpu().double().numpy().copy() for name in NAMES}


def as_double(weights: Mapping[str, Any]) -> dict[str, Array]:
    """Return the four weights in float64; those that are so already are not copied."""
    return {name: np.asarray(weights[name], np.float64) for name in NAMES}


def block(weights: Weights, part: Part) -> Array:
    """Return the rows of the weight (H, I) or (H, H), or the numbers of the bias (H,), that a part multiplies."""
    size = weights["weight_hh"].shape[1]
    whole = weights[f"weight_{part.matrix}"] if part.matrix else weights[f"bias_{part.bias}"]
    return whole[part.block * size : (part.block + 1) * size]


def product(weights: Weights, part: Part, vectors: Mapping[str, Array], x_id: int | None) -> Array:
    """Return a part without its `times`: W v, b or v (H,). A one-hot input picks a column."""
    if part.bias:
        return block(weights, part)
    assert part.by is not None
    if not part.matrix:
        return vectors[part.by.name]
    matrix = block(weights, part)
    return matrix[:, x_id] if part.kind == "x" and x_id is not None else matrix @ vectors[part.by.name]


def _quantity(line: Line, weights: Weights, vectors: dict[str, Array], x_id: int | None) -> Quantity:
    """Compute one line; adds to `vectors` those that it makes of others."""
    parts: dict[str, Array] = {}
    for part in line.parts:
        for vector in (part.by, part.times):
            if vector is not None and vector.made_by:
                vectors[vector.name] = _made(vector, vectors)
        found = product(weights, part, vectors, x_id)
        parts[part.label] = found if part.times is None else vectors[part.times.name] * found
    total = np.sum(list(parts.values()), axis=0)
    return Quantity(
        line.letter, line.formula, line.code, line.activation, parts, total, ACTIVATIONS[line.activation](total)
    )


def _made(vector: Vector, vectors: Mapping[str, Array]) -> Array:
    values = [vectors[name] for name in vector.of]
    if vector.made_by == "complement":
        return 1 - values[0]
    return np.tanh(values[0]) if vector.made_by == "tanh" else values[0] * values[1]


def sigmoid(a: Array) -> Array:
    """Compute 1 / (1 + exp(-a)) without overflow.

    >>> sigmoid(np.array([0.0, -1000.0, 1000.0])).tolist()
    [0.5, 0.0, 1.0]
    """
    return 0.5 * (1 + np.tanh(0.5 * a))


ACTIVATIONS: Mapping[str, Callable[[Array], Array]] = {
    "": lambda a: a,
    "σ": sigmoid,
    "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0),
}


def _one_hot(place: int, size: int) -> Array:
    if not 0 <= place < size:
        raise IndexError(f"input {place} of {size}")
    vector = np.zeros(size)
    vector[place] = 1
    return vector


@torch.inference_mode()
def _states_alone(
    cell: Equations, weights: Weights, vectors: dict[str, Array], before: tuple[Array, ...], x_id: int | None
) -> CellTrace:
    """Take the step of a cell that is not in `cell_lines` by its own function."""
    tensors = {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in weights.items()}
    from_x = tensors["weight_ih"] @ torch.from_numpy(vectors["x_t"]) + tensors["bias_ih"]
    state = tuple(torch.from_numpy(np.ascontiguousarray(part)) for part in before)
    step = cell.step(from_x, state, *cell.prepare(tensors["weight_hh"], tensors["bias_hh"]))
    after = tuple(part.numpy() for part in step)
    quantities = {
        letter: Quantity(letter, "", "", "", {}, values, values) for letter, values in zip("hc", after, strict=False)
    }
    return CellTrace(quantities, vectors, weights, None, x_id, after)
