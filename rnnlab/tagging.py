"""Tag the words of a sentence with probabilities, and choose the shipped tagger for a text.

for token in tag_sentence(tagger, segment("She reads a book.")):
    print(token.form, token.tag, token.probability)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from rnnlab.limits import MAX_SENTENCE_WORDS, MAX_WORD_CHARACTERS
from rnnlab.models import Tagger
from rnnlab.resources import CHINESE_TAGGER, DEFAULT_TAGGER, SHIPPED_TAGGERS
from rnnlab.text import is_chinese
from rnnlab.validation import Choice, InvalidInput, Text, echo

AUTO = "auto"  # the tagger of the language in which the text is written
FORM = Text(1, MAX_WORD_CHARACTERS)  # of a long word the tagger reads both ends


@dataclass(frozen=True)
class TaggedToken:
    """A word, its most likely tag, all tags by falling probability, and whether training had the word."""

    form: str
    tag: str
    probability: float
    probabilities: tuple[tuple[str, float], ...]
    known: bool


def tag_sentence(tagger: Tagger, tokens: Sequence[str], field: str = "tokens") -> tuple[TaggedToken, ...]:
    """Tag each of `tokens`; the tagger keeps its mode (training or evaluation). Raises InvalidInput."""
    forms = check_tokens(tokens, field)
    was_training = tagger.training
    tagger.eval()
    try:
        with torch.inference_mode():
            # A model whose training diverged has infinite logits; its tags are wrong, but they are tags.
            logits = tagger(*tagger.encode([forms], field))[0].float().cpu().nan_to_num()  # (T, K)
    finally:
        tagger.train(was_training)
    sorted_, order = torch.softmax(logits, dim=-1).sort(dim=-1, descending=True, stable=True)
    tags = tagger.lexicon.tags
    rows = [
        tuple((tags[k], p) for k, p in zip(places, row, strict=True))
        for places, row in zip(order.tolist(), sorted_.tolist(), strict=True)
    ]
    return tuple(TaggedToken(form, *row[0], row, tagger.knows(form)) for form, row in zip(forms, rows, strict=True))


def check_tokens(tokens: Sequence[str], field: str = "tokens") -> tuple[str, ...]:
    """Return `tokens` as the words of a sentence; raise InvalidInput if they cannot be tagged."""
    if isinstance(tokens, str) or not isinstance(tokens, Sequence):
        raise InvalidInput("not_tokens", field, value=echo(tokens))
    if not tokens:
        raise InvalidInput("no_tokens", field)
    if len(tokens) > MAX_SENTENCE_WORDS:
        raise InvalidInput("too_many_tokens", field, length=len(tokens), high=MAX_SENTENCE_WORDS)
    return tuple(FORM.check(field, token) for token in tokens)


def tagger_language(text: str, language: str = AUTO) -> str:
    """Return the key in SHIPPED_TAGGERS for `text`: `language`, or with AUTO the one for its script.

    >>> tagger_language("hello 你"), tagger_language("hello"), tagger_language("hello", "zh")
    ('zh', 'en', 'zh')
    """
    chosen = Choice((AUTO, *SHIPPED_TAGGERS)).check("language", language)
    if chosen != AUTO:
        return chosen
    return CHINESE_TAGGER if is_chinese(text) else DEFAULT_TAGGER
