"""Recognise the tutorials' lyrics, to which the published results belong; they may not be distributed."""

from __future__ import annotations

import hashlib

from rnnlab.text.corpus import tokenize

# The characters of the lyrics that the published recipes read, and their digest.
TUTORIAL_CHARACTERS = 10_000
TUTORIAL_DIGEST = "b054e3e41c43ca4694807907e8ba39588da9e0ac4f24d28655bccedb526753cf"  # SHA-256
WINDOWS_LINE_END = 2  # characters, which become one


def is_tutorial_lyrics(text: str | None) -> bool:
    """Return whether `text` begins like the tutorials' lyrics; None means the shipped lyrics."""
    if text is None:
        return False
    beginning = tokenize(text[: WINDOWS_LINE_END * TUTORIAL_CHARACTERS], "raw")[:TUTORIAL_CHARACTERS]
    return hashlib.sha256(beginning.encode()).hexdigest() == TUTORIAL_DIGEST
