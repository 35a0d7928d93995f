"""Operate on a trained network: hold a gate at a constant, switch a unit off, zero a weight matrix.

    operations = [Operation("gate", gate="forget", value=0.5)]
    operated = operate(model, operations)
    perplexity_along(model, ids), perplexity_along(operated, ids)     # `held_gates` has both, and a table of them

Each operation is an edit of the weights, so the equations and the layers stay as they are, and whatever reads a model
reads an operated one: `generate`, `read_probe`, `torch.nn`.

    hold a gate at v    its rows of W_ih, W_hh and b_hh are 0, and its b_ih is log(v / (1 - v)):  σ(b_ih) = v
    switch unit u off   column u of W_hh, of the next layer's W_ih or of the output's weight is 0: nothing reads h_u
    zero a matrix       all its numbers are 0; the biases stay

b_ih is -∞ for v = 0 and +∞ for v = 1. A unit that is off still has its own h_u (and c_u), which no sum contains.

Shapes: T time, H hidden, G = gates · H.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnlab.inspection.probe import read_probe
from rnnlab.limits import MAX_OPERATIONS
from rnnlab.models import LanguageModel
from rnnlab.models.language_model_config import LanguageModelConfig
from rnnlab.recurrent import cell_equations, cell_spec
from rnnlab.recurrent.gates import sigmoid_gates
from rnnlab.validation import Choice, Integer, InvalidInput, echo

KINDS = ("gate", "unit", "matrix")
GATE_NAMES = {"r": "reset", "z": "update", "i": "input", "f": "forget", "o": "output"}  # by letter
MATRICES = ("weight_ih", "weight_hh", "output")  # of a layer, of a layer, and of the output
MEAN = "mean"  # as a value: the mean of each unit's gate over a text
MAX_LAYERS, MAX_UNITS = 8, 2048
SPELLING = re.compile(r"(?:l(?P<layer>\d{1,3})\.)?(?P<name>\w{1,20})(?:=(?P<value>.{1,30}))?")  # "l1.forget=0.5"

Means = Mapping[str, NDArray[np.float64]]  # (H,) by layer and letter: "l0.f"


@dataclass(frozen=True)
class Operation:
    """One change of a network. Raises InvalidInput; `check_operations` checks it against a network."""

    kind: str  # one of KINDS
    layer: int = 0  # from 0, as in weight_hh_l0; of no importance to the matrix "output"
    gate: str = ""  # its letter, or its name in GATE_NAMES
    unit: int | None = None  # from 0
    matrix: str = ""  # one of MATRICES
    value: float | str = 0.0  # at which a gate is held: 0 to 1, or MEAN

    def __post_init__(self) -> None:
        Choice(KINDS).check("kind", self.kind)
        object.__setattr__(self, "layer", Integer(0, MAX_LAYERS - 1).require("layer", self.layer))
        if self.kind == "gate":
            object.__setattr__(self, "gate", gate_letter(self.gate))
            if self.value != MEAN:
                object.__setattr__(self, "value", _share("value", self.value))
        elif self.kind == "unit":
            object.__setattr__(self, "unit", Integer(0, MAX_UNITS - 1).require("unit", self.unit))
        else:
            Choice(MATRICES).check("matrix", self.matrix)

    @property
    def key(self) -> str:
        """The name of the gate in a reading: "l0.f"."""
        return f"l{self.layer}.{self.gate}"

    @property
    def word(self) -> str:
        """The operation as `operation_called` reads it: "l1.f=0.5"."""
        if self.kind == "gate":
            return f"{self.key}={self.value if self.value == MEAN else repr(self.value)}"
        if self.matrix == "output":
            return self.matrix
        return f"l{self.layer}." + (f"unit={self.unit}" if self.kind == "unit" else self.matrix)

    def to_dict(self) -> dict[str, object]:
        """Return what the kind needs as plain data for JSON."""
        fields: dict[str, tuple[str, ...]] = {
            "gate": ("layer", "gate", "value"),
            "unit": ("layer", "unit"),
            "matrix": ("matrix",) if self.matrix == "output" else ("layer", "matrix"),
        }
        return {"kind": self.kind, **{name: getattr(self, name) for name in fields[self.kind]}}


def _share(name: str, value: object) -> float:
    """Return a number from 0 to 1. Raises InvalidInput, which also names MEAN."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidInput("held_value", name, value=echo(value))
    return float(value)


def gate_letter(name: str) -> str:
    """Return the letter of a gate, from its letter or its name. Raises InvalidInput.

    >>> gate_letter("forget"), gate_letter("z")
    ('f', 'z')
    """
    by_name = {known: letter for letter, known in GATE_NAMES.items()}
    found = by_name.get(name, name) if isinstance(name, str) else name
    return found if found in GATE_NAMES else Choice((*by_name, *GATE_NAMES)).check("gate", name)


def operation_called(word: str, layer: int = 0, hold: str = "0.5", field: str = "operations") -> Operation:
    """Return the operation that a word such as "l1.forget=0.5", "unit=3" or "weight_hh" stands for.

    layer, hold: of a word that does not give them. Raises InvalidInput.

    >>> operation_called("l1.forget=mean")
    Operation(kind='gate', layer=1, gate='f', unit=None, matrix='', value='mean')
    """
    parts = SPELLING.fullmatch(word) if isinstance(word, str) else None
    if parts is None or (parts["name"] == "unit" and not (parts["value"] or "").isdecimal()):
        raise InvalidInput("operation_spelling", field, value=echo(word))
    where = layer if parts["layer"] is None else int(parts["layer"])
    if parts["name"] == "unit":
        return Operation("unit", where, unit=int(parts["value"]))
    if parts["name"] in MATRICES:
        return Operation("matrix", where, matrix=parts["name"])
    return Operation("gate", where, parts["name"], value=_number_or_mean(parts["value"] or hold))


