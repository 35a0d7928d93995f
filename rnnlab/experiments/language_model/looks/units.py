"""The look at single units: which ones tell most of the text, and their values at each token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.experiments.language_model.inspected import InspectedText
from rnnlab.experiments.language_model.looks.options import Query, states_in, whole
from rnnlab.inspection.units import Unit, chance_level, measures_of, rank_units
from rnnlab.validation import Choice, InvalidInput

OPTIONS = ("state", "measure", "number")
ALL = "all"  # states together
NUMBER, MAX_NUMBER = 10, 1000  # units in an answer


def answer(inspected: InspectedText, query: Query) -> dict[str, Any]:
    """Return the units with the highest score as plain data, each with its value after each token."""
    state, measure, ranked = ranked_units(inspected, query)
    chance = chance_level(states_named(inspected, state), inspected.tokens, measure)
    number = whole(query, "number", 1, MAX_NUMBER, NUMBER)
    values = inspected.reading.activations
    return {
        "state": state,
        "measure": measure,
        "chance": chance,
        "measures": list(measures_of(inspected.tokens)),
        "tokens": list(inspected.pieces),
        "units": [{**unit.__dict__, "values": values[unit.state][:, unit.index].tolist()} for unit in ranked[:number]],
    }


def ranked_units(inspected: InspectedText, query: Query) -> tuple[str, str, list[Unit]]:
    """Return the state and the measure that a query names, and all units of that state, the highest score first.

    By default all states together, and the first measure that the text allows. Raises InvalidInput.
    """
    states, measures = states_in(inspected), measures_of(inspected.tokens)
    if not measures:
        raise InvalidInput("nothing_to_rank", "text")
    state = Choice((ALL, *states)).check("state", query.get("state") or ALL)
    measure = Choice(measures).check("measure", query.get("measure") or measures[0])
    return state, measure, rank_units(states_named(inspected, state), inspected.tokens, measure)


def states_named(inspected: InspectedText, state: str) -> dict[str, NDArray[np.float32]]:
    """Return the values (T, H) of one state, or of ALL, by name."""
    return {name: inspected.reading.activations[name] for name in inspected.states if state in (ALL, name)}


def values_of(inspected: InspectedText, units: Sequence[Unit]) -> NDArray[np.float32]:
    """Return the values of some units at each token, a row for each unit (U, T)."""
    values = inspected.reading.activations
    rows = [values[unit.state][:, unit.index] for unit in units]
    return np.stack(rows) if rows else np.zeros((0, len(inspected.ids)), np.float32)


def limits_of(inspected: InspectedText, state: str) -> NDArray[np.float32]:
    """Return the value of the full colour of each unit of a state (H,).

    It is 1 where all values lie within −1 and 1, as tanh has it; else, as in a cell, the unit's largest absolute value.
    """
    largest = np.abs(inspected.reading.activations[state]).max(axis=0)
    if largest.max() <= 1:
        return np.ones_like(largest)
    return np.where(largest > 0, largest, np.float32(1))
