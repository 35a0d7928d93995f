"""Payload of the panel: the text in pieces, and what is known of the network that has read it."""

from __future__ import annotations

from typing import Any

from rnnlab.inspection.units import measures_of
from rnnlab.ui.i18n import words
from rnnlab.ui.i18n.languages import LANGUAGES, Language
from rnnlab.ui.tabs.generate.payload import fitting_notes
from rnnlab.ui.tabs.inside.opened import Opened
from rnnlab.ui.tabs.inside.sections import SECTIONS


def opened_value(opened: Opened) -> dict[str, Any]:
    """Return what the page learns of an opened text; the sections ask for the rest by its key."""
    network, text = opened.network, opened.text
    return {
        "key": opened.key,
        "name": network.name,
        "run": f"runs/{network.run}" if network.run else "",
        "cell": text.config.model,
        "layers": text.config.num_layers,
        "hidden": text.config.hidden_size,
        "epoch": network.epoch,
        "wanted": network.wanted,
        "source": network.source,
        "words": text.vocab.has_words,
        "pieces": list(text.pieces),
        "states": list(text.states),
        "measures": list(measures_of(text.tokens)),
        "sections": list(SECTIONS),
        "notes": {language: _notes(opened, language) for language in LANGUAGES},
    }


def _notes(opened: Opened, language: Language) -> list[str]:
    texts, notes = words(language), fitting_notes(opened.text.fitted, language)
    if opened.text.shortened:
        notes.append(texts["inside.shortened"].format(n=len(opened.text.ids)))
    if not opened.text.states:
        notes.append(texts["inside.bidirectional"])
    return notes
