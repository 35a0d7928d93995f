"""The section Gates: the gates over time, how saturated their units are, and the cell opened at a character.

lab/inside/<key>/gates?gate=l0.f                 the means of all gates, and all units of one
lab/inside/<key>/gates?place=5&layer=0&unit=3    the step at token 5: every number of unit 3
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.experiments.language_model.looks.gates import line_of
from rnnlab.experiments.language_model.looks.options import states_in, whole
from rnnlab.inspection.gate_activity import GateActivity, gate_activity, unit_at
from rnnlab.inspection.surgery import GATE_NAMES
from rnnlab.limits import MAX_HEADER_COUNT
from rnnlab.ui.tabs.inside.opened import Opened
from rnnlab.validation import Choice

BYTE = 255  # a gate of 1, as all units × time are sent
PERMILLE = 1000
TERMS = 6  # of a sum, the largest, that are shown


def answer(opened: Opened, query: Mapping[str, str]) -> dict[str, Any]:
    """Return the gates, or the opened cell if the query has a place. Raises InvalidInput."""
    states_in(opened.text)
    if "place" in query:
        place, layer, unit = (whole(query, name, 0, MAX_HEADER_COUNT, 0) for name in ("place", "layer", "unit"))
        lines = unit_at(opened.text.model, opened.text.reading, place, layer, unit, TERMS)
        return {"place": place, "layer": layer, "unit": unit, "lines": [line_of(line) for line in lines]}
    gates = gate_activity(opened.text.config, opened.text.reading.activations)
    names = [activity.key for activity in gates]
    chosen = query.get("gate") or next(iter(names), "")
    if names:
        Choice(names).check("gate", chosen)
    return {
        "gates": [gate_value(activity) for activity in gates],
        "chosen": units_value(opened, gates[names.index(chosen)]) if names else None,
    }


def gate_value(activity: GateActivity) -> dict[str, Any]:
    """Return a gate's mean along the text, in thousandths, and the shares of its values that are saturated."""
    return {
        "key": activity.key,
        "layer": activity.layer,
        "letter": activity.gate,
        "name": GATE_NAMES[activity.gate],
        "mean": activity.mean,
        "low": float(activity.low.mean()),
        "high": float(activity.high.mean()),
        "along": _permille(activity.along),
    }


def units_value(opened: Opened, activity: GateActivity) -> dict[str, Any]:
    """Return one gate of all units: bytes (units, tokens) in base64, the units in the order of their mean."""
    values = opened.text.reading.activations[activity.key].T  # (H, T)
    order = np.argsort(-values.mean(axis=1), kind="stable")
    numbers = np.round(np.nan_to_num(values[order]) * BYTE).astype(np.uint8)
    return {
        "key": activity.key,
        "order": order.tolist(),
        "low": _permille(activity.low),
        "high": _permille(activity.high),
        "values": base64.b64encode(numbers.tobytes()).decode("ascii"),
    }


def _permille(shares: NDArray[np.float64]) -> list[int]:
    whole: list[int] = np.round(np.nan_to_num(shares) * PERMILLE).astype(int).tolist()
    return whole
