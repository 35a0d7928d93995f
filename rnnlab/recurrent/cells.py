"""Cells: one time step as a module, with the constructor words and parameter names of `torch.nn`.

Shapes: B batch, I input, H hidden, G = gates · H.
"""

from __future__ import annotations

from typing import Any, TypedDict, Unpack

import torch
from torch import Tensor, nn

from rnnlab.recurrent.equations import Equations, Hidden, gru_equations, lstm_equations, rnn_equations
from rnnlab.recurrent.errors import InvalidTensor, check_argument
from rnnlab.recurrent.initialization import CELL_SIZE, add_parameters, init_uniform
from rnnlab.recurrent.input_projection import project
from rnnlab.recurrent.inputs import check_type
from rnnlab.recurrent.state_dict_markers import MarksReset
from rnnlab.validation import Switch, echo

State = Tensor | tuple[Tensor, Tensor]  # h, or the LSTM's (h, c)


def unpack_state(state: State, names: int, shape: tuple[int, ...], letters: str) -> Hidden:
    """Return `state` as a tuple of `names` tensors of `shape`. Raises InvalidTensor."""
    parts = (state,) if isinstance(state, Tensor) else tuple(state)
    if len(parts) != names:
        kind = "one tensor h" if names == 1 else "a pair (h, c)"
        raise InvalidTensor("wrong_state", "state", count=len(parts), expected=f"{kind}, each {letters} = {shape}")
    for place, part in enumerate(parts):
        if part.shape != shape:
            field = "state" if names == 1 else f"state[{place}]"
            raise InvalidTensor("wrong_shape", field, shape=echo(tuple(part.shape)), expected=f"{letters} = {shape}")
    return parts


def pack_state(hidden: Hidden) -> State:
    """Undo `unpack_state`: return h alone, or the pair (h, c)."""
    return hidden[0] if len(hidden) == 1 else (hidden[0], hidden[1])


class CellWords(TypedDict, total=False):
    """The keyword arguments that a cell hands on to `Cell`."""

    device: torch.device | str | None
    dtype: torch.dtype | None
    generator: torch.Generator | None


class Cell(nn.Module):
    """Take one step of some equations; a subclass only chooses the equations.

    Parameters: `weight_ih` (G, I), `weight_hh` (G, H), `bias_ih` and `bias_hh` (G,) or None. `generator` draws
    the initial weights; None is torch's global one.
    """

    weight_ih: Tensor
    weight_hh: Tensor
    bias_ih: Tensor | None
    bias_hh: Tensor | None

    def __init__(
        self,
        equations: Equations,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.equations, self.generator = equations, generator
        self.input_size = check_argument(CELL_SIZE, "input_size", input_size)
        self.hidden_size = check_argument(CELL_SIZE, "hidden_size", hidden_size)
        self.bias = check_argument(Switch(), "bias", bias)
        add_parameters(self, "", equations.gates, self.input_size, self.hidden_size, bias, device, dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw every parameter anew from uniform(-1/√H, 1/√H)."""
        init_uniform(self, self.hidden_size, self.generator)

    def forward(
        self, input: Tensor, hx: State | None = None, *, state: State | None = None, one_hot: bool = False
    ) -> State:
        """Return the state after one step, (B, H) or the LSTM's pair, from `input` x_t (B, I).

        `hx`, or `state`, is the state before, of the same shape; None is zeros. Without a batch: (I,) and (H,). With
        `one_hot`, whole numbers (B,) or () stand for one-hot vectors.
        """
        state = state if hx is None else hx
        features = 0 if one_hot else 1  # whole numbers have no dimension of features
        if input.dim() - features not in (0, 1) or (features and input.shape[-1] != self.input_size):
            expected = "whole numbers (B,) or ()" if one_hot else f"(B, I) or (I,) with I = {self.input_size}"
            raise InvalidTensor("wrong_shape", "input", shape=echo(tuple(input.shape)), expected=expected)
        check_type(input, self.weight_ih, one_hot)
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
        return f"{self.input_size}, {self.hidden_size}, bias={self.bias}"


class RNNCell(Cell):
    """Take a plain network's step, with tanh or relu: see `equations.rnn_step`.

    `rest` are, in torch.nn's order, device and dtype.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *rest: Any,
        **words: Unpack[CellWords],
    ) -> None:
        super().__init__(rnn_equations(nonlinearity), input_size, hidden_size, bias, *rest, **words)
        self.nonlinearity = nonlinearity

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, nonlinearity={self.nonlinearity}"


class GRUCell(MarksReset, Cell):
    """Take a GRU's step, resetting after the product or before it. `rest` as in RNNCell."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *rest: Any,
        reset_after: bool = True,
        **words: Unpack[CellWords],
    ) -> None:
        super().__init__(gru_equations(reset_after), input_size, hidden_size, bias, *rest, **words)
        self.reset_after = reset_after

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, reset_after={self.reset_after}"


class LSTMCell(Cell):
    """Take an LSTM's step; its state is the pair (h, c): see `equations.lstm_step`. `rest` as in RNNCell."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, *rest: Any, **words: Unpack[CellWords]
    ) -> None:
        super().__init__(lstm_equations(), input_size, hidden_size, bias, *rest, **words)
