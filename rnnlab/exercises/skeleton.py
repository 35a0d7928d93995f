"""Write the file that a student begins with: the function's first line, and a docstring with its task and shapes."""

from __future__ import annotations

import textwrap

from rnnlab.exercises.exercise import Exercise

WIDTH = 110  # columns of the file; a Chinese character takes two of them


def skeleton(exercise: Exercise, title: str, task: str, returns: str, shapes: str) -> str:
    """Return a Python file in which only the body of the function is missing.

    title, task: of the exercise, in the reader's language. returns: the word for it. shapes: what the letters mean.
    """
    width = max(map(len, [*exercise.shapes, returns]))
    arguments = [f"{name:{width}}  {shape}" for name, shape in exercise.shapes.items()]
    outputs = ", ".join(f"{name.removesuffix('[]')} {_axes(axes)}".strip() for name, axes in exercise.outputs.items())
    lines = [f"{title}.", "", *_wrapped(task), "", *_wrapped(shapes), "", *arguments, f"{returns:{width}}  {outputs}"]
    body = "\n".join(f"    {line}".rstrip() for line in lines).strip()
    # A raw docstring: a backslash in a text stays one.
    return f'''import torch
from torch import Tensor


{exercise.signature}:
    r"""{body}
    """
    raise NotImplementedError
'''


def _axes(axes: str) -> str:
    """Write the axes of an output as a shape: "BH" is (B, H); nothing for a number."""
    return f"({', '.join(axes)}{',' if len(axes) == 1 else ''})" if axes else ""


def _wrapped(text: str) -> list[str]:
    """Break a text into lines. One without spaces is broken where half as many characters fill the line."""
    columns = WIDTH if text.isascii() or text.count(" ") > len(text) / 12 else WIDTH // 2
    return textwrap.wrap(text, columns, break_on_hyphens=False)
