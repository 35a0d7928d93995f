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
from numpy.typing import NDArray

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
    config = model.config
    if config.bidirectional:
        raise InvalidInput("no_states", "model")
    Integer(0, len(reading.ids) - 1).require("place", place)
    Integer(0, config.num_layers - 1).require("layer", layer)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    tensors = model.recurrent.state_dict()
    number = int(reading.ids[place])
    own = {name: tensors[f"{name}_l{layer}"].detach().cpu() for name in names}
    if not layer and model.embedding is None:  # a view of the one column that is multiplied, not (G, V) in float64
        column = own["weight_ih"][:, number : number + 1].double()
        own["weight_ih"] = column.expand(own["weight_ih"].shape)
    weights = {name: tensor.double().numpy() for name, tensor in own.items()}
    if layer:
        x: int | NDArray[np.float64] = reading.activations[f"l{layer - 1}.h"][place].astype(np.float64)
    else:
        x = number if model.embedding is None else model.embedding.weight[number].detach().double().cpu().numpy()
    letters = ("h", "c")[: cell_spec(config.model).state_size]
    before = None
    if place:
        before = [reading.activations[f"l{layer}.{letter}"][place - 1].astype(np.float64) for letter in letters]
    return trace_step(cell_equations(config.model, config.nonlinearity, config.reset_after), weights, x, before)


def unit_at(
    model: LanguageModel, reading: Reading, place: int, layer: int = 0, unit: int = 0, most: int = 8
) -> list[UnitLine]:
    """Return the lines of the step at token `place` for one unit, each with at most `most` terms of its sum.

    Raises InvalidInput for a place, layer or unit that there is not.
    """
    trace = trace_at(model, reading, place, layer)
    Integer(0, model.config.hidden_size - 1).require("unit", unit)
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
