"""Payload of the song panel: the prefix, and each character or word with its probability and alternatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnlab.checkpoints import Checkpoint
from rnnlab.generation import FittedPrefix, SampledToken
from rnnlab.text import visible
from rnnlab.ui.i18n import words
from rnnlab.ui.i18n.languages import LANGUAGES, Language


def song_value(
    fitted: FittedPrefix,
    sampled: Sequence[SampledToken],
    model: Checkpoint | None = None,
    copied: Mapping[str, Any] | None = None,
    key: str = "",
    length: int = 0,
    is_first: bool = False,
) -> dict[str, Any]:
    """Return the panel's value after some sampled tokens; its notes are in every language of the page.

    model: named in a note if it is that of a best epoch.
    copied: from `copied.py`; None where the text that the model has learned is not known.
    key: of the song in `kept_songs.py`, "" if it cannot go on from a place.
    length: of the whole song, in tokens.
    is_first: whether nobody has asked for it; it never replaces another one.
    """
    return {
        "prefix": fitted.text,
        "notes": {language: _notes(fitted, model, language) for language in LANGUAGES},
        "choices": choices_value(sampled),
        "copied": copied,
        "key": key,
        "length": length,
        "is_first": is_first,
    }


def choices_value(sampled: Sequence[SampledToken]) -> list[list[Any]]:
    """Return each token as [text, probability, [[alternative, probability], …], token]; probabilities are rounded."""
    return [[c.text, round(c.probability, 4), [[a, round(p, 4)] for a, p in c.alternatives], c.token] for c in sampled]


def kept_facts(model: Checkpoint) -> dict[str, Any]:
    """Return the facts about a model's best epoch, as the texts name them."""
    value = model.kept_perplexity
    return {"kept": model.kept_epoch, "epoch": model.epoch, "held_out": "∞" if value is None else f"{value:.4g}"}


def _notes(fitted: FittedPrefix, model: Checkpoint | None, language: Language) -> list[str]:
    """Return a sentence for each way in which the fitted prefix differs from what was typed, and for a best epoch."""
    notes = []
    if model is not None and model.best_epoch is not None:
        notes.append(words(language)["generate.kept"].format(**kept_facts(model)))
    return notes + fitting_notes(fitted, language)


def fitting_notes(fitted: FittedPrefix, language: Language) -> list[str]:
    """Return a sentence for each way in which a fitted text differs from what was typed."""
    texts, notes = words(language), []
    for form, spellings in fitted.respelled.items():
        notes.append(texts["generate.respelled"].format(typed=" ".join(spellings), form=form))
    for typed, known in fitted.substituted:
        notes.append(texts["generate.replaced"].format(typed=visible(typed), known=visible(known)))
    if fitted.missing:
        characters = LANGUAGES[language].list_separator.join(map(visible, fitted.missing))
        notes.append(texts["generate.missing"].format(characters=characters))
    return notes
