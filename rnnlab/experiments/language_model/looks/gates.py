"""The look at the gates: their mean over the units at each token, how saturated they are, and the step at a token."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rnnlab.experiments.language_model.inspected import InspectedText
from rnnlab.experiments.language_model.looks.options import Query, states_in, whole
from rnnlab.inspection.gate_activity import HIGH, LOW, UnitLine, gate_activity, unit_at
from rnnlab.inspection.surgery import GATE_NAMES

OPTIONS = ("place", "layer", "unit", "number")
NUMBER, MAX_NUMBER = 8, 1000  # terms of a sum in an answer


def answer(inspected: InspectedText, query: Query) -> dict[str, Any]:
    """Return the gates of each layer; with a `place` also every number of one unit in the step at that token.

    low, high: of each unit, the share of the text in which its gate is below 0.1 and above 0.9. Raises InvalidInput.
    """
    states_in(inspected)
    activities = gate_activity(inspected.config, inspected.reading.activations)
    gates = [
        {
            "layer": activity.layer,
            "gate": activity.gate,
            "name": GATE_NAMES[activity.gate],
            "mean": activity.mean,
            "along": activity.along.tolist(),
            "low": activity.low.tolist(),
            "high": activity.high.tolist(),
        }
        for activity in activities
    ]
    found = {"tokens": list(inspected.pieces), "bounds": [LOW, HIGH], "gates": gates}
    return found | ({"cell": _cell(inspected, query)} if query.get("place") else {})


def _cell(inspected: InspectedText, query: Query) -> dict[str, Any]:
    config = inspected.config
    place = whole(query, "place", 0, len(inspected.ids) - 1, 0)
    layer = whole(query, "layer", 0, config.num_layers - 1, 0)
    unit = whole(query, "unit", 0, config.hidden_size - 1, 0)
    most = whole(query, "number", 1, MAX_NUMBER, NUMBER)
    lines = unit_at(inspected.model, inspected.reading, place, layer, unit, most)
    return {"place": place, "layer": layer, "unit": unit, "lines": list(map(line_of, lines))}


def line_of(line: UnitLine) -> dict[str, Any]:
    """Return one quantity of a step as plain data; `others` are the terms that are left out: their number and sum."""
    terms = [
        {"factors": [[factor.name, list(factor.index), factor.value] for factor in term.factors], "value": term.value}
        for term in line.terms
    ]
    return {**asdict(line), "parts": [list(part) for part in line.parts], "terms": terms, "others": list(line.others)}
