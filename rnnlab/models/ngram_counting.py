"""Count the n-grams of a long text and return perplexities, with sorted integers in place of dictionaries.

The formulas are those of `ngram.py`, the textbook version; `tests/models/test_ngram_counting.py` holds the two equal.
Here a million characters take about a second of one core and ten million ten to twenty (`rnnlab bench --only
counting`), and at most 130 bytes for each while they are counted. Sorting and indexing release the interpreter's lock.

Each different n-gram has a rank, from 0, in the order of its code

    code(h w) = rank(h) · S + w            S: number of different tokens; rank of the empty context: 0

so all n-grams of a context lie side by side, and a code stays below (tokens of the text)² whatever the vocabulary. One
order follows from the one before it: sort the codes, and a run of equal ones is an n-gram with its count. The
continuation count of an n-gram is the number of different (n + 1)-grams that end with it. Both counts become two arrays
each (`_level`), with which interpolation is

    p(w | h) = share[rank(h w)] + back[rank(h)] · p(w | h')        share 0 of an unseen n-gram, back 1 of an unseen h

Ranks are kept by position: rank[j] is of the n tokens before position j, -1 if they were not counted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rnnlab.models.ngram import ORDER
from rnnlab.validation import Integer, InvalidInput

Ints = NDArray[np.integer]
Floats = NDArray[np.float64]


def ngram_perplexities(ids: ArrayLike, others: Sequence[ArrayLike], vocab_size: int, longest: int) -> list[list[float]]:
    """Return the perplexities of `ids` and of each of `others`, for n = 1 … `longest`, by the n-grams of `ids`.

    ids: (N,) the tokens to count. others: texts that are read but not counted; an empty one has no perplexities.
    Raises InvalidInput as `NGrams` does.
    """
    longest = ORDER.require("longest", longest)
    vocab_size = Integer(1, 2**31).require("vocab_size", vocab_size)
    counted = np.asarray(ids)
    if len(counted) < longest:
        raise InvalidInput("too_few_tokens", "ids", tokens=len(counted), low=longest)
    distinct, numbers = np.unique(counted, return_inverse=True)
    texts = [numbers.astype(np.int32), *(_places(np.asarray(other), distinct) for other in others)]
    del numbers
    shorter = [np.full(len(tokens), 1 / vocab_size) for tokens in texts]  # by text, as all lists here
    contexts: list[Ints] = [np.zeros(len(tokens) + 1, np.int32) for tokens in texts]
    different = 1  # contexts
    grams = _count(texts, contexts, 1, len(distinct))
    perplexities: list[list[float]] = [[] for _ in texts]
    for order in range(1, longest + 1):
        level = _level(grams.counts, grams.contexts, different)
        for found, guess, context, ranks in zip(perplexities, shorter, contexts, grams.ranks, strict=True):
            if len(guess):
                found.append(_perplexity(_interpolate(guess, context, ranks, level)))
        if order == longest:
            break
        longer = _count(texts, grams.ranks, order + 1, len(distinct))
        continuations = np.bincount(grams.ranks[0][longer.ends], minlength=len(grams.counts))
        level = _level(continuations, grams.contexts, different)
        shorter = [
            _interpolate(guess, context, ranks, level)
            for guess, context, ranks in zip(shorter, contexts, grams.ranks, strict=True)
        ]
        contexts, different, grams = grams.ranks, len(grams.counts), longer
    return perplexities


@dataclass
class _Grams:
    """The different n-grams of a text, for one n; G of them."""

    contexts: Ints  # (G,) the rank of the first n - 1 tokens
    counts: Ints  # (G,)
    ends: Ints  # (G,) a position after which each stands
    ranks: list[Ints]  # (M + 1,) of each text, by position


def _places(ids: Ints, distinct: Ints) -> Ints:
    """Return the place of each of `ids` in the ascending `distinct`, -1 where it is not there."""
    places = np.searchsorted(distinct, ids)
    places[places == len(distinct)] = 0
    return np.where(distinct[places] == ids, places, -1).astype(np.int32)


def _count(texts: list[Ints], contexts: list[Ints], order: int, distinct: int) -> _Grams:
    """Count the n-grams of the first text with n = `order`, and find them in the others.

    texts: (M,) each. contexts: (M + 1,) each, the ranks of the contexts.
    """
    tokens = len(texts[0]) - order + 1  # that have a whole context
    codes: Ints = contexts[0][order - 1 : -1].astype(np.int64)
    codes *= distinct
    codes += texts[0][order - 1 :]
    codes, places = _sorted_with_places(codes)
    first = np.empty(tokens, bool)  # of its run of equal codes
    first[0] = True
    np.not_equal(codes[1:], codes[:-1], out=first[1:])
    starts = np.flatnonzero(first).astype(np.int32)
    codes = codes[starts]
    ranks = np.full(len(contexts[0]), -1, np.int32)
    ranks[places + order] = np.cumsum(first, dtype=np.int32) - 1
    return _Grams(
        contexts=(codes // distinct).astype(np.int32),
        counts=np.diff(starts, append=np.int32(tokens)),
        ends=places[starts] + order,
        ranks=[ranks, *(_ranks_in(*text, codes, distinct) for text in zip(texts[1:], contexts[1:], strict=True))],
    )


def _ranks_in(tokens: Ints, contexts: Ints, codes: Ints, distinct: int) -> Ints:
    """Return the ranks of another text's n-grams (M + 1,) among the counted ones with these `codes` (G,)."""
    ranks = np.full(len(contexts), -1, np.int32)
    there = np.flatnonzero((contexts[:-1] >= 0) & (tokens >= 0))
    wanted = contexts[there].astype(np.int64) * distinct + tokens[there]
    places = np.searchsorted(codes, wanted)
    places[places == len(codes)] = 0
    same = codes[places] == wanted
    ranks[there[same] + 1] = places[same]
    return ranks


