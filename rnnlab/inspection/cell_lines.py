"""The equations of each recurrent cell as a table: a line per quantity, with its formula, its PyTorch line and its sum.

A line is an activation of a sum. A part of that sum is a product of a matrix with a vector, a bias, or a product of two
vectors, component by component; the reset gate of a GRU also multiplies a part. `cell_trace` computes the lines
forward with every number, and `weight_gradient` backward. The table says the same as `rnnlab.recurrent.equations`;
`tests/inspection/test_cell_trace.py` holds the two equal, and runs the lines of PyTorch.

In formulas ⊙ is the product component by component, and `h_{t-1}` the state before the step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from rnnlab.recurrent import equations
from rnnlab.recurrent.equations import Equations, Hidden

Kind = Literal["x", "h", "b", "state"]  # of a part: from the input, from the state through a matrix, a bias, vectors


@dataclass(frozen=True)
class Vector:
    """A vector of the step: a quantity or an input by its name, or one made of those."""

    name: str  # as formulas write it: h_{t-1}, 1 - z_t, tanh(c_t), r_t ⊙ h_{t-1}
    made_by: Literal["", "complement", "tanh", "product"] = ""
    of: tuple[str, ...] = ()  # the names of the vectors that it is made of


@dataclass(frozen=True)
class Part:
    """One part of a sum: `times` ⊙ (W `by`), `times` ⊙ b, or `times` ⊙ `by`; `times` may be absent."""

    label: str
    kind: Kind
    matrix: Literal["", "ih", "hh"] = ""  # which weight
    bias: Literal["", "ih", "hh"] = ""  # which bias
    block: int = 0  # which H rows of the weight or bias, from 0
    symbol: str = ""  # of the weight or bias: W_ir
    by: Vector | None = None
    times: Vector | None = None


@dataclass(frozen=True)
class Line:
    """The equation of one quantity."""

    letter: str
    formula: str
    code: str  # of PyTorch; the weights' names are those of `chunk_lines`
    activation: Literal["", "σ", "tanh", "relu"]
    parts: tuple[Part, ...]
    upstream: str = ""  # the formula of the loss's derivative by this quantity

    @property
    def is_gate(self) -> bool:
        """Return whether it has rows of the weights of its own: a gate or a candidate."""
        return any(part.matrix for part in self.parts)


@dataclass(frozen=True)
class CellLines:
    """The lines of one cell in the order of computation; the last one is h."""

    lines: tuple[Line, ...]
    blocks: str  # the letters of the weights' blocks of rows, in their order
    state: tuple[str, ...] = ("h",)
    by_letter: dict[str, Line] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_letter", {line.letter: line for line in self.lines})

    def chunk_lines(self, holder: str = "cell", suffix: str = "") -> tuple[str, ...]:
        """Return the lines of PyTorch that give the blocks of the weights the names that the formulas use."""
        if len(self.blocks) == 1:
            return tuple(
                f"{kind}_{way} = {holder}.{long}_{way}{suffix}"
                for kind, long in (("W", "weight"), ("b", "bias"))
                for way in ("ih", "hh")
            )
        return tuple(
            f"{', '.join(f'{kind}_{way[0]}{letter}' for letter in self.blocks)}"
            f" = {holder}.{long}_{way}{suffix}.chunk({len(self.blocks)})"
            for kind, long in (("W", "weight"), ("b", "bias"))
            for way in ("ih", "hh")
        )


X, H, C = Vector("x_t"), Vector("h_{t-1}"), Vector("c_{t-1}")
TORCH = {"σ": "torch.sigmoid", "tanh": "torch.tanh", "relu": "torch.relu"}


def _of_input(letter: str, block: int) -> tuple[Part, Part]:
    """Return W x_t and the bias of the input's side, of one block of rows."""
    weight, bias = f"W_i{letter}", f"b_i{letter}"
    product = Part(f"{weight} x_t", "x", matrix="ih", block=block, symbol=weight, by=X)
    return product, Part(bias, "b", bias="ih", block=block, symbol=bias)


def _of_state(letter: str, block: int, by: Vector = H, times: Vector | None = None) -> tuple[Part, Part]:
    """Return W h_{t-1} and the bias of the state's side; `times` scales both."""
    weight, bias = f"W_h{letter}", f"b_h{letter}"
    product = f"{weight} ({by.name})" if by.made_by else f"{weight} {by.name}"
    scaled = f"{times.name} ⊙ " if times else ""
    return (
        Part(f"{scaled}{product}", "h", matrix="hh", block=block, symbol=weight, by=by, times=times),
        Part(f"{scaled}{bias}", "b", bias="hh", block=block, symbol=bias, times=times),
    )


