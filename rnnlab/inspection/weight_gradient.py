"""Why does a weight move? Its gradient as a sum over the steps of a word, by hand and in float64.

    found = backward(trace_word(cell_equations("rnn"), weights, ids), targets)
    for term in found.terms("weight_hh", (1, 2)):
        print(term.step, term.own, "+", term.later, "=", term.upstream, "· slope", term.slope, "· by", term.by)
    found.gradient("weight_hh")                    # the sum of these terms, for every weight at once

A weight is used once in each step, so its gradient has a term per step. In step t the row of a weight belongs to one
component a of a sum, whose activation is v. The term is

    ∂L/∂v · v′(a) · (the number that the weight multiplies)

and ∂L/∂v comes partly from this step's own loss ("own") and partly from the losses of later steps, through the state
("later"). Backpropagation is linear, so the two parts are exact: they are carried side by side. Each step is walked in
the reverse order of `cell_lines`. `tests/inspection/test_weight_gradient.py` compares the sums with autograd and with
finite differences. Werbos 1990, "Backpropagation through time".

Shapes: T characters, V vocabulary, H hidden, G = blocks · H.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rnnlab.inspection.cell_lines import Part, Vector
from rnnlab.inspection.cell_trace import Array, CellTrace, Quantity, block, product
from rnnlab.inspection.word_trace import WordTrace

WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_out", "bias_out")


@dataclass(frozen=True)
class QuantityGradient:
    """The derivatives of the loss L by one quantity of a step, and by its sum; (H,) each."""

    own: Array  # the part of ∂L/∂v that is due to this step's own loss
    later: Array  # the part that is due to the losses of later steps
    slope: Array  # of the activation: 1 - v² of tanh, v (1 - v) of σ
    delta: Array  # ∂L/∂a = (own + later) · slope, where a is the sum


@dataclass(frozen=True)
class StepGradient:
    """The derivatives at one step."""

    logits: Array  # (V,): ∂L/∂s = (p - y) · scale
    quantities: Mapping[str, QuantityGradient]  # by letter


@dataclass(frozen=True)
class WeightTerm:
    """One step's term of a weight's gradient: (own + later) · slope · times · by."""

    step: int  # from 1
    own: float
    later: float
    slope: float
    times: float  # the reset gate where it scales the product; else 1
    by: float  # the number that the weight multiplies: of x_t or of the state; 1 of a bias
    value: float

    @property
    def upstream(self) -> float:
        """Return the derivative of the loss by the quantity that the weight's row belongs to."""
        return self.own + self.later


@dataclass(frozen=True)
class WordGradients:
    """The gradients of a network that read a word; see `backward`."""

    trace: WordTrace
    steps: tuple[StepGradient, ...]

    def terms(self, name: str, index: tuple[int, ...]) -> tuple[WeightTerm, ...]:
        """Return the term of each step for one number of a weight; `name` is one of WEIGHTS.

        Raises KeyError for another name, and IndexError for a place that the weight does not have.
        """
        if name not in WEIGHTS:
            raise KeyError(name)
        if len(index) != (2 if name.startswith("weight") else 1) or min(index) < 0:
            raise IndexError(f"{name}{list(index)}")
        if name.endswith("out"):
            getattr(self.trace, name)[index]  # raises IndexError
            return tuple(self._output_term(t, index) for t in range(len(self.steps)))
        self.trace.steps[0].weights[name][index]  # likewise
        return tuple(self._term(t, name, index) for t in range(len(self.steps)))

    def gradient(self, name: str) -> Array:
        """Return the gradient of a whole weight, which is the sum of its terms."""
        if name.endswith("out"):
            total = np.zeros_like(getattr(self.trace, name))
            if not len(total):
                return total
            columns = [step.h_t for step in self.trace.steps]
            for step, h_t in zip(self.steps, columns, strict=True):
                total += np.outer(step.logits, h_t) if name == "weight_out" else step.logits
            return total
        total = np.zeros_like(self.trace.steps[0].weights[name])
        size = len(self.trace.steps[0].h_t)
        for trace, step in zip(self.trace.steps, self.steps, strict=True):
            for letter, part in _users(trace, name):
                delta = step.quantities[letter].delta * _times(trace, part)
                rows = slice(part.block * size, (part.block + 1) * size)
                total[rows] += delta if part.by is None else np.outer(delta, trace.vectors[part.by.name])
        return total

    def _term(self, t: int, name: str, index: tuple[int, ...]) -> WeightTerm:
        trace = self.trace.steps[t]
        at, i = divmod(index[0], len(trace.h_t))
        letter, part = next((letter, part) for letter, part in _users(trace, name) if part.block == at)
        found = self.steps[t].quantities[letter]
        own, later, slope, times = (float(v[i]) for v in (found.own, found.later, found.slope, _times(trace, part)))
        by = 1.0 if part.by is None else float(trace.vectors[part.by.name][index[1]])
        return WeightTerm(t + 1, own, later, slope, times, by, (own + later) * slope * times * by)

    def _output_term(self, t: int, index: tuple[int, ...]) -> WeightTerm:
        own = float(self.steps[t].logits[index[0]])
        by = float(self.trace.steps[t].h_t[index[1]]) if len(index) == 2 else 1.0
        return WeightTerm(t + 1, own, 0.0, 1.0, 1.0, by, own * by)


