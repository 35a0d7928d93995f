"""The skeleton of recurrent layers: a cell's equations over T steps, stacked, in one direction or two.

It mirrors torch.nn's recurrent layers: the same arguments in the same order, parameter names and shapes, so a
`state_dict` moves both ways, and the same outputs and gradients, for padded batches (`PackedSequence`) as well. There
are no projections (`proj_size` is 0). It takes in addition: `generator`, `gradient`, `biases`, and whole numbers that
stand for one-hot vectors or for the rows of an embedding (see `input_projection`).

Shapes: B batch, T time, I input, H hidden, G = gates · H, L layers, D directions (1 or 2), N steps of all sequences.
"""

from __future__ import annotations

import warnings
from typing import TypedDict

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnlab.recurrent.autograd_fallback import is_transformed
from rnnlab.recurrent.cells import State, pack_state, unpack_state
from rnnlab.recurrent.equations import Equations, Hidden
from rnnlab.recurrent.errors import check_argument, check_no_projection
from rnnlab.recurrent.initialization import SIZE, add_parameters, dropout, init_uniform
from rnnlab.recurrent.input_projection import project
from rnnlab.recurrent.inputs import check_embedding, time_first
from rnnlab.recurrent.unrolling import run_layer, run_packed_layer
from rnnlab.validation import Choice, Real, Switch

GRADIENTS = ("by_hand", "autograd")
BIASES = ("two", "one")


class LayerWords(TypedDict, total=False):
    """The keyword arguments that RNN, GRU and LSTM hand on to `Layer`."""

    bias: bool
    batch_first: bool
    dropout: float
    bidirectional: bool
    proj_size: int
    device: torch.device | str | None
    dtype: torch.dtype | None
    generator: torch.Generator | None
    gradient: str
    biases: str


