"""The recurrent cells, one `CellSpec` each. To add a cell, write its step and register its spec.

Training (gradients by autograd), generation, checkpoints, the memory estimate, parameter counts, figures, the choices
of the page and of the command line read this registry. A minimal gated unit, with two blocks of rows:

    def mgu_step(from_x, state, weight_f, weight_n, bias_f, bias_n): ...     # see `equations` for the arguments
    register_cell("mgu", CellSpec(lambda: Equations(mgu_step, gates=2, prepare=split_f_n), ("f", "n"), "#CC79A7"))

Two fast paths are optional and have their own tables, both by the step: `bptt` (the gradient written by hand) and
`numpy_cells` (generation without a graph). A label in `rnnlab/ui/i18n` is optional, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import overload

from torch import nn

from rnnlab.recurrent.equations import Equations, gru_equations, lstm_equations, rnn_equations
from rnnlab.recurrent.layer import BIASES, Layer
from rnnlab.recurrent.layers import GRU, LSTM, RNN
from rnnlab.validation import Choice, InvalidInput

IMPLEMENTATIONS = ("scratch", "torch")


@dataclass(frozen=True)
class CellSpec:
    """What distinguishes one recurrent cell from another."""

    equations: Callable[..., Equations]  # takes the `options` as keywords
    gates: tuple[str, ...]  # a letter for each block of H rows of the weights; a plain network has one, h
    color: str  # of the model in every figure, as #RRGGBB
    dark_color: str = ""  # the same hue on a dark page; empty: `color`
    torch_class: type[nn.RNNBase] | None = None  # the same network in torch.nn, if it has one
    layer_class: Callable[..., Layer] | None = None  # with the constructor of torch_class; None: `Layer`
    options: tuple[str, ...] = ()  # which settings choose between forms: nonlinearity, reset_after

    @property
    def state_size(self) -> int:
        """The number of tensors in the state: 1 for h, 2 for h and c."""
        return self.equations().state_size


CELLS: dict[str, CellSpec] = {
    "rnn": CellSpec(rnn_equations, ("h",), "#D55E00", "#FF8A3D", nn.RNN, RNN, options=("nonlinearity",)),
    "gru": CellSpec(gru_equations, ("r", "z", "n"), "#0072B2", "#56B4E9", nn.GRU, GRU, options=("reset_after",)),
    "lstm": CellSpec(lstm_equations, ("i", "f", "g", "o"), "#009E73", "#33CC9E", nn.LSTM, LSTM),
}


class CellNames(Sequence[str]):
    """The names of the registered cells after those in `first`, read from the registry at each use."""

    def __init__(self, *first: str) -> None:
        self.first = first

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        return (*self.first, *CELLS)[index]

    def __len__(self) -> int:
        return len(self.first) + len(CELLS)

    def __repr__(self) -> str:
        return repr(self[:])


MODELS = CellNames()


def register_cell(name: str, spec: CellSpec) -> None:
    """Add a cell under `name`, a lowercase Python identifier. Raises ValueError if the two do not fit."""
    equations = spec.equations()
    if name in (*CELLS, "none") or not name.isidentifier() or name != name.lower():
        raise ValueError(f"{name!r} is taken or is no lowercase identifier")
    if len(spec.gates) != equations.gates:
        raise ValueError(f"{name}: {len(spec.gates)} names for {equations.gates} blocks of rows")
    if equations.state_size not in (1, 2):
        raise ValueError(f"{name}: a state of {equations.state_size} tensors; layers carry h, or h and c")
    CELLS[name] = spec


def unregister_cell(name: str) -> None:
    """Remove a cell that `register_cell` added."""
    del CELLS[name]


def cell_spec(model: str) -> CellSpec:
    """Return the spec of `model`. Raises InvalidInput, naming the cells there are."""
    return CELLS[Choice(MODELS).check("model", model)]


def cell_equations(model: str, nonlinearity: str = "tanh", reset_after: bool = True) -> Equations:
    """Return the equations of `model` in the form that its own options choose."""
    spec, given = cell_spec(model), {"nonlinearity": nonlinearity, "reset_after": reset_after}
    return spec.equations(**{name: given[name] for name in spec.options})


def check_cell(
    model: str, implementation: str, nonlinearity: str = "tanh", reset_after: bool = True, biases: str = "two"
) -> None:
    """Raise InvalidInput for a form of the cell that does not exist, or not in this implementation."""
    spec = cell_spec(model)
    Choice(IMPLEMENTATIONS).check("implementation", implementation)
    if "nonlinearity" in spec.options:
        Choice(("tanh", "relu")).check("nonlinearity", nonlinearity)
    elif nonlinearity != "tanh":
        raise InvalidInput("nonlinearity_of_gates", "nonlinearity", value=nonlinearity, model=model)
    if implementation == "torch" and spec.torch_class is None:
        raise InvalidInput("no_torch_layer", "implementation", model=model)
    if implementation == "torch" and "reset_after" in spec.options and not reset_after:
        raise InvalidInput("reset_before_in_torch", "reset_after")
    if Choice(BIASES).check("biases", biases) == "one" and implementation == "torch":
        raise InvalidInput("one_bias_in_torch", "biases")
