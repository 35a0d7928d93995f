"""Layers: a cell's equations over T time steps, stacked and, if wanted, in both directions.

They mirror `torch.nn.RNN`, `GRU` and `LSTM`: the same constructor words, parameter names and shapes, so a `state_dict`
moves both ways, and the same outputs and gradients. Two things differ: `batch_first` is True by default, and whole
numbers are accepted as input and stand for one-hot vectors or for the rows of an embedding (see `projection`).

Shapes: B batch, T time, I input, H hidden, G = gates · H, L layers, D directions (1 or 2).
"""

from __future__ import annotations

from typing import TypedDict, Unpack

import torch
from torch import Tensor, nn

from rnnlab.recurrent import bptt
from rnnlab.recurrent.cells import State, pack_state, unpack_state
from rnnlab.recurrent.equations import Equations, Hidden, gru_equations, lstm_equations, rnn_equations
from rnnlab.recurrent.parameters import SIZE, add_parameters, dropout, init_uniform
from rnnlab.recurrent.projection import is_ids, project
from rnnlab.validation import InvalidInput, Real, Switch, echo


def run_layer(
    equations: Equations,
    projected: Tensor,
    state: Hidden,
    weight_hh: Tensor,
    bias_hh: Tensor | None,
    by_hand: bool = True,
) -> tuple[Tensor, Hidden]:
    """Walk one layer in one direction through time: the loop that makes a network recurrent.

    `projected` (T, B, G) is x W_ihᵀ + b_ih, and + b_hh where `bias_hh` is None because both were added at once; `state`
    is the state before the first step, each tensor (B, H). Returns h at every step (T, B, H) and the state after the
    last. With `by_hand` the gradient is the one written out in `bptt`, where these equations have one and there is a
    batch; else autograd's. The numbers are the same up to rounding.
    """
    sequence = bptt.by_hand(equations.step) if by_hand and projected.dim() == 3 else None
    if sequence is not None:
        output, *last = sequence(projected, *state, weight_hh, bias_hh)
        return output, tuple(last)
    weights = equations.prepare(weight_hh, bias_hh)
    outputs = []
    for from_x in projected.unbind(0):
        state = equations.step(from_x, state, *weights)
        outputs.append(state[0])
    return torch.stack(outputs), state


class LayerWords(TypedDict, total=False):
    """The words that RNN, GRU and LSTM hand on to `Layer`."""

    bias: bool
    batch_first: bool
    dropout: float
    bidirectional: bool
    generator: torch.Generator | None
    device: torch.device | str | None
    dtype: torch.dtype | None
    by_hand: bool


