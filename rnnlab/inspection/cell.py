"""Compute one step of the plain recurrent cell with every intermediate number, in numpy and float64.

    weights = CellWeights.of(torch.nn.RNNCell(4, 4))
    for trace in walk(weights, [1, 0, 2, 2, 3]):     # "hello" in the vocabulary e, h, l, o
        print(trace.from_x + trace.bias_ih + trace.from_h + trace.bias_hh, "->", trace.h_t)

Shapes: T time, I input, H hidden. Vectors are columns here, as on a blackboard: W x; a batch is x Wᵀ.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

FORMULA = "h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)"
NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")  # torch.nn's


@dataclass(frozen=True)
class CellWeights:
    """The four parameters of a plain cell: W_ih (H, I), W_hh (H, H), b_ih and b_hh (H,)."""

    weight_ih: np.ndarray
    weight_hh: np.ndarray
    bias_ih: np.ndarray
    bias_hh: np.ndarray

    @classmethod
    def of(cls, module: Any) -> Self:
        """Copy them from an RNNCell, or an RNN of one layer and one direction, of torch.nn or from scratch."""
        tensors = {name.removesuffix("_l0"): tensor for name, tensor in module.state_dict().items()}
        return cls(*(tensors[name].detach().cpu().double().numpy().copy() for name in NAMES))


@dataclass(frozen=True)
class StepTrace:
    """Every number of one step; see `step`."""

    x_t: np.ndarray  # (I,)
    h_prev: np.ndarray  # (H,)
    weight_ih: np.ndarray  # (H, I)
    weight_hh: np.ndarray  # (H, H)
    bias_ih: np.ndarray  # (H,)
    bias_hh: np.ndarray  # (H,)
    from_x: np.ndarray  # (H,) = W_ih x_t
    from_h: np.ndarray  # (H,) = W_hh h_prev
    sum: np.ndarray  # (H,) = from_x + b_ih + from_h + b_hh
    h_t: np.ndarray  # (H,) = tanh(sum)
    probabilities: np.ndarray  # (H,) = softmax(h_t), where h_t itself serves as the logits
    predicted: int  # the index of the largest

    def terms(self, component: int) -> dict[str, np.ndarray]:
        """Return the terms of `sum[component]`: the products of weights and inputs, and the biases."""
        return {
            "from_x": self.weight_ih[component] * self.x_t,  # (I,)
            "bias_ih": self.bias_ih[component],
            "from_h": self.weight_hh[component] * self.h_prev,  # (H,)
            "bias_hh": self.bias_hh[component],
        }


def step(weights: CellWeights, x_t: np.ndarray, h_prev: np.ndarray) -> StepTrace:
    """Take one step from `h_prev` (H,) with the input `x_t` (I,), and return every number of it.

        h_t = tanh(W_ih x_t + b_ih + W_hh h_prev + b_hh)          p = softmax(h_t)

    Elman 1990, "Finding structure in time"; the formula in the documentation of torch.nn.RNNCell. By hand, H = I = 1:

        >>> weights = CellWeights(*map(np.array, ([[2.0]], [[-1.0]], [0.5], [0.25])))
        >>> trace = step(weights, np.array([1.0]), np.array([0.75]))
        >>> float(trace.from_x[0]), float(trace.from_h[0]), float(trace.sum[0])  # 2 + 0.5 - 0.75 + 0.25
        (2.0, -0.75, 2.0)
        >>> round(float(trace.h_t[0]), 6)  # tanh 2
        0.964028
    """
    x_t, h_prev = np.asarray(x_t, float), np.asarray(h_prev, float)
    from_x, from_h = weights.weight_ih @ x_t, weights.weight_hh @ h_prev
    total = from_x + weights.bias_ih + from_h + weights.bias_hh
    h_t = np.tanh(total)
    return StepTrace(
        x_t=x_t,
        h_prev=h_prev,
        weight_ih=weights.weight_ih,
        weight_hh=weights.weight_hh,
        bias_ih=weights.bias_ih,
        bias_hh=weights.bias_hh,
        from_x=from_x,
        from_h=from_h,
        sum=total,
        h_t=h_t,
        probabilities=softmax(h_t),
        predicted=int(h_t.argmax()),
    )


def walk(weights: CellWeights, ids: Iterable[int]) -> tuple[StepTrace, ...]:
    """Step through a word, given as the ids of its characters: T steps from h_0 = 0."""
    one_hot, h_t, traces = np.eye(weights.weight_ih.shape[1]), np.zeros(weights.weight_hh.shape[0]), []
    for number in ids:
        traces.append(step(weights, one_hot[number], h_t))
        h_t = traces[-1].h_t
    return tuple(traces)


def softmax(scores: np.ndarray) -> np.ndarray:
    """Compute the softmax of `scores` (H,), the largest subtracted first.

    >>> softmax(np.array([0.0, 0.0])).tolist()
    [0.5, 0.5]
    """
    exponentials = np.exp(scores - scores.max())
    return exponentials / exponentials.sum()
