"""What the song panel is told: the prefix, and each generated character with its probability and its rivals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnlab.generation import Choice, FittedPrefix
from rnnlab.ui.language import Language
from rnnlab.ui.words import words

BETWEEN: dict[Language, str] = {"en": " ", "zh": "、"}  # the characters that the model lacks


def song_value(fitted: FittedPrefix, choices: Sequence[Choice], language: Language) -> dict[str, Any]:
    """The panel's value after some choices."""
    known = words(language)
    notes = [
        known["generate.replaced"].format(typed=typed, known=form) for typed, form in fitted.replaced if form != " "
    ]
    if fitted.missing:
        notes.append(known["generate.missing"].format(characters=BETWEEN[language].join(fitted.missing)))
    return {
        "prefix": fitted.text,
        "notes": notes,
        "choices": [
            [c.character, round(c.probability, 4), [[a, round(p, 4)] for a, p in c.alternatives]] for c in choices
        ],
    }
