"""Guides: the page's lessons ("Lessons", "课程"), which drive the page step by step beside a card of text.

In code a lesson is an experiment with a tab; so one of these is called a guide, and all of them in a row the lecture. A
guide is a JSON file here, which says what each step does on the page, what it points at and what it waits for, and a
file `guide_<name>.json` in each language's folder of `rnnlab/ui/i18n`, which says it to the class. README.md has the
format.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
# In the order of the lecture.
NAMES = ("counting", "cell", "training", "travel", "forgetting", "gates", "sampling", "reciting", "tagging")
ACTIONS = ("open", "curve", "set", "press", "turn_on", "expand", "focus")


@dataclass(frozen=True)
class Step:
    """One step: `do` on the page in order, `point` at an element, and `wait` for a result.

    minutes: planned for it. do: see ACTIONS and README.md. point: a CSS selector. wait: {} or {"change": selector of an
    element that changes after the first press, "selector": of what is there then}, either of the two.
    """

    name: str
    minutes: int
    do: tuple[Mapping[str, Any], ...]
    point: str
    wait: Mapping[str, str]


@dataclass(frozen=True)
class Guide:
    """A guide, with its notebook in `assets/notebooks`, if there is one, and its exercises in `rnnlab.exercises`."""

    name: str
    notebook: str | None
    exercises: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def minutes(self) -> int:
        return sum(step.minutes for step in self.steps)

    @property
    def section(self) -> str:
        """Return the section of the guide's texts."""
        return f"guide_{self.name}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON, with the minute of the lecture at which it begins, and how many that has."""
        before = NAMES[: NAMES.index(self.name)]
        begins = sum(guides()[name].minutes for name in before)
        return {**asdict(self), "minutes": self.minutes, "begins": begins, "lecture_minutes": lecture_minutes()}


@cache
def guides() -> Mapping[str, Guide]:
    """Read all guides, by their names in the order of the lecture."""
    return {name: _read(name) for name in NAMES}


def lecture_minutes() -> int:
    """Return the minutes of all guides together."""
    return sum(guide.minutes for guide in guides().values())


def _read(name: str) -> Guide:
    row = json.loads((HERE / f"{name}.json").read_text("utf-8"))
    steps = tuple(
        Step(step["name"], step["minutes"], tuple(step["do"]), step["point"], step.get("wait", {}))
        for step in row["steps"]
    )
    return Guide(name, row.get("notebook"), tuple(row["exercises"]), steps)


def field_values() -> Iterator[tuple[str, Any]]:
    """Yield the elem_id of each field that a step sets, and its value, which may be one by language."""
    for guide in guides().values():
        for step in guide.steps:
            for action in step.do:
                yield from action.get("set", {}).items()
