"""The gates of a network along a text: their mean over the units, how saturated they are, and the step at a place.

    reading = read_probe(model, ids)
    for activity in gate_activity(model.config, reading.activations):
        print(activity.key, activity.mean, activity.low.mean(), activity.high.mean())
    unit = unit_at(model, reading, place=5, layer=0, unit=3)      # every number of that unit in that step

A gate is saturated at 0 or 1 where its unit almost never or almost always lets through. Karpathy, Johnson & Li 2015,
"Visualizing and understanding recurrent networks", plot for each unit the share of the text in which it is below 0.1
against that in which it is above 0.9.

Shapes: T tokens of the text, H hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnlab.inspection.cell_lines import lines_of
from rnnlab.inspection.cell_trace import CellTrace, Term, trace_step
from rnnlab.inspection.probe import Reading
from rnnlab.inspection.surgery import gates_of_model
from rnnlab.models import LanguageModel
from rnnlab.models.language_model_config import LanguageModelConfig
from rnnlab.recurrent import cell_equations, cell_spec
from rnnlab.validation import Integer, InvalidInput

LOW, HIGH = 0.1, 0.9
Activations = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class GateActivity:
    """One gate of one layer along a text."""

    layer: int
    gate: str  # its letter
    along: NDArray[np.float64]  # (T,): its mean over the units at each token
    low: NDArray[np.float64]  # (H,): of each unit, the share of the text in which it is below LOW
    high: NDArray[np.float64]  # (H,): and above HIGH

    @property
    def key(self) -> str:
        """Its name in a reading: "l0.f"."""
        return f"l{self.layer}.{self.gate}"

    @property
    def mean(self) -> float:
        """The mean over text and units."""
        return float(self.along.mean())


def gate_activity(config: LanguageModelConfig, activations: Activations) -> list[GateActivity]:
    """Return the gates of each layer, in the order of the weights' rows; none of a plain network.

    activations: of a `Reading`; a bidirectional network has none. Raises InvalidInput for one.
    """
    if config.bidirectional:
        raise InvalidInput("no_states", "model")
    found = []
    for layer in range(config.num_layers):
        for gate in gates_of_model(config):
            values = activations[f"l{layer}.{gate}"]  # (T, H)
            along = values.mean(axis=1, dtype=np.float64)
            found.append(GateActivity(layer, gate, along, (values < LOW).mean(axis=0), (values > HIGH).mean(axis=0)))
    return found


@dataclass(frozen=True)
class UnitLine:
    """One quantity of a step, for one unit."""

    letter: str
    formula: str
    code: str  # the line of PyTorch
    activation: str  # of the sum: σ, tanh, relu, or none
    sum: float
    value: float
    parts: tuple[tuple[str, float], ...]  # what is summed, by its formula
    terms: tuple[Term, ...]  # the largest terms of the sum by their absolute value, the largest first
    others: tuple[int, float]  # how many further terms there are, and their sum


def trace_at(model: LanguageModel, reading: Reading, place: int, layer: int = 0) -> CellTrace:
    """Return every number of the step of a layer at token `place` of a text that was read, in float64.

    Of a one-hot input its `weights` hold in weight_ih the column of the token at each place, for no other is used.
    Raises InvalidInput for a place or layer that there is not, and for a bidirectional network.
    """
    return _trace(model, reading, place, layer)


def _trace(
    model: LanguageModel, reading: Reading, place: int, layer: int, rows: NDArray[np.intp] | None = None
) -> CellTrace:
    """Return `trace_at`; with `rows`, of the weights' rows only those are taken, and the others are 0."""
    config = model.config
    if config.bidirectional:
        raise InvalidInput("no_states", "model")
    Integer(0, len(reading.ids) - 1).require("place", place)
    Integer(0, config.num_layers - 1).require("layer", layer)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    tensors = model.recurrent.state_dict()
    number = int(reading.ids[place])
    own = {name: tensors[f"{name}_l{layer}"].detach().cpu() for name in names}
    is_column = not layer and model.embedding is None
    if is_column:  # a view of the one column that is multiplied, not (G, V) in float64
        column = own["weight_ih"][:, number : number + 1].double()
        own["weight_ih"] = column.expand(own["weight_ih"].shape)
    partly = () if rows is None else ("weight_hh",) if is_column else ("weight_ih", "weight_hh")
    weights = {name: _double(tensor, rows if name in partly else None) for name, tensor in own.items()}
    if layer:
        x: int | NDArray[np.float64] = reading.activations[f"l{layer - 1}.h"][place].astype(np.float64)
    else:
        x = number if model.embedding is None else model.embedding.weight[number].detach().double().cpu().numpy()
    letters = ("h", "c")[: cell_spec(config.model).state_size]
    before = None
    if place:
        before = [reading.activations[f"l{layer}.{letter}"][place - 1].astype(np.float64) for letter in letters]
    return trace_step(cell_equations(config.model, config.nonlinearity, config.reset_after), weights, x, before)


def _double(tensor: Tensor, rows: NDArray[np.intp] | None) -> NDArray[np.float64]:
    """Return a weight in float64; with `rows`, those of it, and 0 in the others."""
    if rows is None:
        return tensor.double().numpy()
    weight = np.zeros(tensor.shape)
    weight[rows] = tensor[torch.from_numpy(rows)].double().numpy()
    return weight


def _rows_of_unit(config: LanguageModelConfig, unit: int) -> NDArray[np.intp] | None:
    """Return the rows of the weights that one unit's numbers need; None, all of them, of a cell without lines.

    These are its own row of each block, and the whole block of a gate that a matrix multiplies: the r of a GRU that
    resets before the product.
    """
    lines = lines_of(cell_equations(config.model, config.nonlinearity, config.reset_after))
    if lines is None:
        return None
    parts = [(line, part) for line in lines.lines for part in line.parts if part.matrix]
    multiplied = {name for _, part in parts if part.by is not None and part.by.made_by for name in part.by.of}
    size, rows = config.hidden_size, set()
    for line, part in parts:
        units = range(size) if f"{line.letter}_t" in multiplied else (unit,)
        rows |= {part.block * size + one for one in units}
    return np.array(sorted(rows), np.intp)


def unit_at(
    model: LanguageModel, reading: Reading, place: int, layer: int = 0, unit: int = 0, most: int = 8
) -> list[UnitLine]:
    """Return the lines of the step at token `place` for one unit, each with at most `most` terms of its sum.

    Raises InvalidInput for a place, layer or unit that there is not.
    """
    Integer(0, model.config.hidden_size - 1).require("unit", unit)
    trace = _trace(model, reading, place, layer, _rows_of_unit(model.config, unit))
    lines = []
    for letter, quantity in trace.quantities.items():
        terms = sorted(trace.terms(letter, unit), key=lambda term: -abs(term.value))
        rest = terms[most:]
        lines.append(
            UnitLine(
                letter=letter,
                formula=quantity.formula,
                code=quantity.code,
                activation=quantity.activation,
                sum=float(quantity.sum[unit]),
                value=float(quantity.values[unit]),
                parts=tuple((name, float(values[unit])) for name, values in quantity.parts.items()),
                terms=tuple(terms[:most]),
                others=(len(rest), sum(term.value for term in rest)),
            )
        )
    return lines