class Layer(nn.Module):
    """Run a cell's equations over T steps, in L layers and D directions.

    Parameters of layer k, with `_reverse` appended for the direction from the end to the beginning:
    `weight_ih_l{k}` (G, I), above the first layer (G, D·H); `weight_hh_l{k}` (G, H); `bias_ih_l{k}` and
    `bias_hh_l{k}` (G,).

    `dropout` zeroes that share of the units between layers while training. `generator` draws the initial weights and
    the dropout masks; None is torch's global one. `gradient` "by_hand" takes the gradients written out in `bptt`,
    where the cell has them; "autograd" has every operation of `equations` recorded and differentiated by autograd.
    `biases` "two" learns both vectors, as torch.nn does. "one" learns b_ih alone, as books write the equations: bias_hh
    is then a buffer of zeros under its name, so that the `state_dict` is torch.nn's, and numbers that are loaded into
    it are added as they are.
    """

    mode = ""  # torch.nn's name of the kind
    proj_size = 0
    weight_ih_l0: Tensor
    weight_hh_l0: Tensor

    def __init__(
        self,
        equations: Equations,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        generator: torch.Generator | None = None,
        gradient: str = "by_hand",
        biases: str = "two",
    ) -> None:
        super().__init__()
        check_no_projection(proj_size)
        self.equations, self.generator, self.proj_size = equations, generator, 0
        self.gradient = check_argument(Choice(GRADIENTS), "gradient", gradient)
        self.biases = check_argument(Choice(BIASES), "biases", biases)
        self.input_size = check_argument(SIZE, "input_size", input_size)
        self.hidden_size = check_argument(SIZE, "hidden_size", hidden_size)
        self.num_layers = check_argument(SIZE, "num_layers", num_layers)
        self.bias = check_argument(Switch(), "bias", bias)
        self.batch_first = check_argument(Switch(), "batch_first", batch_first)
        self.dropout = check_argument(Real(0.0, 1.0), "dropout", dropout)
        self.bidirectional = check_argument(Switch(), "bidirectional", bidirectional)
        self.num_directions = 2 if bidirectional else 1
        if self.dropout > 0 and self.num_layers == 1:
            warnings.warn(f"dropout={dropout} acts between layers, and num_layers is 1: it does nothing", stacklevel=3)
        for layer in range(self.num_layers):
            width = self.input_size if layer == 0 else self.num_directions * self.hidden_size
            for direction in range(self.num_directions):
                suffix = self.suffix(layer, direction)
                add_parameters(self, suffix, equations.gates, width, self.hidden_size, bias, device, dtype, biases)
        self.reset_parameters()

    @staticmethod
    def suffix(layer: int, direction: int) -> str:
        """End a parameter's name: `_l0`, `_l0_reverse`, `_l1`, …"""
        return f"_l{layer}" + ("_reverse" if direction else "")

    def reset_parameters(self) -> None:
        """Draw every parameter anew from uniform(-1/√H, 1/√H); a bias that is not learned becomes 0."""
        init_uniform(self, self.hidden_size, self.generator)

    def forward(
        self,
        input: Tensor | PackedSequence,
        hx: State | None = None,
        *,
        state: State | None = None,
        embedding: Tensor | None = None,
        one_hot: bool = False,
    ) -> tuple[Tensor | PackedSequence, State]:
        """Return the top layer's h at every step (T, B, D·H) and the state after the last (L·D, B, H).

        `input` is (T, B, I). `hx`, or `state`, is the state before the first step; None is zeros. The LSTM's is a pair.
        Without a batch: (T, I), (T, D·H), (L·D, H). With `batch_first` input and output are (B, T, …), the state is
        not. A `PackedSequence` comes back as one, and the state is that after each sequence's own last step.
        Whole numbers (T, B) or (T,) stand for one-hot vectors with `one_hot`, for rows of `embedding` (V, I) with that.
        """
        check_embedding(self, input, embedding)
        x, batch, batch_sizes = time_first(self, input, one_hot or embedding is not None)
        packed = input if isinstance(input, PackedSequence) else None
        order, back = (packed.sorted_indices, packed.unsorted_indices) if packed else (None, None)
        before = self._unpack(state if hx is None else hx, batch, order)
        after: list[Hidden] = []
        for layer in range(self.num_layers):
            if layer > 0:
                x = dropout(x, self.dropout if self.training else 0.0, self.generator)
            table = embedding if layer == 0 else None
            x, ends = self._run_directions(layer, x, before[len(after) :], table, batch_sizes)
            after += ends
        if not is_transformed() and x.requires_grad and x._is_view():
            x = x.clone()  # the gradient needs this tensor: the caller may write to the output in place
        parts = [torch.stack(part) for part in zip(*after, strict=True)]  # each (L·D, B, H)
        hidden = pack_state(tuple(part if back is None else part.index_select(1, back) for part in parts))
        if packed:
            return PackedSequence(x, packed.batch_sizes, order, back), hidden
        return (x.transpose(0, 1) if self.batch_first and batch else x), hidden

    def _run_directions(
        self,
        layer: int,
        x: Tensor,
        before: list[Hidden],
        embedding: Tensor | None,
        batch_sizes: list[int] | None,
    ) -> tuple[Tensor, list[Hidden]]:
        """Run one layer forwards and, if bidirectional, backwards: reverse time, run, reverse the output."""
        outputs: list[Tensor] = []
        ends: list[Hidden] = []
        by_hand = self.gradient == "by_hand"
        for direction in range(self.num_directions):
            weight_ih, weight_hh, b_ih, b_hh = self.weights(layer, direction)
            bias_ih: Tensor | None = b_ih
            if b_ih is not None and b_hh is not None and self.equations.one_bias:
                bias_ih, b_hh = b_ih + b_hh, None  # two vectors added once, not each of them to every sum
            projected = project(x, weight_ih, bias_ih, embedding, by_hand)  # (T, B, G) or packed (N, G)
            first, weights = before[direction], (weight_hh, b_hh, by_hand)
            if batch_sizes:
                output, end = run_packed_layer(
                    self.equations, projected, batch_sizes, first, *weights, reverse=direction == 1
                )
            elif direction:
                output, end = run_layer(self.equations, projected.flip(0), first, *weights)
                output = output.flip(0)
            else:
                output, end = run_layer(self.equations, projected, first, *weights)
            outputs.append(output)
            ends.append(end)
        return (torch.cat(outputs, dim=-1) if self.bidirectional else outputs[0]), ends

    def weights(
        self, layer: int, direction: int = 0
    ) -> tuple[nn.Parameter, nn.Parameter, nn.Parameter | None, Tensor | None]:
        """Return `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`; `direction` 0 is forwards, 1 backwards."""
        suffix = self.suffix(layer, direction)
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weight_ih, weight_hh, bias_ih, bias_hh = (getattr(self, name + suffix) for name in names)
        return weight_ih, weight_hh, bias_ih, bias_hh

    @property
    def all_weights(self) -> list[list[nn.Parameter]]:
        """Return the parameters of each layer and direction, as torch.nn lists them."""
        places = [(layer, direction) for layer in range(self.num_layers) for direction in range(self.num_directions)]
        return [[weight for weight in self.weights(*place) if isinstance(weight, nn.Parameter)] for place in places]

    @property
    def _flat_weights(self) -> list[nn.Parameter]:
        """Return all parameters in one list: weight-dropping and pruning recipes for torch.nn read it."""
        return [weight for weights in self.all_weights for weight in weights]

    def flatten_parameters(self) -> None:
        """Do nothing. torch.nn makes its weights contiguous for cuDNN here; these layers do not use cuDNN."""

    def _unpack(self, state: State | None, batch: tuple[int, ...], order: Tensor | None) -> list[Hidden]:
        """Split `state` into the first state of each layer and direction, in that order. None is zeros.

        `order` sorts the sequences of a packed batch, longest first.
        """
        shape = (self.num_layers * self.num_directions, *batch, self.hidden_size)
        if state is None:
            parts: Hidden = (self.weight_hh_l0.new_zeros(shape),) * self.equations.state_size
        else:
            parts = unpack_state(state, self.equations.state_size, shape, "(L·D, B, H)" if batch else "(L·D, H)")
            parts = parts if order is None else tuple(part.index_select(1, order) for part in parts)
        return list(zip(*(part.unbind(0) for part in parts), strict=True))

    def extra_repr(self) -> str:
        biases = "" if self.biases == "two" else f", biases={self.biases}"
        return (
            f"{self.input_size}, {self.hidden_size}, num_layers={self.num_layers}, bias={self.bias}, "
            f"batch_first={self.batch_first}, dropout={self.dropout}, bidirectional={self.bidirectional}{biases}"
        )
