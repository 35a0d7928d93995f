"""Read the options of a look from a query: texts by their names, as an address or a command line has them."""

from __future__ import annotations

from collections.abc import Mapping

from rnnlab.experiments.language_model.inspected import InspectedText
from rnnlab.validation import Choice, Integer, InvalidInput, Real

Query = Mapping[str, str]
MAX_ANSWER = 40  # characters of an option that are looked at


def whole(query: Query, name: str, low: int, high: int, default: int) -> int:
    """Return a whole number of the query. Raises InvalidInput."""
    rule, text = Integer(low, high), query.get(name, "")[:MAX_ANSWER]
    return rule.require(name, rule.parse(name, text)) if text else default


def real(query: Query, name: str, low: float, high: float, default: float) -> float:
    """Return a number of the query. Raises InvalidInput."""
    rule, text = Real(low, high), query.get(name, "")[:MAX_ANSWER]
    return rule.require(name, rule.parse(name, text)) if text else default


def state_of(inspected: InspectedText, query: Query) -> str:
    """Return the name of a state; by default the last layer's, of an LSTM its cell. Raises InvalidInput."""
    states = states_in(inspected)
    last = states[-1].partition(".")[0]
    default = next(name for name in states if name.startswith(f"{last}."))
    return Choice(states).check("state", query.get("state") or default)


def states_in(inspected: InspectedText) -> tuple[str, ...]:
    """Return the names of the states. Raises InvalidInput for a bidirectional model, which has none."""
    if not inspected.states:
        raise InvalidInput("no_states", "model")
    return inspected.states
