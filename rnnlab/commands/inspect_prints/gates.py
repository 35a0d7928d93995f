"""The lines of the look "gates": each gate's mean and saturation, and the step of a unit if a place is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from rnnlab.commands.console import printable
from rnnlab.commands.language import say
from rnnlab.text import visible


def gates_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield a heading, a line for each gate, and one for each quantity of the opened cell."""
    if not found["gates"]:
        yield say("inspect_no_gates")
    else:
        yield say("inspect_gates")
    for gate in found["gates"]:
        shares = f"{np.mean(gate['low']):8.0%} {np.mean(gate['high']):8.0%}"
        yield f"l{gate['layer']} {gate['gate']} {gate['name']:<7} {gate['mean']:6.2f} {shares}"
    if cell := found.get("cell"):
        piece = printable(visible(found["tokens"][cell["place"]]))
        yield say("inspect_cell", piece=piece, place=cell["place"], layer=cell["layer"], unit=cell["unit"])
        for line in cell["lines"]:
            yield f"  {line['formula'] or line['letter']} = {line['value']:.4f}"
