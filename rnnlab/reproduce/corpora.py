"""Recognise a shipped text; `rnnlab.text.tutorial_lyrics` recognises that of the published results."""

from __future__ import annotations

from rnnlab.resources import SHIPPED_CORPORA, shipped_corpus


def is_shipped(text: str | None) -> bool:
    """Return whether `text` is a shipped corpus; None means the shipped lyrics."""
    return text is None or any(text == shipped_corpus(name) for name in SHIPPED_CORPORA)
