"""The adding problem: rows of random numbers of which two are marked; the target is the sum of these two.

Hochreiter & Schmidhuber (1997, "Long short-term memory", section 5.4) set it, because only a network that keeps two
numbers over the whole distance can solve it. This is the form of Arjovsky, Shah & Bengio (2016, "Unitary evolution
recurrent neural networks", section 4.2): numbers from uniform(0, 1), the first mark in the first half of the row, the
second in the second half, and the mean squared error against that of always answering 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnnlab.limits import MAX_ADDING_LENGTH
from rnnlab.validation import Integer, InvalidInput, Real

CONSTANT_ANSWER = 1.0  # the mean of the sum of two numbers from uniform(0, 1): the best answer without a memory
# Its mean squared error is the variance of that sum. A number has ∫₀¹ (u - 1/2)² du = 1/12, two independent ones 1/6.
CONSTANT_ERROR = 1 / 6
MIN_LENGTH = 2
DIGITS = 2  # decimals of the numbers of a question, so that they can be read and typed
NUMBER = Real(0.0, 1.0)


def draw_rows(generator: np.random.Generator, rows: int, length: int) -> tuple[Tensor, Tensor]:
    """Draw rows of the problem; return inputs (B, T, 2), each a number and its mark 0 or 1, and sums (B, 1)."""
    numbers = generator.random((rows, length), dtype=np.float32)
    half = length // 2
    first, second = generator.integers(0, half, rows), generator.integers(half, length, rows)
    every = np.arange(rows)
    inputs = np.zeros((rows, length, 2), dtype=np.float32)
    inputs[..., 0] = numbers
    inputs[every, first, 1] = inputs[every, second, 1] = 1.0
    sums = numbers[every, first] + numbers[every, second]
    return torch.from_numpy(inputs), torch.from_numpy(sums[:, None])


@dataclass(frozen=True)
class Question:
    """A row of numbers with two marks, to be asked of trained networks."""

    numbers: tuple[float, ...]
    places: tuple[int, int]  # of the marks, from 1, in ascending order

    @property
    def truth(self) -> float:
        """Return the sum of the two marked numbers."""
        first, second = self.places
        return self.numbers[first - 1] + self.numbers[second - 1]

    def inputs(self) -> Tensor:
        """Return the row as the input of a network (1, T, 2)."""
        marks = [float(place in self.places) for place in range(1, len(self.numbers) + 1)]
        return torch.tensor([self.numbers, marks], dtype=torch.float32).T[None]


def draw_question(length: int, seed: int, numbers: Sequence[float] = (), places: Sequence[int] = ()) -> Question:
    """Draw a question from `seed`; `numbers`, two if any, and `places` replace what is drawn for the two marks.

    Raises InvalidInput for numbers outside [0, 1], and for places that are not two different ones of the row.
    """
    length = Integer(MIN_LENGTH, MAX_ADDING_LENGTH).require("length", length)
    generator = np.random.default_rng(seed)
    row = np.round(generator.random(length), DIGITS).tolist()
    half = length // 2
    drawn = (1 + int(generator.integers(0, half)), 1 + int(generator.integers(half, length)))
    given = check_places(places, length) if len(places) else drawn
    for place, number in zip(given, check_numbers(numbers), strict=False):
        row[place - 1] = number
    first, second = sorted(given)
    return Question(tuple(row), (first, second))


@dataclass(frozen=True)
class Asking:
    """What a visitor asks: the arguments of `draw_question`."""

    length: int | None = None  # None for that of the rows that the networks have been trained on
    seed: int = 0
    numbers: Sequence[float] = ()
    places: Sequence[int] = ()

    def question(self, length: int) -> Question:
        """Return the question, by default of `length` numbers. Raises InvalidInput."""
        return draw_question(self.length or length, self.seed, self.numbers, self.places)


def check_numbers(numbers: Sequence[float]) -> tuple[float, ...]:
    """Return `numbers`, none or two from 0 to 1. Raises InvalidInput."""
    if len(numbers) not in (0, 2):
        raise InvalidInput("adding_not_two", "ask_numbers", given=len(numbers))
    return tuple(NUMBER.require("ask_numbers", number) for number in numbers)


def check_places(places: Sequence[int], length: int) -> tuple[int, ...]:
    """Return `places`, none or two different ones of a row of `length` numbers. Raises InvalidInput."""
    if len(places) not in (0, 2):
        raise InvalidInput("adding_not_two", "ask_places", given=len(places))
    checked = tuple(Integer(1, length).require("ask_places", place) for place in places)
    if len(set(checked)) != len(checked):
        raise InvalidInput("adding_same_place", "ask_places", value=checked[0])
    return checked
