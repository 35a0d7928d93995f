"""What the song panel is told: the prefix, and each generated character with its probability and its rivals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnlab.generation import FittedPrefix, SampledToken
from rnnlab.text import visible
from rnnlab.ui.i18n import words
from rnnlab.ui.i18n.languages import LANGUAGES, Language

BETWEEN: dict[Language, str] = {"en": " ", "zh": "、"}  # the characters that the model lacks


def song_value(fitted: FittedPrefix, choices: Sequence[SampledToken]) -> dict[str, Any]:
    """The panel's value after some choices; its notes are in each language, for the page may change its own."""
    return {
        "prefix": fitted.text,
        "notes": {language: _notes(fitted, language) for language in LANGUAGES},
        "choices": [
            [c.character, round(c.probability, 4), [[a, round(p, 4)] for a, p in c.alternatives]] for c in choices
        ],
    }


def _notes(fitted: FittedPrefix, language: Language) -> list[str]:
    """How the prefix was read, where that is not as it was typed."""
    known, notes = words(language), []
    for form, typed in fitted.respelled.items():
        notes.append(known["generate.respelled"].format(typed=" ".join(typed), form=form))
    for typed, form in fitted.substituted:
        notes.append(known["generate.replaced"].format(typed=visible(typed), known=visible(form)))
    if fitted.missing:
        notes.append(known["generate.missing"].format(characters=BETWEEN[language].join(map(visible, fitted.missing))))
    return notes
