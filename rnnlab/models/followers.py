"""What followed a context in a text: how often, where first, and how an n-gram model backs off from it.

The counts of the table are occurrences. An n-gram model counts occurrences for its longest context only, and for the
shorter ones after how many different tokens (`ngram.py`), so its levels have totals of their own. From them

    p(w) = max(c(h w) - D, 0) / c(h ·)  +  passed_on · p(w | h')        passed_on = D · N(h ·) / c(h ·)

from the longest context to the empty one; below that is 1/V. A context that never occurred passes on everything.

Worked by hand for a b a b a c (a 0, b 1, c 2; V = 3) and n = 2, after a:

    a is followed by b twice, first at place 1, and by c once, at place 5
    pairs: ab 2, ba 2, ac 1, so n1 = 1, n2 = 2 and D = 1/5: total 3, different 2, passed_on = 1/5 · 2/3 = 2/15
    characters by what stands before them: 1 each, so n1 = 3, n2 = 0 and D = 1: total 3, different 3, passed_on = 1
    p(b) = (2 - 1/5)/3 + 2/15 · (0 + 1 · 1/3) = 0.6 + 2/45
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.models.ngram import Gram, NGrams
from rnnlab.validation import Integer


@dataclass(frozen=True)
class Follower:
    """A token that followed the context."""

    token: int
    count: int  # occurrences after `Followers.used`
    share: float  # of all that followed it
    probability: float  # by the n-gram model, after the whole context
    first: int  # place in the text of the first such token


@dataclass(frozen=True)
class BackOffLevel:
    """What an n-gram model has counted after one context."""

    context: Gram
    counts_occurrences: bool  # False: after how many different tokens
    total: int  # c(h ·); 0 for a context that never occurred
    different: int  # N(h ·): tokens that followed it
    discount: float  # D
    passed_on: float  # weight of the shorter context; 1 if the context never occurred


@dataclass(frozen=True)
class Followers:
    """The tokens that followed a context, or the longest ending of it that anything followed."""

    context: Gram
    used: Gram  # the whole context, or the ending that the table falls back to
    total: int  # occurrences of `used` that a token follows
    followers: tuple[Follower, ...]  # most frequent first, then by place
    levels: tuple[BackOffLevel, ...]  # of the n-gram model, longest context first


def followers(ids: Sequence[int] | NDArray[np.int64], ngrams: NGrams, context: Sequence[int], n: int) -> Followers:
    """Return what followed the last n - 1 tokens of `context` in `ids` (N,), from which `ngrams` has counted.

    n: of the model, from 1 to `ngrams.longest`. Raises InvalidInput for another one.
    """
    reach = Integer(1, ngrams.longest).require("n", n) - 1
    text = np.asarray(ids, np.int64)
    whole = tuple(int(token) for token in context)[-reach:] if reach else ()
    used, places = whole, _places_after(text, whole)
    while not len(places):  # the empty context is followed by every token
        used = used[1:]
        places = _places_after(text, used)
    tokens, first, counts = np.unique(text[places], return_index=True, return_counts=True)
    rows = [
        Follower(
            token=int(token),
            count=int(count),
            share=int(count) / len(places),
            probability=ngrams.probabilities(int(token), whole)[reach],
            first=int(places[place]),
        )
        for token, place, count in zip(tokens, first, counts, strict=True)
    ]
    rows.sort(key=lambda row: (-row.count, row.first))
    return Followers(whole, used, len(places), tuple(rows), _levels(ngrams, whole, n))


def _places_after(text: NDArray[np.int64], context: Gram) -> NDArray[np.intp]:
    """Return the ascending places in `text` of the tokens that `context` stands before."""
    if len(context) >= len(text):
        return np.empty(0, np.intp)
    matches = np.ones(len(text) - len(context), bool)
    for place, token in enumerate(context):
        matches &= text[place : len(text) - len(context) + place] == token
    return np.flatnonzero(matches) + len(context)


def _levels(ngrams: NGrams, context: Gram, n: int) -> tuple[BackOffLevel, ...]:
    """Return the levels of the model with this n that `context` reaches."""
    found = []
    for length in range(min(n - 1, len(context)), -1, -1):
        is_longest = length == n - 1
        level = ngrams.own[length] if is_longest else ngrams.below[length]
        h = context[len(context) - length :]
        counts, total = level.follows.get(h, ({}, 0))
        passed_on = level.discount * len(counts) / total if total else 1.0
        found.append(BackOffLevel(h, is_longest, total, len(counts), level.discount, passed_on))
    return tuple(found)
