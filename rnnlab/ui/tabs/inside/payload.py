"""Payload of the panel: the text in pieces, and what is known of the network that has read it."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from rnnlab.experiments.language_model.recording import Tick
from rnnlab.inspection.units import measures_of
from rnnlab.limits import MAX_REPLAY_BYTES, MAX_REPLAY_SECONDS
from rnnlab.ui.i18n import words
from rnnlab.ui.i18n.languages import LANGUAGES, Language
from rnnlab.ui.tabs.generate.payload import fitting_notes
from rnnlab.ui.tabs.inside.opened import Network, Opened, open_exactly
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
        "replay": replay_value(network),
        "words": text.vocab.has_words,
        "pieces": list(text.pieces),
        "states": list(text.states),
        "measures": list(measures_of(text.tokens)),
        "sections": list(SECTIONS),
        "notes": {language: _notes(opened, language) for language in LANGUAGES},
    }


def exact_value(key: str, request: Request, tick: Tick) -> dict[str, Any] | None:
    """Return `opened_value` with the exact network of the wanted epoch; None if nothing is kept under the key.

    Raises InvalidInput, and what `tick` raises.
    """
    opened = open_exactly(key, request, tick)
    return None if opened is None else opened_value(opened)


def replay_value(network: Network) -> dict[str, Any] | None:
    """Return what it takes to train the exact network of the wanted epoch; None where it is there, or cannot be."""
    cost = None if network.replaying is None else network.replaying.cost(network.wanted)
    if network.source != "rounded" or network.replaying is None or cost is None:
        return None
    return {
        "affordable": network.replaying.is_affordable(network.wanted),
        "seconds": cost.seconds,
        "bytes": cost.nbytes,
        "max_seconds": MAX_REPLAY_SECONDS,
        "max_bytes": MAX_REPLAY_BYTES,
    }


def _notes(opened: Opened, language: Language) -> list[str]:
    texts, notes = words(language), fitting_notes(opened.text.fitted, language)
    if opened.text.shortened:
        notes.append(texts["inside.shortened"].format(n=len(opened.text.ids)))
    if not opened.text.states:
        notes.append(texts["inside.bidirectional"])
    return notes
