"""The lines that `rnnlab inspect` prints of each look, a file for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rnnlab.commands.inspect_prints.alike import alike_lines
from rnnlab.commands.inspect_prints.gates import gates_lines
from rnnlab.commands.inspect_prints.gradient import gradient_lines
from rnnlab.commands.inspect_prints.units import units_lines

PRINTS: Mapping[str, Callable[[Mapping[str, Any]], Iterable[str]]] = {
    "units": units_lines,
    "alike": alike_lines,
    "gates": gates_lines,
    "gradient": gradient_lines,
}
