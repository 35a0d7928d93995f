"""Compare what a function gave with what ours gives: the first difference, and the mistake that explains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Exercise, as_outputs

RELATIVE, ABSOLUTE = 1e-4, 1e-6  # what is equal: a function may compute in float32

Outputs = list[Tensor]


@dataclass(frozen=True)
class Difference:
    """The first place at which the outputs of a case differ from ours.

    kind: "count" of outputs, "shape" of one, "not_finite" (NaN or infinite), "value".
    case: from 1. output: its name, and `place` the index in it, as "B=0, H=2"; both "" where they say nothing.
    got, expected: the two numbers, shapes or counts, as text.
    """

    kind: str
    case: int
    output: str = ""
    place: str = ""
    got: str = ""
    expected: str = ""


def first_difference(exercise: Exercise, given: Sequence[Outputs]) -> Difference | None:
    """Return the first difference between `given`, the outputs of each case, and ours; None without one."""
    for number, (outputs, arguments) in enumerate(zip(given, exercise.cases(), strict=True), 1):
        if found := _difference_of_case(exercise, number, outputs, _ours(exercise, arguments)):
            return found
    return None


def mistake_in(exercise: Exercise, given: Sequence[Outputs]) -> str:
    """Return the key of the typical mistake that gives these outputs in every case that is wrong; "" if none does."""
    pairs = zip(given, exercise.cases(), strict=True)
    wrong = [(outputs, case) for outputs, case in pairs if not _alike(outputs, _ours(exercise, case))]
    for key, mistaken in exercise.mistakes.items():
        if all(_alike(outputs, as_outputs(mistaken(*case)) or []) for outputs, case in wrong):
            return key
    return ""


def _ours(exercise: Exercise, arguments: Arguments) -> Outputs:
    outputs = as_outputs(exercise.reference(*arguments))
    assert outputs is not None
    return outputs


def _alike(outputs: Outputs, others: Outputs) -> bool:
    return len(outputs) == len(others) and all(map(_close, outputs, others))


def _close(output: Tensor, other: Tensor) -> bool:
    return output.shape == other.shape and torch.allclose(output, other, RELATIVE, ABSOLUTE, equal_nan=True)


def _difference_of_case(exercise: Exercise, case: int, outputs: Outputs, ours: Outputs) -> Difference | None:
    if len(outputs) != len(ours):
        return Difference("count", case, got=str(len(outputs)), expected=str(len(ours)))
    for number, (output, expected) in enumerate(zip(outputs, ours, strict=True)):
        name, axes = _named(exercise, number)
        if output.shape != expected.shape:
            return Difference("shape", case, name, got=_shape(output), expected=_shape(expected))
        if not _close(output, expected):
            close = torch.isclose(output, expected, RELATIVE, ABSOLUTE)
            index = [int(place) for place in (~close).nonzero()[0]]
            got, wanted = float(output[tuple(index)]), float(expected[tuple(index)])
            kind = "value" if torch.isfinite(output[tuple(index)]) else "not_finite"
            return Difference(kind, case, name, _place(axes, index), f"{got:.6g}", f"{wanted:.6g}")
    return None


def _named(exercise: Exercise, number: int) -> tuple[str, str]:
    """Return the name and the axes of an output."""
    names = list(exercise.outputs)
    if names[0].endswith("[]"):
        return names[0].replace("[]", f"[{number}]"), ""
    return names[number], exercise.outputs[names[number]]


def _shape(tensor: Tensor) -> str:
    return str(tuple(tensor.shape))


def _place(axes: str, index: list[int]) -> str:
    """Name the place of a number: "B=0, H=2", or "0, 2" where the axes have no letters."""
    if len(axes) == len(set(axes)) == len(index):
        return ", ".join(f"{axis}={place}" for axis, place in zip(axes, index, strict=True))
    return ", ".join(map(str, index))
