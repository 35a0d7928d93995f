"""Payload of a tagged sentence: the tokens, the colours of their tags, and the tagger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

from rnnlab import checkpoints
from rnnlab.limits import MAX_SENTENCE_CHARACTERS
from rnnlab.models import Tagger
from rnnlab.resources import SHIPPED_TAGGERS, shipped_tagger
from rnnlab.tagging import AUTO, TaggedToken, tagger_language
from rnnlab.validation import Text

TAGGER_LANGUAGES = (AUTO, *SHIPPED_TAGGERS)
SENTENCE_TEXT = Text(1, MAX_SENTENCE_CHARACTERS)


@cache
def loaded(language: str) -> Tagger:
    """Return the shipped tagger of a language; all visitors share it, so it must not be changed."""
    return checkpoints.load_tagger(shipped_tagger(language)).build_model()


def language_meant(text: str, language: str) -> str:
    """Return `language`, or for AUTO that of the text. Raises InvalidInput."""
    return tagger_language(text, language)


def tokens_value(tokens: Sequence[TaggedToken], tagger: Tagger, model: str, corpus: str) -> dict[str, Any]:
    """Return the panel's value: tokens, colour of each tag, what is familiar, the tagger and its corpus."""
    rows = [
        {**asdict(token), "probability": round(token.probability, 4), "probabilities": _rounded(token)}
        for token in tokens
    ]
    seen = familiar(tokens, tagger)
    return {"tokens": rows, "hues": hues(tagger.lexicon.tags), "seen": seen, "model": model, "corpus": corpus}


def familiar(tokens: Sequence[TaggedToken], tagger: Tagger) -> str:
    """Return what of a sentence occurred in training: some "words", else some "letters", or "nothing".

    A tagger that does not read letters is "blind" to a sentence whose words are all unknown.
    """
    if any(token.known for token in tokens):
        return "words"
    if tagger.spelling is None:
        return "blind"
    letters = tagger.lexicon.characters
    spelt = (letter for token in tokens for letter in tagger.spell(token.form))
    return "letters" if any(letter in letters for letter in spelt) else "nothing"


def _rounded(token: TaggedToken) -> list[list[Any]]:
    return [[tag, round(p, 4)] for tag, p in token.probabilities]


# Seventeen colours cannot be told apart, so similar tags share one; each word shows the name of its tag.
HUES = {
    "thing": ("NOUN", "PROPN", "NN", "n", "DEST"),
    "act": ("VERB", "AUX", "V", "v", "DEP"),
    "quality": ("ADJ", "ADV", "adj"),
    "pointer": ("PRON", "DET", "NUM", "TIME"),
    "link": ("ADP", "CCONJ", "SCONJ", "PART"),
    "rest": ("PUNCT", "INTJ", "SYM", "X", "f", "O"),
}
HUE_OF = {tag: hue for hue, tags in HUES.items() for tag in tags}


def hues(tags: Sequence[str]) -> dict[str, str]:
    """Return the colour of each tag; unknown tags take the colours in turn.

    >>> hues(["NOUN", "B-PER", "I-PER", "O"])
    {'NOUN': 'thing', 'B-PER': 'thing', 'I-PER': 'act', 'O': 'rest'}
    """
    turns = tuple(hue for hue in HUES if hue != "rest")
    unknown = sorted(tag for tag in tags if tag not in HUE_OF)
    own = {tag: turns[i % len(turns)] for i, tag in enumerate(unknown)}
    return {tag: HUE_OF.get(tag) or own[tag] for tag in tags}
