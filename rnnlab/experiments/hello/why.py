"""Why did this weight move? The update of one weight at the end of one epoch, number by number.

    found = weight_update(config, epoch, "weight_hh[1,2]")     # epoch: an event of `run`
    sum(term.value for term in found.terms) == found.gradient
    found.sgd_step      # -η · gradient: what plain SGD does
    found.step          # what the run's optimizer does

With Adam the step is not the rate times the gradient. It is -η · m̂ / (√v̂ + ε), where m̂ and v̂ are running means of the
gradient and of its square; m and v are the optimizer's own, in float32.
"""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass
from typing import Any

from rnnlab.experiments.hello.config import Config
from rnnlab.experiments.hello.events import Epoch, NetworkState
from rnnlab.inspection import WeightTerm, backward, trace_word
from rnnlab.inspection.weight_gradient import WEIGHTS
from rnnlab.validation import InvalidInput, echo

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8  # of `experiments.optimizers.Adam`
NAMED = re.compile(r"\s*(\w+)\s*\[\s*(\d{1,6})\s*(?:,\s*(\d{1,6})\s*)?\]\s*")


@dataclass(frozen=True)
class WeightUpdate:
    """One number of a weight, its gradient term by term, and its update."""

    weight: str  # weight_hh[1,2]
    epoch: int
    value: float  # before the update
    terms: tuple[WeightTerm, ...]  # one per step of the word
    gradient: float  # their sum
    learning_rate: float
    sgd_step: float  # -η · gradient
    optimizer: str
    m: float | None  # Adam's running means after this epoch; None with SGD, and after the last update
    v: float | None
    m_hat: float | None  # m / (1 - β₁ᵗ), t = epoch
    v_hat: float | None  # v / (1 - β₂ᵗ)
    step: float | None  # what the optimizer adds to the weight; None after the last update

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data, the terms as dictionaries."""
        return asdict(self) | {"terms": [asdict(term) for term in self.terms]}


def find_weight(look: NetworkState, text: str) -> tuple[str, tuple[int, ...]]:
    """Read weight_hh[1,2] or bias_ih[3]: the name and the place. Raises InvalidInput, which lists what there is."""
    found = NAMED.fullmatch(text) if isinstance(text, str) else None
    name, index = "", tuple[int, ...]()
    if found is not None:
        name, index = found[1], tuple(int(part) for part in found.groups()[1:] if part is not None)
    shape: tuple[int, ...] = look.arrays[name].shape if name in WEIGHTS else ()
    if not shape or len(index) != len(shape) or any(i >= size for i, size in zip(index, shape, strict=True)):
        shapes = [
            f"{known}[{', '.join(f'0…{size - 1}' for size in array.shape)}]"
            for known, array in look.arrays.items()
            if array.size
        ]
        raise InvalidInput("not_a_weight", "weight", value=echo(text), choices=", ".join(shapes))
    return name, index


def weight_update(config: Config, look: NetworkState, weight: str) -> WeightUpdate:
    """Explain the update of a weight such as "weight_hh[1,2]" at the end of the epoch `look`. Raises InvalidInput."""
    name, index = find_weight(look, weight)
    trace = trace_word(config.equations, look.arrays, config.ids(config.source))
    terms = backward(trace, config.ids(config.target), config.loss_scale).terms(name, index)
    gradient = math.fsum(term.value for term in terms)
    rate = config.learning_rate
    m = v = m_hat = v_hat = step = None
    if isinstance(look, Epoch) and config.optimizer == "sgd":
        step = -rate * gradient
    elif isinstance(look, Epoch):
        place = place_of(look, name, index)
        m, v = float(look.m[place]), float(look.v[place])
        m_hat, v_hat = m / (1 - BETA_1**look.epoch), v / (1 - BETA_2**look.epoch)
        step = -rate * m_hat / (math.sqrt(v_hat) + EPSILON)
    return WeightUpdate(
        weight=f"{name}[{','.join(map(str, index))}]", epoch=look.epoch, value=float(look.arrays[name][index]),
        terms=terms, gradient=gradient, learning_rate=rate, sgd_step=-rate * gradient, optimizer=config.optimizer,
        m=m, v=v, m_hat=m_hat, v_hat=v_hat, step=step,
    )  # fmt: skip


def place_of(look: NetworkState, name: str, index: tuple[int, ...]) -> int:
    """Return the place of a number of a weight among all numbers, as `Epoch.m` and `Epoch.v` have them."""
    place = sum(look.arrays[before].size for before in WEIGHTS[: WEIGHTS.index(name)])
    columns = look.arrays[name].shape[1] if len(index) == 2 else 1
    return place + index[0] * columns + (index[1] if len(index) == 2 else 0)
