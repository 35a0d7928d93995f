"""Look at a regressor's network as a dynamical system: states in a plane, and eigenvalues of a step.

    cell = RegressorStep(model, "rnn")
    before = cell.walk(state, inputs)                  # (T, n): the states while the input is given
    axes = principal_axes(before[:, : cell.hidden_size])
    axes.project(before[:, : cell.hidden_size])        # (T, 2)
    eigenvalues(cell.jacobian(state, x)[:, : cell.size])            # of ∂h_t/∂h_{t-1}, the input given
    loop = ClosedLoop(cell, Feedback(of_input=0.9, of_output=0.3))  # the network reads its own output
    rest = loop.fixed_point(loop.walk(state, 0.0, 100)[-1])
    eigenvalues(loop.jacobian(rest))                   # inside the unit circle: the loop comes to rest

All of it is computed in double precision, whatever the precision of the model, and by torch, whose linear algebra keeps
to the threads that it is given; numpy's takes all cores from 100 numbers in the state on.

Shapes: T time, H hidden, n numbers in the state: H, of an LSTM 2H, h before c. A closed loop has one number more, the
next input, because that follows from the state as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnlab.models import SequenceRegressor
from rnnlab.recurrent import State, cell_equations

Array = NDArray[np.float64]

MAX_NEWTON_STEPS = 30
RESTING = 1e-10  # largest change of a number in a step, at a point that counts as a fixed point


@dataclass(frozen=True, eq=False)
class Axes:
    """Two principal axes of a cloud of states."""

    center: Array  # (H,)
    directions: Array  # (H, 2), orthonormal
    explained: tuple[float, float]  # the share of the variance along the first and the second principal axis

    def project(self, states: Array) -> Array:
        """Return the coordinates (..., 2) of `states` (..., H)."""
        found: Array = (states - self.center) @ self.directions
        return found


def principal_axes(states: Array, toward: Array | None = None) -> Axes:
    """Return the two principal axes of `states` (T, H), T at least 2.

    Principal component analysis by the singular value decomposition of the centred states. The signs of its axes are
    arbitrary, and where two variances are nearly equal so is their order, so a picture would flip between two windows.
    With `toward` (T, 2) the axes are turned, or mirrored, within their plane to where the projections are nearest to
    these points (orthogonal Procrustes, Schönemann 1966); else each axis points to where its largest component is
    positive. Of a network with one unit the second axis is zero.
    """
    center = states.mean(axis=0)
    _, scales, rows = (
        part.numpy() for part in torch.linalg.svd(torch.from_numpy(states - center), full_matrices=False)
    )
    directions = np.zeros((states.shape[1], 2))
    directions[:, : min(2, len(rows))] = rows[:2].T
    variances = np.zeros(2)
    variances[: min(2, len(scales))] = scales[:2] ** 2
    total = float((scales**2).sum())
    first, second = (variances / total).tolist() if total > 0 else (0.0, 0.0)
    if toward is None:
        largest = directions[np.abs(directions).argmax(axis=0), (0, 1)]
        return Axes(center, directions * np.where(largest < 0, -1.0, 1.0), (first, second))
    points = (states - center) @ directions
    left, _, right = np.linalg.svd(points.T @ (toward - toward.mean(axis=0)))
    return Axes(center, directions @ left @ right, (first, second))


def eigenvalues(matrix: Array) -> NDArray[np.complex128]:
    """Return the eigenvalues of `matrix` (n, n), the largest in magnitude first.

    Raises torch.linalg.LinAlgError where the algorithm does not converge, or the matrix is not finite.
    """
    if not np.isfinite(matrix).all():  # torch raises a plain RuntimeError for it
        raise torch.linalg.LinAlgError("a matrix that is not finite has no eigenvalues")
    found = torch.linalg.eigvals(torch.from_numpy(matrix)).numpy()
    return found[np.argsort(-np.abs(found), kind="stable")]


def spectral_radius(matrix: Array) -> float:
    """Return the largest magnitude of an eigenvalue of `matrix` (n, n)."""
    return float(np.abs(eigenvalues(matrix)[0]))


class RegressorStep:
    """One time step of a regressor with one recurrent layer and one number as input and output."""

    def __init__(self, model: SequenceRegressor, cell: str) -> None:
        """Copy the weights of `model`, whose layer is of the kind `cell` ("rnn", "gru", …)."""
        weights = {name: tensor.detach().double() for name, tensor in model.recurrent.state_dict().items()}
        self.is_plain = cell == "rnn"
        self.equations = cell_equations(cell)
        self.weight_ih, self.bias_ih = weights["weight_ih_l0"][:, 0], weights["bias_ih_l0"]
        self.weight_hh = weights["weight_hh_l0"]
        self.prepared = self.equations.prepare(self.weight_hh, weights["bias_hh_l0"])
        output = {name: tensor.detach().double()[0] for name, tensor in model.output.state_dict().items()}
        self.weight_out, self.bias_out = output["weight"], output["bias"]
        self.hidden_size = self.weight_hh.shape[1]
        self.size = self.hidden_size * self.equations.state_size

    def state_of(self, state: State | None) -> Array:
        """Return a layer's state, (1, 1, H) or the LSTM's pair, as one vector (n,); None is zeros."""
        if state is None:
            return np.zeros(self.size)
        parts = state if isinstance(state, tuple) else (state,)
        return np.concatenate([part.detach().double().flatten().numpy() for part in parts])

    def step(self, state: Array, x: float) -> Array:
        """Return the state (n,) after `state` (n,) and the input `x`."""
        found: Array = self._step(torch.from_numpy(state), torch.tensor([x], dtype=torch.float64)).numpy()
        return found

    def output(self, state: Array) -> float:
        """Return the network's output y = h W_outᵀ + b_out in `state` (n,)."""
        hidden = torch.from_numpy(state[: self.hidden_size])
        return float(self.weight_out @ hidden + self.bias_out)

    def walk(self, state: Array, inputs: Sequence[float]) -> Array:
        """Return the states (T, n) after each of `inputs`."""
        states = [state := self.step(state, x) for x in inputs]
        return np.array(states).reshape(-1, self.size)

    def jacobian(self, state: Array, x: float) -> Array:
        """Return the derivatives (n, n + 1) of the next state by `state` (n,), and in the last column by `x`.

        Of a plain network they are diag(1 - h_t²) W_hh and (1 - h_t²) ⊙ W_ih; of the others autograd finds them.
        """
        if not self.is_plain:
            return self.autograd_jacobian(state, x)
        slope = torch.from_numpy(1 - self.step(state, x) ** 2)
        found: Array = (slope[:, None] * torch.cat([self.weight_hh, self.weight_ih[:, None]], dim=1)).numpy()
        return found

    def autograd_jacobian(self, state: Array, x: float) -> Array:
        """Return the same as `jacobian`, by autograd, whatever the cell.

        n copies of the state take one step; copy k has the gradient of number k of its next state.
        """
        copies = torch.from_numpy(np.tile(np.append(state, x), (self.size, 1))).requires_grad_()
        after = self._step(copies[:, :-1], copies[:, -1:])
        (rows,) = torch.autograd.grad(after.diagonal().sum(), copies)
        found: Array = rows.numpy()
        return found

    def _step(self, state: Tensor, x: Tensor) -> Tensor:
        """Return the states (..., n) after `state` (..., n) and the inputs `x` (..., 1)."""
        from_x = x * self.weight_ih + self.bias_ih
        return torch.cat(self.equations.step(from_x, state.split(self.hidden_size, dim=-1), *self.prepared), dim=-1)


