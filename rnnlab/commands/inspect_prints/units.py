"""The lines of the look "units": the units of highest score, and the text where each is highest and lowest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from rnnlab.commands.console import printable
from rnnlab.commands.language import say
from rnnlab.text import visible

SHOWN = 3  # tokens of each extreme
BEFORE = 6  # tokens before each


def units_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield a heading, then a line for each unit."""
    yield say("inspect_units", measure=say(f"measure.{found['measure']}"), others=", ".join(found["measures"]))
    for unit in found["units"]:
        figure = unit["score"] if unit["r"] is None else unit["r"]
        order = np.argsort(unit["values"], kind="stable").tolist()
        high, low = _places(found["tokens"], order[::-1]), _places(found["tokens"], order)
        yield f"{unit['state']:>5} {unit['index']:>4}  {figure:+.3f}  ▲ {high}  ▼ {low}"
    if found["chance"] is not None:
        yield say("inspect_chance", chance=found["chance"])


def _places(tokens: list[str], order: list[int]) -> str:
    """Return the first places of `order`, each with what stands before it."""
    shown = ("".join(map(visible, tokens[max(0, at - BEFORE) : at + 1])) for at in order[:SHOWN])
    return printable("  ".join(shown))
