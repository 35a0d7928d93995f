"""What can be looked at in a text that a network has read: a file for each look, and this table of them.

    inspected = inspect_text(model, vocab, config, "([()])\\n", corpus)
    LOOKS["units"].answer(inspected, {"measure": "depth"})["units"][0]

The command `rnnlab inspect --what units`, the endpoint `/inspect` and the tab Inside use the same functions. To add a
look: its file, its line in LOOKS, and what the command prints of it (`rnnlab.commands.inspect_prints`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rnnlab.experiments.language_model.inspected import InspectedText
from rnnlab.experiments.language_model.looks import alike, gates, gradient, units
from rnnlab.experiments.language_model.looks.options import Query
from rnnlab.validation import Choice, InvalidInput


@dataclass(frozen=True)
class Look:
    """Something that can be looked at."""

    answer: Callable[[InspectedText, Query], dict[str, Any]]  # plain data; raises InvalidInput
    options: tuple[str, ...]  # what a query may hold


LOOKS: Mapping[str, Look] = {
    "units": Look(units.answer, units.OPTIONS),
    "alike": Look(alike.answer, alike.OPTIONS),
    "gates": Look(gates.answer, gates.OPTIONS),
    "gradient": Look(gradient.answer, gradient.OPTIONS),
}


def look_at(inspected: InspectedText, what: str, query: Query) -> dict[str, Any]:
    """Return what a look finds, as plain data. Raises InvalidInput, also for an option that the look does not have."""
    look = LOOKS[Choice(tuple(LOOKS)).check("what", what)]
    for name in query:
        if name not in look.options:
            raise InvalidInput("unknown_field", name, choices=", ".join(look.options))
    return look.answer(inspected, query)