def _sorted_with_places(codes: Ints) -> tuple[Ints, Ints]:
    """Return `codes` (N,) sorted, and the place from which each came; `codes` is overwritten.

    Place and code are sorted as one number of 63 bits where they fit, which they do up to ten million tokens or more.
    """
    bits = max(1, (len(codes) - 1).bit_length())
    if int(codes.max()).bit_length() + bits > 63:
        places = np.argsort(codes)
        return codes[places], places.astype(np.int32)
    codes <<= bits
    codes |= np.arange(len(codes))
    codes.sort()
    places = (codes & ((1 << bits) - 1)).astype(np.int32)
    codes >>= bits
    return codes, places


def _level(counts: Ints, contexts: Ints, number: int) -> tuple[Floats, Floats]:
    """Return `share` (G + 1,) and `back` (number + 1,) of the formula; the last of each is for what is unseen.

    counts: (G,) of n-grams; 0 for one that does not occur. contexts: (G,) the rank of each one's context.
    """
    once, twice = (int(np.count_nonzero(counts == times)) for times in (1, 2))
    discount = once / (once + 2 * twice) if once else 0.5
    totals = np.bincount(contexts, counts, minlength=number)
    back = np.ones(number + 1)
    seen = totals > 0
    back[:-1][seen] = discount * np.bincount(contexts, counts > 0, minlength=number)[seen] / totals[seen]
    totals[~seen] = 1.0
    share = np.zeros(len(counts) + 1)
    share[:-1] = counts
    share[:-1] -= discount
    np.maximum(share, 0.0, out=share)
    share[:-1] /= totals[contexts]
    return share, back


def _interpolate(shorter: Floats, contexts: Ints, ranks: Ints, level: tuple[Floats, Floats]) -> Floats:
    """Return the probability of each token (M,).

    shorter: (M,) by the shorter context. contexts, ranks: (M + 1,) of the contexts and of the n-grams, by position.
    """
    share, back = level
    found = back[contexts[:-1]]
    found *= shorter
    found += share[ranks[1:]]
    return found


def _perplexity(probabilities: Floats) -> float:
    """Return the perplexity of tokens with these probabilities (M,), which are overwritten."""
    return math.exp(-float(np.log(probabilities, out=probabilities).mean()))
