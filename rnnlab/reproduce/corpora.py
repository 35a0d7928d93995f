"""Recognise a text: the tutorials' lyrics, to which the published results belong, or shipped lyrics."""

from __future__ import annotations

import hashlib

from rnnlab.resources import SHIPPED_CORPORA, shipped_corpus
from rnnlab.text.corpus import tokenize

# The characters of the lyrics that the published recipes read, and their digest; we may not distribute the lyrics.
TUTORIAL_CHARACTERS = 10_000
TUTORIAL_DIGEST = "b054e3e41c43ca4694807907e8ba39588da9e0ac4f24d28655bccedb526753cf"  # SHA-256


def is_tutorial_lyrics(text: str | None) -> bool:
    """Return whether `text` begins like the tutorials' lyrics; None means the shipped lyrics."""
    if text is None:
        return False
    beginning = tokenize(text, "raw")[:TUTORIAL_CHARACTERS]
    return hashlib.sha256(beginning.encode()).hexdigest() == TUTORIAL_DIGEST


def is_shipped(text: str | None) -> bool:
    """Return whether `text` is a shipped corpus; None means the shipped lyrics."""
    return text is None or any(text == shipped_corpus(name) for name in SHIPPED_CORPORA)
