"""Payload of the song panel: the prefix, and each character or word with its probability and alternatives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnlab.generation import FittedPrefix, SampledToken
from rnnlab.text import visible
from rnnlab.ui.i18n import words
from rnnlab.ui.i18n.languages import LANGUAGES, Language


def song_value(fitted: FittedPrefix, sampled: Sequence[SampledToken]) -> dict[str, Any]:
    """Return the panel's value after some sampled tokens; its notes are in every language of the page."""
    return {
        "prefix": fitted.text,
        "notes": {language: _notes(fitted, language) for language in LANGUAGES},
        "choices": [
            [c.text, round(c.probability, 4), [[a, round(p, 4)] for a, p in c.alternatives], c.token] for c in sampled
        ],
    }


def _notes(fitted: FittedPrefix, language: Language) -> list[str]:
    """Return a sentence for each way in which the fitted prefix differs from what was typed."""
    texts, notes = words(language), []
    for form, spellings in fitted.respelled.items():
        notes.append(texts["generate.respelled"].format(typed=" ".join(spellings), form=form))
    for typed, known in fitted.substituted:
        notes.append(texts["generate.replaced"].format(typed=visible(typed), known=visible(known)))
    if fitted.missing:
        characters = LANGUAGES[language].list_separator.join(map(visible, fitted.missing))
        notes.append(texts["generate.missing"].format(characters=characters))
    return notes
