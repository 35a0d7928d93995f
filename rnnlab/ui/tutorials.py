"""The five tutorials, section by section: which tab shows it, with which recipe or example, and which command runs it.

The table is `tutorials.json`. From it come the dialog on the page (`tutorial_dialog.py`), the command
`rnnlab tutorials` and the tables of `rnnlab/reproduce/tutorials.zh.md` and `tutorials.md`. Of the tutorials it holds
titles only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from rnnlab.inspection import EXAMPLES
from rnnlab.ui.i18n import words
from rnnlab.ui.i18n.languages import FALLBACK, Language

TABLE = Path(__file__).with_name("tutorials.json")
# What a line's `recipe` is the value of: the key of its label, of which the last part is the recipe.
RECIPE_LABELS = {
    "train": "presets.{recipe}",
    "tag": "tag.recipe.{recipe}",
    "hello": "choices.hello.module.{recipe}",
    "sine": "choices.sine.memory.{recipe}",
}


@dataclass(frozen=True)
class Line:
    """One section of a tutorial, or a part of a section that something else shows."""

    section: Mapping[Language, str]
    items: tuple[str, ...]  # numbered by tutorial, as 2.13
    tab: str
    command: str
    recipe: str = ""  # of the tabs in RECIPE_LABELS
    example: str = ""  # of the Layers tab: a key of `rnnlab.inspection.EXAMPLES`
    part: str = ""  # of the Layers tab
    settings: Mapping[str, Any] = field(default_factory=dict)  # by name
    note: Mapping[Language, str] = field(default_factory=dict)  # which part of the section, if it has several lines

    def title(self, language: Language) -> str:
        """Return the section's title, and which part of it this line is."""
        text = self.section.get(language, self.section[FALLBACK])
        return (
            f"{text}{words(language)['tutorials.of_section']}{self.note[language]}" if language in self.note else text
        )

    def place(self, language: Language) -> tuple[str, str]:
        """Return the names of the tab, and of the recipe, example or part there, which may be empty."""
        texts = words(language)
        if self.recipe:
            chosen = texts.get(RECIPE_LABELS[self.tab].format(recipe=self.recipe), self.recipe)
        elif self.example:
            chosen = texts[f"layers.example.{self.example}"].split(" · ")[-1]  # before it stands the section again
        else:
            chosen = texts[f"layers.{self.part}"] if self.part else ""
        return texts[f"{self.tab}.tab"], chosen


@dataclass(frozen=True)
class Tutorial:
    """One of the tutorials, with its lines in the order of its sections."""

    number: str  # "000" to "004"
    titles: Mapping[Language, str]
    author: str  # as it names itself; empty if it does not
    lines: tuple[Line, ...]

    @property
    def original(self) -> str:
        """Return the title in the language of the tutorial, which stands first in the table."""
        return next(iter(self.titles.values()))

    def title(self, language: Language) -> str:
        return self.titles.get(language, self.titles[FALLBACK])


@cache
def tutorials() -> tuple[Tutorial, ...]:
    """Read the table."""
    return tuple(
        Tutorial(row["number"], row["title"], row.get("author", ""), tuple(map(_line, row["sections"])))
        for row in json.loads(TABLE.read_text("utf-8"))
    )


def _line(row: Mapping[str, Any]) -> Line:
    """Read one line; that of an example has the example's part, settings and command."""
    found = {**row, "items": tuple(row["items"])}
    if name := row.get("example"):
        example = EXAMPLES[name]
        settings = dict(vars(example.config()))
        if example.part != "dropout":
            settings.pop("dropout", None)  # no other part shows it
        found |= {"part": example.part, "settings": settings, "command": f"rnnlab layers --example {name}"}
    return Line(**found)
