"""The steps of `equations` for one sequence in NumPy: what generation runs, one character at a time.

A character costs a few products of a matrix with a vector, some microseconds each; around such small products
PyTorch's dispatch takes longer than the product. No gradient is kept. `tests/recurrent/test_numpy_cells.py` holds
these steps equal to the layers, and so to `equations`.

A cell without an entry in `NUMPY_STEPS` generates by its torch step: see `stepper`.

Shapes: H hidden, G = gates · H. `from_x` (G,) is x_t W_ihᵀ + b_ih + b_hh, `state` a tuple of (H,). `gru_step` alone
takes b_hh separately, for its reset gate scales a third of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.recurrent import equations
from rnnlab.recurrent.equations import Equations, Hidden

Vector = NDArray[np.float32]
PARAMETERS = ("weight_ih", "bias_ih", "weight_hh", "bias_hh")
NumpyCell = Callable[..., tuple[Vector, ...]]  # (from_x, state, weight_hh) → state; `gru_step` takes bias_hh, too


def sigmoid(a: Vector) -> Vector:
    """Compute 1 / (1 + exp(-a)) in one temporary array."""
    below = np.exp(-a)
    below += 1
    return np.reciprocal(below, out=below)


def relu(a: Vector) -> Vector:
    """Compute max(0, a)."""
    return np.maximum(a, 0)


def rnn_step(
    from_x: Vector, state: tuple[Vector, ...], weight_hh: Vector, activation: Callable[[Vector], Vector] = np.tanh
) -> tuple[Vector, ...]:
    """Compute `equations.rnn_step` for one vector."""
    a = weight_hh.dot(state[0])
    a += from_x
    return (activation(a),)


def gru_step(from_x: Vector, state: tuple[Vector, ...], weight_hh: Vector, bias_hh: Vector) -> tuple[Vector, ...]:
    """Compute `equations.gru_step` for one vector; rows r, z, n."""
    (h_prev,) = state
    size = len(h_prev)
    from_h = weight_hh.dot(h_prev)
    from_h += bias_hh
    rz = sigmoid(from_x[: 2 * size] + from_h[: 2 * size])
    n = np.tanh(from_x[2 * size :] + rz[:size] * from_h[2 * size :])
    return (n + rz[size:] * (h_prev - n),)


def gru_reset_before_step(from_x: Vector, state: tuple[Vector, ...], weight_hh: Vector) -> tuple[Vector, ...]:
    """Compute `equations.gru_reset_before_step` for one vector; rows r, z, n."""
    (h_prev,) = state
    size = len(h_prev)
    rz = sigmoid(from_x[: 2 * size] + weight_hh[: 2 * size].dot(h_prev))
    n = np.tanh(from_x[2 * size :] + weight_hh[2 * size :].dot(rz[:size] * h_prev))
    return (n + rz[size:] * (h_prev - n),)


def lstm_step(from_x: Vector, state: tuple[Vector, ...], weight_hh: Vector) -> tuple[Vector, ...]:
    """Compute `equations.lstm_step` for one vector; rows i, f, g, o."""
    h_prev, c_prev = state
    size = len(h_prev)
    a = weight_hh.dot(h_prev)
    a += from_x
    g = np.tanh(a[2 * size : 3 * size])
    gates = sigmoid(a)  # of g's rows too: one call over all is faster than three over some
    c_t = gates[size : 2 * size] * c_prev + gates[:size] * g
    return gates[3 * size :] * np.tanh(c_t), c_t


NUMPY_STEPS: dict[Callable[..., Hidden], NumpyCell] = {
    equations.rnn_step: rnn_step,
    equations.rnn_relu_step: partial(rnn_step, activation=relu),
    equations.gru_step: gru_step,
    equations.gru_reset_before_step: gru_reset_before_step,
    equations.lstm_step: lstm_step,
}


class NumpyStepper:
    """Stacked layers in one direction, stepped through one sequence from a state of zeros.

    `weights` are those of a layer from `make_layer`, by their names in its `state_dict`. `read` takes the first
    layer's from_x (G,) and returns the top layer's h (H,). Numbers beyond a float's range become inf or NaN quietly.
    """

    def __init__(self, cell: Equations, weights: Mapping[str, Vector], num_layers: int) -> None:
        self._step = NUMPY_STEPS[cell.step]
        self._layers: list[tuple[Vector, Vector, tuple[Vector, ...]]] = []  # weight_ih, its bias, what the step takes
        for layer in range(num_layers):
            weight_ih, bias_ih, weight_hh, bias_hh = (weights[f"{name}_l{layer}"] for name in PARAMETERS)
            if cell.one_bias:
                both: Vector = np.add(bias_ih, bias_hh)
                self._layers.append((weight_ih, both, (weight_hh,)))
            else:
                self._layers.append((weight_ih, bias_ih, (weight_hh, bias_hh)))
        hidden_size = weights["weight_hh_l0"].shape[1]
        self.state: list[tuple[Any, ...]] = [
            (np.zeros(hidden_size, np.float32),) * cell.state_size for _ in range(num_layers)
        ]

    def fork(self) -> NumpyStepper:
        """Return a stepper with the same weights that goes on from the same state."""
        other = copy(self)
        other.state = list(self.state)  # a step makes new arrays
        return other

    def read(self, from_x: Vector) -> Vector:
        """Take one step with the first layer's `from_x` (G,); return the top layer's h (H,)."""
        for layer, (_, _, from_state) in enumerate(self._layers):
            if layer:
                from_x = self.project(self.state[layer - 1][0], layer)
            self.state[layer] = self._step(from_x, self.state[layer], *from_state)
        return self.state[-1][0]

    def project(self, x: Vector | int, layer: int = 0) -> Vector:
        """Compute a layer's from_x: (I,) → (G,). A whole number stands for a one-hot vector."""
        weight_ih, bias, _ = self._layers[layer]
        return (weight_ih[:, x] if isinstance(x, int) else weight_ih.dot(x)) + bias