def _number_or_mean(text: str) -> float | str:
    """Return the number of a text; any other text as it is, for `Operation` to check."""
    try:
        return float(text)
    except ValueError:
        return text


def gates_of_model(config: LanguageModelConfig) -> tuple[str, ...]:
    """Return the letters of the gates that can be held: those between 0 and 1, none of a plain network."""
    return sigmoid_gates(cell_equations(config.model, config.nonlinearity, config.reset_after))


def check_operations(config: LanguageModelConfig, operations: Sequence[Operation]) -> None:
    """Raise InvalidInput for an operation that a network of this architecture does not have."""
    if config.bidirectional:
        raise InvalidInput("no_states", "model")
    if len(operations) > MAX_OPERATIONS:
        raise InvalidInput("too_many_items", "operations", length=len(operations), high=MAX_OPERATIONS)
    gates = gates_of_model(config)
    for operation in operations:
        if operation.matrix != "output":
            Integer(0, config.num_layers - 1).require("layer", operation.layer)
        if operation.kind == "gate" and operation.gate not in gates:
            _refuse_gate(config, operation.gate, gates)
        if operation.kind == "unit":
            Integer(0, config.hidden_size - 1).require("unit", operation.unit)


def _refuse_gate(config: LanguageModelConfig, gate: str, gates: Sequence[str]) -> NoReturn:
    """Raise InvalidInput for a gate that a network lacks; `gates` are those it has."""
    if not gates:
        raise InvalidInput("no_gates", "gate", value=GATE_NAMES[gate], model=config.model)
    has = ", ".join(f"{GATE_NAMES[letter]} ({letter})" for letter in gates)
    raise InvalidInput("no_such_gate", "gate", value=GATE_NAMES[gate], model=config.model, choices=has)


def operate(model: LanguageModel, operations: Sequence[Operation], means: Means | None = None) -> LanguageModel:
    """Return a copy of `model` with the operations done; it shares the weights that they leave as they are.

    means: of the undamaged network, from `gate_means`; needed for a value MEAN. Of two values for the same gate the
    later one counts; all else is independent of the order. Raises InvalidInput.
    """
    config = model.config
    check_operations(config, operations)
    weights = {name: tensor.detach() for name, tensor in model.state_dict().items()}
    weights["output.weight"] = model.output.weight.detach()  # of a tied model the state_dict has it once
    edited: set[str] = set()

    def edit(name: str) -> Tensor:
        if name not in edited:
            edited.add(name)
            weights[name] = weights[name].clone()
        return weights[name]

    for operation in operations:
        if operation.kind == "gate":
            rows = _rows(config, operation.gate)
            for name in ("weight_ih", "weight_hh", "bias_hh"):
                edit(f"recurrent.{name}_l{operation.layer}")[rows] = 0
            edit(f"recurrent.bias_ih_l{operation.layer}")[rows] = _logit(operation, means).to(weights["output.weight"])
        elif operation.kind == "unit":
            top = operation.layer == config.num_layers - 1
            reader = "output.weight" if top else f"recurrent.weight_ih_l{operation.layer + 1}"
            for name in (f"recurrent.weight_hh_l{operation.layer}", reader):
                edit(name)[:, operation.unit] = 0
        else:
            name = operation.matrix
            edit("output.weight" if name == "output" else f"recurrent.{name}_l{operation.layer}").zero_()
    operated = LanguageModel(replace(config, tie_weights=False), model.vocab_size, device="meta")
    operated.load_state_dict(weights, assign=True)
    return operated.eval()


def _rows(config: LanguageModelConfig, gate: str) -> slice:
    """Return the rows of a gate in the weights of a layer."""
    place = cell_spec(config.model).gates.index(gate)
    return slice(place * config.hidden_size, (place + 1) * config.hidden_size)


def _logit(operation: Operation, means: Means | None) -> Tensor:
    """Return the sum whose sigmoid is the value of the operation, (H,) for MEAN, else a scalar; in float64."""
    if operation.value != MEAN:
        return torch.logit(torch.tensor(operation.value, dtype=torch.float64))
    if means is None or operation.key not in means:
        raise ValueError(f"the means of {operation.key} are needed")
    return torch.logit(torch.from_numpy(means[operation.key]))


def gate_means(model: LanguageModel, ids: Sequence[int]) -> dict[str, NDArray[np.float64]]:
    """Return the mean over a text of every gate of every unit, (H,) each, by layer and letter: "l0.f"."""
    return means_of(model.config, read_probe(model, ids).activations)


def means_of(
    config: LanguageModelConfig, activations: Mapping[str, NDArray[np.float32]]
) -> dict[str, NDArray[np.float64]]:
    """Return `gate_means` of a text that was read already, from its `Reading.activations`."""
    wanted = [f"l{layer}.{gate}" for layer in range(config.num_layers) for gate in gates_of_model(config)]
    return {key: activations[key].mean(axis=0, dtype=np.float64) for key in wanted}


def needs_means(operations: Sequence[Operation]) -> bool:
    """Return whether any gate is to be held at its mean."""
    return any(operation.kind == "gate" and operation.value == MEAN for operation in operations)
