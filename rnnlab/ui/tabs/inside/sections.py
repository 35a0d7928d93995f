"""The sections of the tab by name, in the order of the switch: each is a function that answers for its picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rnnlab.ui.tabs.inside import alike, gates, gradient, surgery, units
from rnnlab.ui.tabs.inside.opened import Opened, opened_by

Query = Mapping[str, str]
Section = Callable[[Opened, Query], dict[str, Any]]

SECTIONS: Mapping[str, Section] = {
    "units": units.answer,
    "alike": alike.answer,
    "gates": gates.answer,
    "gradient": gradient.answer,
    "surgery": surgery.answer,
}


def section_value(key: str, name: str, query: Query) -> dict[str, Any] | None:
    """Return the answer of a section for an opened text; None if that is not kept, or there is no such section.

    Raises InvalidInput.
    """
    opened, section = opened_by(key), SECTIONS.get(name)
    return None if opened is None or section is None else section(opened, query)
