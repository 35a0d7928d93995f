"""Tagging: name the tag of every word of a sentence, and how sure the tagger is.

for token in tag_sentence(tagger, segment("She reads a book.")):
    print(token.form, token.tag, token.probability)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from rnnlab.models import Tagger
from rnnlab.text import MAX_TOKENS
from rnnlab.validation import InvalidInput, Text, echo

FORM = Text(1, 5000)  # of a long word the tagger reads both ends


@dataclass(frozen=True)
class TaggedToken:
    """A word, its likeliest tag, and how likely every tag is, best first. `known`: the word was in training."""

    form: str
    tag: str
    probability: float
    probabilities: tuple[tuple[str, float], ...]
    known: bool


def tag_sentence(tagger: Tagger, tokens: Sequence[str], field: str = "tokens") -> tuple[TaggedToken, ...]:
    """The tag of each of `tokens`. The tagger is left in the mode that it was in. Raises InvalidInput."""
    forms = check_tokens(tokens, field)
    was_training = tagger.training
    tagger.eval()
    try:
        with torch.inference_mode():
            # A model that exploded has infinite logits; it errs, but it answers.
            logits = tagger(*tagger.encode([forms]))[0].float().cpu().nan_to_num()  # (T, K)
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
    """`tokens` if they are the words of a sentence that can be tagged; raises InvalidInput."""
    if isinstance(tokens, str) or not isinstance(tokens, Sequence):
        raise InvalidInput("not_tokens", field, value=echo(tokens))
    if not tokens:
        raise InvalidInput("no_tokens", field)
    if len(tokens) > MAX_TOKENS:
        raise InvalidInput("too_many_tokens", field, length=len(tokens), high=MAX_TOKENS)
    return tuple(FORM.check(field, token) for token in tokens)