def _gate(letter: str, block: int, activation: Literal["σ", "tanh", "relu"], upstream: str) -> Line:
    """Return the line of a gate, which is an activation of W x_t + b + W h_{t-1} + b."""
    parts = (*_of_input(letter, block), *_of_state(letter, block))
    total = " + ".join(part.label for part in parts)
    code = f"{letter} = {TORCH[activation]}(W_i{letter} @ x + b_i{letter} + W_h{letter} @ h + b_h{letter})"
    return Line(letter, f"{letter}_t = {activation}({total})", code, activation, parts, upstream)


def _product(one: Vector, other: Vector) -> Part:
    return Part(f"{one.name} ⊙ {other.name}", "state", by=other, times=one)


def _rnn(activation: Literal["tanh", "relu"]) -> CellLines:
    return CellLines((_gate("h", 0, activation, "∂ℓ_t/∂h_t + W_hhᵀ δ_{t+1}"),), "h")


def _gru(reset_after: bool) -> CellLines:
    r_t, z_t, n_t = Vector("r_t"), Vector("z_t"), Vector("n_t")
    keep_new = Vector("1 - z_t", "complement", ("z_t",))
    if reset_after:
        candidate = Line(
            "n", "n_t = tanh(W_in x_t + b_in + r_t ⊙ (W_hn h_{t-1} + b_hn))",
            "n = torch.tanh(W_in @ x + b_in + r * (W_hn @ h + b_hn))", "tanh",
            (*_of_input("n", 2), *_of_state("n", 2, times=r_t)), "∂L/∂h_t ⊙ (1 - z_t)",
        )  # fmt: skip
        of_reset = "δ_n ⊙ (W_hn h_{t-1} + b_hn)"
    else:
        reset = Vector("r_t ⊙ h_{t-1}", "product", ("r_t", "h_{t-1}"))
        candidate = Line(
            "n", "n_t = tanh(W_in x_t + b_in + W_hn (r_t ⊙ h_{t-1}) + b_hn)",
            "n = torch.tanh(W_in @ x + b_in + W_hn @ (r * h) + b_hn)", "tanh",
            (*_of_input("n", 2), *_of_state("n", 2, by=reset)), "∂L/∂h_t ⊙ (1 - z_t)",
        )  # fmt: skip
        of_reset = "(W_hnᵀ δ_n) ⊙ h_{t-1}"
    state = Line(
        "h", "h_t = (1 - z_t) ⊙ n_t + z_t ⊙ h_{t-1}", "h = (1 - z) * n + z * h", "",
        (_product(keep_new, n_t), _product(z_t, H)), "∂ℓ_t/∂h_t + what the next step hands back",
    )  # fmt: skip
    gates = _gate("r", 0, "σ", of_reset), _gate("z", 1, "σ", "∂L/∂h_t ⊙ (h_{t-1} - n_t)")
    return CellLines((*gates, candidate, state), "rzn")


def _lstm() -> CellLines:
    i_t, f_t, g_t, o_t = (Vector(f"{letter}_t") for letter in "ifgo")
    shown = Vector("tanh(c_t)", "tanh", ("c_t",))
    gates = (
        _gate("i", 0, "σ", "∂L/∂c_t ⊙ g_t"),
        _gate("f", 1, "σ", "∂L/∂c_t ⊙ c_{t-1}"),
        _gate("g", 2, "tanh", "∂L/∂c_t ⊙ i_t"),
        _gate("o", 3, "σ", "∂L/∂h_t ⊙ tanh(c_t)"),
    )
    cell = Line(
        "c", "c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t", "c = f * c + i * g", "",
        (_product(f_t, C), _product(i_t, g_t)), "∂L/∂h_t ⊙ o_t ⊙ (1 - tanh²(c_t)) + f_{t+1} ⊙ ∂L/∂c_{t+1}",
    )  # fmt: skip
    state = Line(
        "h", "h_t = o_t ⊙ tanh(c_t)", "h = o * torch.tanh(c)", "",
        (_product(o_t, shown),), "∂ℓ_t/∂h_t + W_hᵀ δ_{t+1} of the four gates",
    )  # fmt: skip
    return CellLines((*gates, cell, state), "ifgo", ("h", "c"))


LINES: dict[Callable[..., Hidden], CellLines] = {
    equations.rnn_step: _rnn("tanh"),
    equations.rnn_relu_step: _rnn("relu"),
    equations.gru_step: _gru(reset_after=True),
    equations.gru_reset_before_step: _gru(reset_after=False),
    equations.lstm_step: _lstm(),
}


def lines_of(cell: Equations) -> CellLines | None:
    """Return the lines of a cell; None of one without an entry in LINES, such as one that a notebook registered."""
    return LINES.get(cell.step)
