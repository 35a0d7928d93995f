"""The lines of the look "alike": the places of the training text where the same units are on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rnnlab.commands.console import printable
from rnnlab.commands.language import say
from rnnlab.text import visible


def alike_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the selection and the units that are on over it, then a line for each place."""
    units = " ".join(f"{'+' if sign > 0 else '−'}{index}" for index, sign in found["on"])
    yield say("inspect_on", selection=_line(found["selection"]), state=found["state"], units=units or "–")
    yield say("inspect_alike", searched=found["searched"], total=found["total"])
    for place in found["places"]:
        around = f"{_line(place['before'])}⟦{_line(place['passage'])}⟧{_line(place['after'])}"
        yield f"{place['score']:>5} {place['shared']:>4}/{place['others']:<4} {place['start']:>7}  {around}"


def _line(text: str) -> str:
    return printable("".join("↵" if character == "\n" else character for character in text)) or visible(text)
