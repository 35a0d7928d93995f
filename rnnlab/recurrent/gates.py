"""The gates of a sequence that was read: from the inputs and the states before each step, all steps at once.

Shapes: T time, I input, H hidden, G = gates · H.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.recurrent import equations
from rnnlab.recurrent.equations import Equations, Hidden
from rnnlab.recurrent.numpy_cells import sigmoid

Matrix = NDArray[np.float32]
Arrays = Mapping[str, Matrix]  # weight_ih (G, I), weight_hh (G, H), bias_ih and bias_hh (G,)


def _product(a: Matrix, weight: Matrix) -> Matrix:
    """Return a Wᵀ, by torch: NumPy's own threads would wait for each other beside a training."""
    return (torch.from_numpy(a) @ torch.from_numpy(weight).T).numpy()


def gru_gates(from_x: Matrix, h_prev: Matrix, weights: Arrays) -> dict[str, Matrix]:
    """Return r, z and the candidate n of `equations.gru_step`, (T, H) each."""
    x_r, x_z, x_n = np.split(from_x, 3, axis=-1)
    h_r, h_z, h_n = np.split(_product(h_prev, weights["weight_hh"]) + weights["bias_hh"], 3, axis=-1)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    return {"r": r, "z": z, "n": np.tanh(x_n + r * h_n)}


def gru_reset_before_gates(from_x: Matrix, h_prev: Matrix, weights: Arrays) -> dict[str, Matrix]:
    """Return r, z and the candidate n of `equations.gru_reset_before_step`, (T, H) each."""
    x_r, x_z, x_n = np.split(from_x, 3, axis=-1)
    w_r, w_z, w_n = np.split(weights["weight_hh"], 3)
    b_r, b_z, b_n = np.split(weights["bias_hh"], 3)
    r, z = sigmoid(x_r + _product(h_prev, w_r) + b_r), sigmoid(x_z + _product(h_prev, w_z) + b_z)
    return {"r": r, "z": z, "n": np.tanh(x_n + _product(r * h_prev, w_n) + b_n)}


def lstm_gates(from_x: Matrix, h_prev: Matrix, weights: Arrays) -> dict[str, Matrix]:
    """Return i, f, the candidate g, and o of `equations.lstm_step`, (T, H) each."""
    i, f, g, o = np.split(from_x + _product(h_prev, weights["weight_hh"]) + weights["bias_hh"], 4, axis=-1)
    return {"i": sigmoid(i), "f": sigmoid(f), "g": np.tanh(g), "o": sigmoid(o)}


GATES: dict[Callable[..., Hidden], Callable[[Matrix, Matrix, Arrays], dict[str, Matrix]]] = {
    equations.gru_step: gru_gates,
    equations.gru_reset_before_step: gru_reset_before_gates,
    equations.lstm_step: lstm_gates,
}

# Of them, the gates between 0 and 1, in the order of the rows of the weights; the others are candidates.
SIGMOIDS: dict[Callable[..., Hidden], tuple[str, ...]] = {
    equations.gru_step: ("r", "z"),
    equations.gru_reset_before_step: ("r", "z"),
    equations.lstm_step: ("i", "f", "o"),
}


def sigmoid_gates(cell: Equations) -> tuple[str, ...]:
    """Return the letters of the gates between 0 and 1; none of a plain network, or of a cell without an entry."""
    return SIGMOIDS.get(cell.step, ())


def gates_of(cell: Equations, x: Matrix | NDArray[np.integer], h_prev: Matrix, weights: Arrays) -> dict[str, Matrix]:
    """Return the gates and the candidate by their letters, (T, H) each; none of a cell without an entry in GATES.

    x: the inputs (T, I), or whole numbers (T,) that stand for one-hot vectors.
    h_prev: the hidden states before the steps (T, H).
    """
    if cell.step not in GATES:
        return {}
    vectors = np.asarray(x, np.float32)
    from_x = weights["weight_ih"].T[x] if x.ndim == 1 else _product(vectors, weights["weight_ih"])
    with np.errstate(all="ignore"):  # the weights of a diverged model overflow
        return GATES[cell.step](from_x + weights["bias_ih"], h_prev, weights)
