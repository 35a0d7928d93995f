"""The sections of the tab by name, in the order of the switch: each is a function that answers for its picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rnnlab.ui.tabs.inside import alike, gates, gradient, surgery, units
from rnnlab.ui.tabs.inside.opened import Opened, opened_by

Query = Mapping[str, str]
Section = Callable[[Opened, Query], dict[str, Any]]

Check = Callable[[], None]
LongSection = Callable[[Opened, Query, Check], dict[str, Any]]

SECTIONS: Mapping[str, Section] = {
    "units": units.answer,
    "alike": alike.answer,
    "gates": gates.answer,
    "gradient": gradient.answer,
    "surgery": surgery.answer,
}
LONG: Mapping[str, LongSection] = {"gradient": gradient.answer, "surgery": surgery.answer}  # may take a second


def section_value(key: str, name: str, query: Query, check: Check = lambda: None) -> dict[str, Any] | None:
    """Return the answer of a section for an opened text; None if that is not kept, or there is no such section.

    check: called from time to time by a section that may take a while; it raises where nobody waits any more.
    Raises InvalidInput.
    """
    opened, section = opened_by(key), SECTIONS.get(name)
    if opened is None or section is None:
        return None
    return LONG[name](opened, query, check) if name in LONG else section(opened, query)
