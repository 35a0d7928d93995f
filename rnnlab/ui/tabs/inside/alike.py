"""The section Find alike: the units that are on over a selection, and where else they are on in the training text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnlab.experiments.language_model.inspected import InspectedText
from rnnlab.experiments.language_model.looks import alike
from rnnlab.experiments.language_model.looks.alike import LearnedStates, read_learned_states
from rnnlab.experiments.language_model.looks.units import limits_of
from rnnlab.limits import MAX_KEPT_ALIKE, MAX_KEPT_ALIKE_BYTES
from rnnlab.ui.latest import Latest
from rnnlab.ui.tabs.inside.opened import Opened

_learned: Latest[tuple[str, str], LearnedStates] = Latest(
    MAX_KEPT_ALIKE, nbytes=lambda learned: learned.nbytes, max_bytes=MAX_KEPT_ALIKE_BYTES
)


def answer(opened: Opened, query: Mapping[str, str]) -> dict[str, Any]:
    """Return what the section draws; the states of the training text are kept for the next selection."""

    def read(inspected: InspectedText, state: str) -> LearnedStates:
        return _learned.get((opened.network.key, state), lambda: read_learned_states(inspected, state))

    options = {name: value for name, value in query.items() if name in alike.OPTIONS}
    found = alike.answer(opened.text, options, read)
    state, values = found["state"], opened.text.reading.activations[found["state"]]
    limits = limits_of(opened.text, state)
    rows = [(values[:, index] / limits[index]).tolist() for index, _ in found["on"]]
    return {**found, "states": list(opened.text.states), "limit": float(limits.max()), "values": rows}
