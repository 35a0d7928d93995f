"""Cells: one time step as a module, with the constructor words and parameter names of `torch.nn`.

Shapes: B batch, I input, H hidden, G = gates · H.
"""

from __future__ import annotations

from typing import TypedDict, Unpack

import torch
from torch import Tensor, nn

from rnnlab.recurrent.equations import Equations, Hidden, gru_equations, lstm_equations, rnn_equations
from rnnlab.recurrent.parameters import SIZE, add_parameters, init_uniform
from rnnlab.recurrent.projection import is_ids, project
from rnnlab.validation import InvalidInput, Switch, echo

State = Tensor | tuple[Tensor, Tensor]  # h, or the LSTM's (h, c)


def unpack_state(state: State, names: int, shape: tuple[int, ...], letters: str) -> Hidden:
    """`state` as a tuple of `names` tensors of `shape`; anything else is refused with its shape said back."""
    parts = (state,) if isinstance(state, Tensor) else tuple(state)
    if len(parts) != names:
        kind = "one tensor h" if names == 1 else "a pair (h, c)"
        raise InvalidInput("wrong_state", "state", count=len(parts), expected=f"{kind}, each {letters} = {shape}")
    for place, part in enumerate(parts):
        if part.shape != shape:
            field = "state" if names == 1 else f"state[{place}]"
            raise InvalidInput("wrong_shape", field, shape=echo(tuple(part.shape)), expected=f"{letters} = {shape}")
    return parts


def pack_state(hidden: Hidden) -> State:
    """Undo `unpack_state`: h alone, or the pair (h, c)."""
    return hidden[0] if len(hidden) == 1 else (hidden[0], hidden[1])


class CellWords(TypedDict, total=False):
    """The words that a cell hands on to `Cell`."""

    generator: torch.Generator | None
    device: torch.device | str | None
    dtype: torch.dtype | None


class Cell(nn.Module):
    """The skeleton of all cells; a subclass only says which equations.

    `weight_ih` (G, I), `weight_hh` (G, H), `bias_ih` and `bias_hh` (G,) or None. `generator` draws the initial
    weights; None is torch's global one.
    """

    def __init__(
        self,
        equations: Equations,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        generator: torch.Generator | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.equations, self.generator = equations, generator
        self.input_size = SIZE.check("input_size", input_size)
        self.hidden_size = SIZE.check("hidden_size", hidden_size)
        self.bias = Switch().check("bias", bias)
        add_parameters(self, "", equations.gates, self.input_size, self.hidden_size, bias, device, dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw every parameter anew from uniform(-1/√H, 1/√H)."""
        init_uniform(self, self.hidden_size, self.generator)

    def forward(self, input: Tensor, state: State | None = None) -> State:
        """`input` x_t (B, I) and `state` (B, H), or a pair of them for the LSTM → the state after the step, alike.

        `state` None is zeros. Without a batch: (I,) and (H,). Whole numbers (B,) or () stand for one-hot vectors.
        """
        features = 0 if is_ids(input) else 1  # ids have no dimension of features
        if input.dim() - features not in (0, 1) or (features and input.shape[-1] != self.input_size):
            expected = f"(B, I) or (I,) with I = {self.input_size}, or whole numbers (B,) or ()"
            raise InvalidInput("wrong_shape", "input", shape=echo(tuple(input.shape)), expected=expected)
        batch = tuple(input.shape[: input.dim() - features])
        from_x = project(input, self.weight_ih, self.bias_ih)  # (B, G)
        if state is None:
            hidden = (from_x.new_zeros(*batch, self.hidden_size),) * self.equations.state_size
        else:
            letters = "(B, H)" if batch else "(H,)"
            hidden = unpack_state(state, self.equations.state_size, (*batch, self.hidden_size), letters)
        weights = self.equations.prepare(self.weight_hh, self.bias_hh)
        return pack_state(self.equations.step(from_x, hidden, *weights))

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")


class RNNCell(Cell):
    """h_t = tanh(x_t W_ihᵀ + b_ih + h_prev W_hhᵀ + b_hh), or relu: see `equations.rnn_step`."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        **words: Unpack[CellWords],
    ) -> None:
        super().__init__(rnn_equations(nonlinearity), input_size, hidden_size, bias, **words)
        self.nonlinearity = nonlinearity


class GRUCell(Cell):
    """A GRU's step; `reset_after` False resets before the product: see `equations.gru_step`."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        reset_after: bool = True,
        **words: Unpack[CellWords],
    ) -> None:
        super().__init__(gru_equations(reset_after), input_size, hidden_size, bias, **words)
        self.reset_after = reset_after


class LSTMCell(Cell):
    """An LSTM's step, whose state is the pair (h, c): see `equations.lstm_step`."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        **words: Unpack[CellWords],
    ) -> None:
        super().__init__(lstm_equations(), input_size, hidden_size, bias, **words)