@dataclass(frozen=True)
class Feedback:
    """How the next input follows from the last one and the output: clip(of_input · x + of_output · y)."""

    of_input: float
    of_output: float
    limit: float = 10.0  # the next input is clipped to ±limit


@dataclass(frozen=True)
class ClosedLoop:
    """A network that reads its own output. A point (n + 1,) is its state and its next input."""

    cell: RegressorStep
    feedback: Feedback

    def step(self, point: Array) -> Array:
        """Return the point after `point`."""
        state = self.cell.step(point[:-1], float(point[-1]))
        return np.append(state, np.clip(self._next_input(point, state), -self.feedback.limit, self.feedback.limit))

    def walk(self, state: Array, x: float, steps: int) -> Array:
        """Return the points (steps, n + 1) after the state (n,) with the next input `x`."""
        point = np.append(state, x)
        points = [point := self.step(point) for _ in range(steps)]
        return np.array(points).reshape(-1, self.cell.size + 1)

    def jacobian(self, point: Array) -> Array:
        """Return the derivatives (n + 1, n + 1) of the next point by `point`.

        The last row is that of the next input: of_output · W_out times the rows of h, and of_input more for the input
        itself; zero where the input is clipped.
        """
        state, x = point[:-1], float(point[-1])
        rows = self.cell.jacobian(state, x)
        last = self.feedback.of_output * self.cell.weight_out.numpy() @ rows[: self.cell.hidden_size]
        last[-1] += self.feedback.of_input
        is_clipped = abs(self._next_input(point, self.cell.step(state, x))) > self.feedback.limit
        return np.vstack([rows, np.zeros_like(last) if is_clipped else last])

    def fixed_point(self, near: Array) -> Array | None:
        """Return a point (n + 1,) that a step maps to itself, by Newton's method from `near`; None if none is found."""
        point, unit = near, np.eye(len(near))
        for _ in range(MAX_NEWTON_STEPS):
            change = self.step(point) - point
            if not np.isfinite(change).all():
                return None
            if np.abs(change).max() < RESTING:
                return point
            move, failed = torch.linalg.solve_ex(
                torch.from_numpy(unit - self.jacobian(point)), torch.from_numpy(change)
            )
            if failed:  # an eigenvalue of exactly 1: fixed points are not isolated here
                return None
            point = point + move.numpy()
        return None

    def _next_input(self, point: Array, state: Array) -> float:
        return self.feedback.of_input * float(point[-1]) + self.feedback.of_output * self.cell.output(state)