def backward(trace: WordTrace, targets: Sequence[int], scale: float = 1.0) -> WordGradients:
    """Go back through the word, from the last step to the first.

    L = scale · Σ_t -ln p_t[target_t]: scale 1 for the sum of the steps' losses, 1 / T for their mean.
    The cell must be one of `cell_lines`. Raises KeyError for another.
    """
    if any(step.lines is None for step in trace.steps):
        raise KeyError("a cell without lines")
    size, found = len(trace.steps[0].h_t), []
    later = [np.zeros(size) for _ in range(trace.cell.state_size)]  # from the steps after
    with np.errstate(all="ignore"):  # the weights of a diverged network overflow
        for step, probabilities, target in reversed(list(zip(trace.steps, trace.probabilities, targets, strict=True))):
            d_logits = probabilities.copy()
            d_logits[target] -= 1
            d_logits *= scale
            own = trace.weight_out.T @ d_logits if len(trace.weight_out) else d_logits
            quantities, later = _step_back(step, own, later)
            found.append(StepGradient(d_logits, quantities))
    return WordGradients(trace, tuple(reversed(found)))


def _step_back(
    trace: CellTrace, d_own: Array, later: Sequence[Array]
) -> tuple[dict[str, QuantityGradient], list[Array]]:
    """Go back through one step, whose own loss gives ∂ℓ_t/∂h_t = `d_own`; `later` is by each tensor of the state.

    Every derivative is (2, H): one row is due to the own loss, the other to later ones. Returns the derivatives by the
    state before the step as well, of both together: seen from the step before, all of it is later.
    """
    assert trace.lines is not None
    d = {f"{letter}_t": np.zeros((2, len(d_own))) for letter in trace.lines.by_letter}
    d |= {f"{letter}_{{t-1}}": np.zeros((2, len(d_own))) for letter in trace.lines.state}
    d["h_t"][0] += d_own
    for letter, amount in zip(trace.lines.state, later, strict=True):
        d[f"{letter}_t"][1] += amount
    quantities: dict[str, QuantityGradient] = {}
    for line in reversed(trace.lines.lines):
        d_value, slope = d[f"{line.letter}_t"], slope_of(trace.quantities[line.letter])
        d_sum = d_value * slope  # (2, H)
        quantities[line.letter] = QuantityGradient(d_value[0], d_value[1], slope, d_sum.sum(0))
        for part in line.parts:
            if part.times is not None:
                unscaled = product(trace.weights, part, trace.vectors, trace.x_id)
                _add(d, part.times, d_sum * unscaled, trace.vectors)
            scaled = d_sum * _times(trace, part)
            if part.matrix == "hh":
                assert part.by is not None
                _add(d, part.by, scaled @ block(trace.weights, part), trace.vectors)  # Wᵀ δ
            elif part.by is not None and not part.matrix:
                _add(d, part.by, scaled, trace.vectors)
    return quantities, [d[f"{letter}_{{t-1}}"].sum(0) for letter in trace.lines.state]


def slope_of(quantity: Quantity) -> Array:
    """Return the derivative of the activation at the sum (H,)."""
    match quantity.activation:
        case "σ":
            return quantity.values * (1 - quantity.values)
        case "tanh":
            return 1 - quantity.values**2
        case "relu":
            return (quantity.sum > 0).astype(float)
    return np.ones_like(quantity.values)


def _add(d: dict[str, Array], vector: Vector, amount: Array, vectors: Mapping[str, Array]) -> None:
    """Add a derivative by `vector` to those by what it is made of."""
    match vector.made_by:
        case "complement":
            d[vector.of[0]] -= amount
        case "tanh":
            d[vector.of[0]] += amount * (1 - vectors[vector.name] ** 2)
        case "product":
            one, other = vector.of
            d[one] += amount * vectors[other]
            d[other] += amount * vectors[one]
        case _:
            d[vector.name] += amount


def _users(trace: CellTrace, name: str) -> list[tuple[str, Part]]:
    """Return the parts that use a weight, each with the letter of its quantity."""
    assert trace.lines is not None
    kind, way = name.split("_")
    return [
        (line.letter, part)
        for line in trace.lines.lines
        for part in line.parts
        if (part.matrix if kind == "weight" else part.bias) == way
    ]


def _times(trace: CellTrace, part: Part) -> Array:
    return np.ones_like(trace.h_t) if part.times is None else trace.vectors[part.times.name]