class Layer(nn.Module):
    """The skeleton of RNN, GRU and LSTM; a subclass only says which equations.

    Parameters of layer k, with `_reverse` appended for the direction from the end to the beginning:
    `weight_ih_l{k}` (G, I), above the first layer (G, D·H); `weight_hh_l{k}` (G, H); `bias_ih_l{k}` and
    `bias_hh_l{k}` (G,).

    `dropout` silences that share of the units between layers while training. `generator` draws the initial weights
    and the dropout masks; None is torch's global one. `by_hand` False leaves the gradients to autograd, which can
    differentiate them once more.
    """

    def __init__(
        self,
        equations: Equations,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        bias: bool = True,
        batch_first: bool = True,
        dropout: float = 0.0,
        bidirectional: bool = False,
        generator: torch.Generator | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        by_hand: bool = True,
    ) -> None:
        super().__init__()
        self.by_hand = Switch().check("by_hand", by_hand)
        self.equations, self.generator = equations, generator
        self.input_size = SIZE.check("input_size", input_size)
        self.hidden_size = SIZE.check("hidden_size", hidden_size)
        self.bias = Switch().check("bias", bias)
        self.num_layers = SIZE.check("num_layers", num_layers)
        self.batch_first = Switch().check("batch_first", batch_first)
        self.dropout = Real(0.0, 1.0).check("dropout", dropout)
        self.bidirectional = Switch().check("bidirectional", bidirectional)
        self.num_directions = 2 if bidirectional else 1
        for layer in range(self.num_layers):
            width = self.input_size if layer == 0 else self.num_directions * self.hidden_size
            for direction in range(self.num_directions):
                suffix = self.suffix(layer, direction)
                add_parameters(self, suffix, equations.gates, width, self.hidden_size, bias, device, dtype)
        self.reset_parameters()

    @staticmethod
    def suffix(layer: int, direction: int) -> str:
        """End a parameter's name: `_l0`, `_l0_reverse`, `_l1`, …"""
        return f"_l{layer}" + ("_reverse" if direction else "")

    def reset_parameters(self) -> None:
        """Draw every parameter anew from uniform(-1/√H, 1/√H)."""
        init_uniform(self, self.hidden_size, self.generator)

    def forward(
        self, input: Tensor, state: State | None = None, embedding: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """`input` (B, T, I) → the top layer's h at every step (B, T, D·H) and the state after the last, (L·D, B, H).

        The LSTM's state is a pair (h, c). `state` None is zeros. Whole numbers (B, T) stand for one-hot vectors, or,
        with `embedding` (V, I), for its rows.
        Without a batch: (T, I) or (T,), (T, D·H), (L·D, H). With `batch_first` False the first two are (T, B, …).
        """
        batch = self._batch_shape(input)
        self._check_embedding(input, embedding)
        swap = self.batch_first and batch != ()
        x = input.transpose(0, 1) if swap else input  # (T, B, I): time first, for the loop walks along it
        before = self._unpack(state, batch)
        after: list[Hidden] = []
        for layer in range(self.num_layers):
            if layer > 0:
                x = dropout(x, self.dropout if self.training else 0.0, self.generator)
            table = embedding if layer == 0 else None
            x, ends = self._run_directions(layer, x, before[len(after) :], table)  # (T, B, D·H)
            after += ends
        hidden = tuple(torch.stack(part) for part in zip(*after, strict=True))  # each (L·D, B, H)
        return (x.transpose(0, 1) if swap else x), pack_state(hidden)

    def _run_directions(
        self, layer: int, x: Tensor, before: list[Hidden], embedding: Tensor | None
    ) -> tuple[Tensor, list[Hidden]]:
        """Run one layer forwards and, if bidirectional, backwards: turn time round, run, turn it round again."""
        outputs, ends = [], []
        for direction in range(self.num_directions):
            weight_ih, weight_hh, bias_ih, bias_hh = self.weights(layer, direction)
            if self.bias and self.equations.one_bias:
                bias_ih, bias_hh = bias_ih + bias_hh, None  # two vectors added once, not each of them to every sum
            projected = project(x, weight_ih, bias_ih, embedding)  # (T, B, G), all steps at once
            if direction:
                projected = projected.flip(0)
            output, end = run_layer(self.equations, projected, before[direction], weight_hh, bias_hh, self.by_hand)
            outputs.append(output.flip(0) if direction else output)
            ends.append(end)
        return (torch.cat(outputs, dim=-1) if self.bidirectional else outputs[0]), ends

    def weights(self, layer: int, direction: int = 0) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
        """`weight_ih`, `weight_hh`, `bias_ih`, `bias_hh` of one layer in one direction (0 forwards, 1 backwards)."""
        suffix = self.suffix(layer, direction)
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weight_ih, weight_hh, bias_ih, bias_hh = (getattr(self, name + suffix) for name in names)
        return weight_ih, weight_hh, bias_ih, bias_hh

    def _batch_shape(self, input: Tensor) -> tuple[int, ...]:
        """(B,), or () without a batch; refuses what is not a sequence of inputs."""
        steps = input.shape if is_ids(input) else input.shape[:-1]  # (B, T) or (T,)
        fits = len(steps) in (1, 2) and (is_ids(input) or input.shape[-1] == self.input_size)
        time = 1 if self.batch_first and len(steps) == 2 else 0
        if not fits or steps[time] == 0:
            order = "B, T" if self.batch_first else "T, B"
            expected = (
                f"({order}, I) or (T, I) with I = {self.input_size} and T ≥ 1, or whole numbers ({order}) or (T,)"
            )
            raise InvalidInput("wrong_shape", "input", shape=echo(tuple(input.shape)), expected=expected)
        return () if len(steps) == 1 else (steps[1 - time],)

    def _check_embedding(self, input: Tensor, embedding: Tensor | None) -> None:
        """Refuse an embedding whose rows are no input of this layer, and one that nothing is looked up in."""
        if embedding is None:
            return
        if embedding.dim() != 2 or embedding.shape[1] != self.input_size:
            expected = f"(V, I) with I = {self.input_size}"
            raise InvalidInput("wrong_shape", "embedding", shape=echo(tuple(embedding.shape)), expected=expected)
        if not is_ids(input):
            raise InvalidInput("vectors_for_an_embedding", "input", dtype=echo(input.dtype))

    def _unpack(self, state: State | None, batch: tuple[int, ...]) -> list[Hidden]:
        """Take `state` apart: what each layer and direction, in that order, starts from. None is zeros."""
        shape = (self.num_layers * self.num_directions, *batch, self.hidden_size)
        if state is None:
            parts = (self.weight_hh_l0.new_zeros(shape),) * self.equations.state_size
        else:
            parts = unpack_state(state, self.equations.state_size, shape, "(L·D, B, H)" if batch else "(L·D, H)")
        return list(zip(*(part.unbind(0) for part in parts), strict=True))

    def extra_repr(self) -> str:
        return (
            f"{self.input_size}, {self.hidden_size}, num_layers={self.num_layers}, bias={self.bias}, "
            f"batch_first={self.batch_first}, dropout={self.dropout}, bidirectional={self.bidirectional}"
        )


class RNN(Layer):
    """Plain recurrent layers: `equations.rnn_step` with tanh or relu. The other words are `Layer`'s."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        **words: Unpack[LayerWords],
    ) -> None:
        super().__init__(rnn_equations(nonlinearity), input_size, hidden_size, num_layers, **words)
        self.nonlinearity = nonlinearity


class GRU(Layer):
    """Gated recurrent units: `equations.gru_step`, or with `reset_after` False `equations.gru_reset_before_step`."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        reset_after: bool = True,
        **words: Unpack[LayerWords],
    ) -> None:
        super().__init__(gru_equations(reset_after), input_size, hidden_size, num_layers, **words)
        self.reset_after = reset_after


class LSTM(Layer):
    """Long short-term memory: `equations.lstm_step`; the state is the pair (h, c). The other words are `Layer`'s."""

    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1, **words: Unpack[LayerWords]) -> None:
        super().__init__(lstm_equations(), input_size, hidden_size, num_layers, **words)
