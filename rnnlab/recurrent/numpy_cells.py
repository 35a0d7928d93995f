"""One sequence, one step at a time, in NumPy: what singing needs, without a graph, a batch or a kernel launch.

A character costs a few products of a matrix with a vector, some microseconds each; around such small products PyTorch
spends more time on finding out what to do than on doing it. These are the equations of `equations.py` once more, for
vectors (H,); the tests hold the two against each other. No gradient is kept.

Shapes: H hidden, G = gates · H. `from_x` (G,) is x_t W_ihᵀ + b_ih + b_hh, `state` a tuple of (H,). Only in `gru_step`
b_hh is not part of it, for there the reset gate scales a third of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rnnlab.validation import Choice, Switch

Vector = NDArray[np.float32]
NAMES = ("weight_ih", "bias_ih", "weight_hh", "bias_hh")
Step = Callable[..., tuple[Vector, ...]]  # (from_x, state, weight_hh) → state; `gru_step` takes bias_hh, too


def sigmoid(a: Vector) -> Vector:
    below = np.exp(-a)
    below += 1
    return np.reciprocal(below, out=below)


def relu(a: Vector) -> Vector:
    return np.maximum(a, 0)


def rnn_step(
    from_x: Vector, state: tuple[Vector, ...], weight_hh: Vector, activation: Callable[[Vector], Vector] = np.tanh
) -> tuple[Vector, ...]:
    """As `equations.rnn_step`, for one vector."""
    a = weight_hh.dot(state[0])
    a += from_x
    return (activation(a),)


def gru_step(from_x: Vector, state: tuple[Vector, ...], weight_hh: Vector, bias_hh: Vector) -> tuple[Vector, ...]:
    """As `equations.gru_step`, for one vector; rows r, z, n."""
    (h_prev,) = state
    size = len(h_prev)
    from_h = weight_hh.dot(h_prev)
    from_h += bias_hh
    rz = sigmoid(from_x[: 2 * size] + from_h[: 2 * size])
    n = np.tanh(from_x[2 * size :] + rz[:size] * from_h[2 * size :])
    return (n + rz[size:] * (h_prev - n),)


def gru_reset_before_step(from_x: Vector, state: tuple[Vector, ...], weight_hh: Vector) -> tuple[Vector, ...]:
    """As `equations.gru_reset_before_step`, for one vector; rows r, z, n."""
    (h_prev,) = state
    size = len(h_prev)
    rz = sigmoid(from_x[: 2 * size] + weight_hh[: 2 * size].dot(h_prev))
    n = np.tanh(from_x[2 * size :] + weight_hh[2 * size :].dot(rz[:size] * h_prev))
    return (n + rz[size:] * (h_prev - n),)


def lstm_step(from_x: Vector, state: tuple[Vector, ...], weight_hh: Vector) -> tuple[Vector, ...]:
    """As `equations.lstm_step`, for one vector; rows i, f, g, o."""
    h_prev, c_prev = state
    size = len(h_prev)
    a = weight_hh.dot(h_prev)
    a += from_x
    g = np.tanh(a[2 * size : 3 * size])
    gates = sigmoid(a)  # of g's rows too: one call over all is quicker than three over some
    c_t = gates[size : 2 * size] * c_prev + gates[:size] * g
    return gates[3 * size :] * np.tanh(c_t), c_t


def numpy_step(model: str, nonlinearity: str = "tanh", reset_after: bool = True) -> Step:
    """The step of `model`, one of rnn, gru and lstm, in the form that the other words choose."""
    Choice(("rnn", "gru", "lstm")).check("model", model)
    if model == "rnn":
        relu_wanted = Choice(("tanh", "relu")).check("nonlinearity", nonlinearity) == "relu"
        return partial(rnn_step, activation=relu) if relu_wanted else rnn_step
    if model == "lstm":
        return lstm_step
    return gru_step if Switch().check("reset_after", reset_after) else gru_reset_before_step


class NumpyStep:
    """Stacked layers in one direction, walked by one sequence; begins from zeros.

    `weights` are those of a layer from `make_layer`, by their names in its `state_dict`. `read` takes the first
    layer's from_x (G,) and returns the top layer's h (H,). Numbers beyond a float's range become inf or NaN quietly.
    """

    def __init__(self, step: Step, weights: Mapping[str, Vector], num_layers: int) -> None:
        self._step, self._layers = step, []
        for layer in range(num_layers):
            weight_ih, bias_ih, weight_hh, bias_hh = (weights[f"{name}_l{layer}"] for name in NAMES)
            if step is gru_step:
                self._layers.append((weight_ih, bias_ih, (weight_hh, bias_hh)))
            else:
                self._layers.append((weight_ih, bias_ih + bias_hh, (weight_hh,)))
        hidden_size = weights["weight_hh_l0"].shape[1]
        states = 2 if step is lstm_step else 1
        self.state = [(np.zeros(hidden_size, np.float32),) * states for _ in range(num_layers)]

    def read(self, from_x: Vector) -> Vector:
        for layer, (_, _, from_state) in enumerate(self._layers):
            if layer:
                from_x = self.project(self.state[layer - 1][0], layer)
            self.state[layer] = self._step(from_x, self.state[layer], *from_state)
        return self.state[-1][0]

    def project(self, x: Vector | int, layer: int = 0) -> Vector:
        """A layer's from_x: (I,) → (G,). A whole number is a one-hot vector."""
        weight_ih, bias, _ = self._layers[layer]
        return (weight_ih[:, x] if isinstance(x, int) else weight_ih.dot(x)) + bias
