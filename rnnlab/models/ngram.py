"""N-gram models: predict a token from the n - 1 before it by counting. A network should do better.

Interpolated Kneser-Ney smoothing (Kneser and Ney 1995; Chen and Goodman 1999, "An empirical study of smoothing
techniques for language modeling", section 3). With the context h of n - 1 tokens, h' the same without its first,

    p(w | h) = max(c(h w) - D, 0) / c(h ·)  +  D · N(h ·) / c(h ·) · p(w | h')

where c counts occurrences and N the different tokens that follow. The discount D moves probability from the seen
tokens to the shorter context. There, c counts not how often h' w occurs but after how many different tokens (the
*continuation count*): "Francisco" is frequent, yet follows hardly any word but "San". D = n1 / (n1 + 2 n2) with n1 and
n2 the number of n-grams that occur once and twice (a half where none occurs once). Below the unigram is the uniform
guess 1/V, so every probability is above 0.

Worked by hand for a b a b a (V = 3 with c, never seen):

    n = 1:  a follows {b}, b follows {a}: c(a) = c(b) = 1, n1 = 2, n2 = 0, D = 1
            p(a) = 0/2 + 1 · 2/2 · 1/3 = 1/3 = p(b) = p(c)
    n = 2:  c(a b) = 2, c(b a) = 2, n1 = 0, so D = 1/2
            p(b | a) = (2 - 1/2)/2 + 1/2 · 1/2 · 1/3 = 5/6,   p(a | a) = p(c | a) = 1/12
    n = 3:  c(a b a) = 2, c(b a b) = 1, n1 = n2 = 1, D = 1/3. Below it, a b follows {b} and b a follows {a}:
            continuation counts of 1, D = 1, so p(a | b) = 0/1 + 1 · 1/1 · 1/3 = 1/3
            p(a | a b) = (2 - 1/3)/2 + 1/3 · 1/2 · 1/3 = 8/9,   p(b | a b) = p(c | a b) = 1/18

So two counts are kept of shorter n-grams: how often, for the model with that n, and after how many different tokens,
for those with a larger one.

`ngram_counting.py` computes the same perplexities a hundred times faster, for long texts;
`tests/models/test_ngram_counting.py` holds the two equal.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from rnnlab.validation import Integer, InvalidInput

ORDER = Integer(1, 8)

Gram = tuple[int, ...]


class Level:
    """Counts of the tokens after each context of one length, and their discount."""

    def __init__(self, grams: Counter[Gram]) -> None:
        follows: dict[Gram, dict[int, int]] = defaultdict(dict)
        for gram, count in grams.items():
            follows[gram[:-1]][gram[-1]] = count
        once, twice = (sum(count == times for count in grams.values()) for times in (1, 2))
        self.discount = once / (once + 2 * twice) if once else 0.5
        self.follows = {context: (counts, sum(counts.values())) for context, counts in follows.items()}

    def probability(self, token: int, context: Gram, shorter: float) -> float:
        """Return p(token | context), interpolated with `shorter`, the probability by the shorter context.

        An unseen context returns `shorter`.
        """
        if context not in self.follows:
            return shorter
        counts, total = self.follows[context]
        discount = self.discount
        return max(counts.get(token, 0) - discount, 0.0) / total + discount * len(counts) / total * shorter


class NGrams:
    """The n-gram models of `ids` (tokens below `vocab_size`) for n = 1 … `longest`, from shared counts."""

    def __init__(self, ids: Sequence[int], vocab_size: int, longest: int) -> None:
        self.longest = ORDER.require("longest", longest)
        self.vocab_size = Integer(1, 2**31).require("vocab_size", vocab_size)
        ids = [int(token) for token in ids]
        if len(ids) < self.longest:
            raise InvalidInput("too_few_tokens", "ids", tokens=len(ids), low=self.longest)
        grams = [Counter(zip(*(ids[start:] for start in range(n)), strict=False)) for n in range(1, self.longest + 1)]
        self.own = [Level(counted) for counted in grams]  # [k]: of a context of k tokens, how often
        self.below = [Level(Counter(gram[1:] for gram in longer)) for longer in grams[1:]]  # after how many different

    def probabilities(self, token: int, context: Sequence[int] = ()) -> list[float]:
        """Return p(token | the last n - 1 tokens of `context`) for each n; `context` may be shorter."""
        shorter, found = 1 / self.vocab_size, []
        for length, own in enumerate(self.own):
            h = tuple(context[max(0, len(context) - length) :])
            found.append(own.probability(token, h, shorter))
            if length < len(self.below):
                shorter = self.below[length].probability(token, h, shorter)
        return found

    def perplexities(self, ids: Sequence[int]) -> list[float]:
        """Return the perplexity of `ids` for each n. Raises InvalidInput if `ids` is empty."""
        ids = [int(token) for token in ids]
        if not ids:
            raise InvalidInput("too_few_tokens", "ids", tokens=0, low=1)
        reach = self.longest - 1
        grams = Counter(tuple(ids[max(0, k - reach) : k + 1]) for k in range(len(ids)))  # songs repeat n-grams
        rows = [[n * math.log(p) for p in self.probabilities(gram[-1], gram[:-1])] for gram, n in grams.items()]
        return [math.exp(-math.fsum(column) / len(ids)) for column in zip(*rows, strict=True)]
