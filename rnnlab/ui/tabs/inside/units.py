"""The section Units: all units of a network over the text, the highest score first."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnlab.experiments.language_model.looks.units import limits_of, ranked_units, states_named, values_of
from rnnlab.inspection.units import chance_level, measures_of
from rnnlab.limits import MAX_SHOWN_UNIT_VALUES
from rnnlab.ui.tabs.inside.opened import Opened

STEPS = 32767  # of the full colour: a value is sent as a whole number of 16 bits


def answer(opened: Opened, query: Mapping[str, str]) -> dict[str, Any]:
    """Return what the section draws: the units in their order, and their values as rows of 16-bit numbers.

    values: (units, tokens), in base64, little-endian; each is a share of its unit's limit, in STEPS.
    """
    inspected = opened.text
    state, measure, ranked = ranked_units(inspected, query)
    shown = ranked[: max(1, MAX_SHOWN_UNIT_VALUES // len(inspected.ids))]
    by_state = {name: limits_of(inspected, name) for name in inspected.states}
    limits = np.array([by_state[unit.state][unit.index] for unit in shown])
    values = values_of(inspected, shown) / limits[:, None]
    with np.errstate(invalid="ignore"):
        numbers = np.nan_to_num(np.round(values * STEPS)).clip(-STEPS, STEPS).astype("<i2")
    return {
        "state": state,
        "states": list(inspected.states),
        "measure": measure,
        "chance": chance_level(states_named(inspected, state), inspected.tokens, measure),
        "measures": list(measures_of(inspected.tokens)),
        "units": [[unit.state, unit.index, unit.score, unit.r] for unit in shown],
        "total": len(ranked),
        "limits": limits.tolist(),
        "values": base64.b64encode(numbers.tobytes()).decode("ascii"),
    }
