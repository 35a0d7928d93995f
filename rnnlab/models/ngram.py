"""The n-gram model: foretell a token from the n - 1 before it by counting. What a network must beat.

Interpolated Kneser-Ney smoothing (Kneser and Ney 1995; Chen and Goodman 1999, "An empirical study of smoothing
techniques for language modeling", section 3). With the context h of n - 1 tokens, h' the same without its first,

    p(w | h) = max(c(h w) - D, 0) / c(h ·)  +  D · N(h ·) / c(h ·) · p(w | h')

where c counts how often and N how many different tokens follow. What the discount D takes from the seen is handed to
the shorter context. There, c counts not how often h' w occurs but after how many different tokens (the *continuation
count*): "Francisco" is frequent, yet follows hardly anything but "San". D = n1 / (n1 + 2 n2) with n1, n2 the
number of n-grams that occur once and twice (a half where none occurs once). Below the unigram lies the uniform guess
1/V, so nothing is impossible.

Worked by hand for the bigrams of a b a b a (V = 3 with c, never seen):

    n = 1:  a follows {b}, b follows {a}: c(a) = c(b) = 1, n1 = 2, n2 = 0, D = 1
            p(a) = 0/2 + 1 · 2/2 · 1/3 = 1/3 = p(b) = p(c)
    n = 2:  c(a b) = 2, c(b a) = 2, n1 = 0, so D = 1/2
            p(b | a) = (2 - 1/2)/2 + 1/2 · 1/2 · 1/3 = 5/6,   p(a | a) = p(c | a) = 1/12
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from rnnlab.validation import Integer, InvalidInput

ORDER = Integer(1, 8)


class NGram:
    """An n-gram model of `ids`, tokens from 0 to `vocab_size` - 1. `order` is n."""

    def __init__(self, ids: Sequence[int], vocab_size: int, order: int) -> None:
        self.order = ORDER.check("order", order)
        self.vocab_size = Integer(1, 2**31).check("vocab_size", vocab_size)
        ids = [int(token) for token in ids]
        if len(ids) < self.order:
            raise InvalidInput("too_few_tokens", "ids", tokens=len(ids), low=self.order)
        self.totals: list[dict[tuple[int, ...], int]] = []
        self.counts: list[dict[tuple[int, ...], Counter[int]]] = []  # [k]: what follows a context of k tokens
        self.discounts: list[float] = []
        for length in range(1, self.order + 1):
            grams = Counter(zip(*(ids[start:] for start in range(length)), strict=False))
            if length < self.order:  # how many different tokens stand before it, instead of how often it occurs
                longer = Counter(zip(*(ids[start:] for start in range(length + 1)), strict=False))
                grams = Counter(gram[1:] for gram in longer)
            self._keep(grams)

    def _keep(self, grams: Counter[tuple[int, ...]]) -> None:
        follows: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
        for gram, count in grams.items():
            follows[gram[:-1]][gram[-1]] = count
        self.counts.append(dict(follows))
        once, twice = (sum(count == times for count in grams.values()) for times in (1, 2))
        self.discounts.append(once / (once + 2 * twice) if once else 0.5)
        self.totals.append({context: counter.total() for context, counter in follows.items()})

    def probability(self, token: int, context: Sequence[int] = ()) -> float:
        """p(token | the last n - 1 tokens of `context`), in (0, 1]; a shorter context is taken as it is."""
        p = 1 / self.vocab_size
        context = tuple(context[max(0, len(context) - self.order + 1) :])
        for length in range(len(context) + 1):
            h = context[len(context) - length :]
            if h not in self.counts[length]:
                break  # never seen: the longer ones, neither
            follows, total, discount = self.counts[length][h], self.totals[length][h], self.discounts[length]
            p = max(follows[token] - discount, 0.0) / total + discount * len(follows) / total * p
        return p

    def perplexity(self, ids: Sequence[int]) -> float:
        """exp of the mean -log p of each token after those before it, over `ids`, one at least."""
        ids = [int(token) for token in ids]
        if not ids:
            raise InvalidInput("too_few_tokens", "ids", tokens=0, low=1)
        logs = [math.log(self.probability(token, ids[max(0, k - self.order + 1) : k])) for k, token in enumerate(ids)]
        return math.exp(-math.fsum(logs) / len(logs))
