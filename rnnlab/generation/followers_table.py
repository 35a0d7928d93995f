"""Show what followed a few typed characters in a text: the table of `models.followers`, with tokens in place of ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rnnlab.generation.prefix import fit_prefix, line_break
from rnnlab.models import NGrams, followers
from rnnlab.models.followers import BackOffLevel
from rnnlab.text import Vocab, detokenize
from rnnlab.validation import Text

MAX_AROUND = 20  # tokens of a line that are shown before the context and after the follower
TYPED = Text(1, 40)  # the rule of what is typed


@dataclass(frozen=True)
class FollowerRow:
    """A token that followed the context."""

    token: str
    count: int
    share: float  # of all that followed
    probability: float  # by the n-gram model, after the whole context
    line: int  # of the text, from 1, where it first followed
    before: str  # of that line, up to the context
    run: str  # the context and the token, as they stand there
    after: str


@dataclass(frozen=True)
class LevelRow:
    """What the n-gram model has counted after one context; see `models.followers.BackOffLevel`."""

    context: str
    counts_occurrences: bool
    total: int
    different: int
    discount: float
    passed_on: float


@dataclass(frozen=True)
class FollowersTable:
    """What followed the typed characters, or words in a text of words."""

    n: int  # of the n-gram model
    context: str  # those of them that the text has, the last n - 1
    used: str  # the same, or the ending of it that the table falls back to; empty: how often each token occurs
    missing: tuple[str, ...]  # of the typed ones, those that the text lacks
    total: int  # how often a token followed `used`
    different: int  # tokens
    counted: int  # tokens of the text
    rows: tuple[FollowerRow, ...]  # the most frequent first
    levels: tuple[LevelRow, ...]  # longest context first; the last is the empty one
    uniform: float  # 1/V, on which the interpolation ends

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return asdict(self)


def followers_table(
    typed: str, ids: Sequence[int], vocab: Vocab, ngrams: NGrams, most: int | None = None, n: int | None = None
) -> FollowersTable:
    """Return what followed `typed` in the text `ids` (N,), from which `ngrams` has counted.

    most: rows at most.
    n: of the model that gives the probabilities; by default the one that reads exactly what was typed: the 4-gram after
        three characters. The 5-gram reads a fourth; without it, it has counted after how many different characters the
        three occur with each follower, not how often.

    Raises InvalidInput for an empty text, one of more than 40 characters, and an n beyond `ngrams.longest`.
    """
    fitted = fit_prefix(TYPED.check("context", typed), vocab)
    context = vocab.encode(fitted.tokens)
    n = min(len(context) + 1, ngrams.longest) if n is None else n
    found = followers(ids, ngrams, context, n)
    lines = _Lines(ids, vocab)

    def written(tokens: Sequence[int]) -> str:
        return detokenize(vocab.decode(list(tokens)), vocab.spacing)

    rows = tuple(
        FollowerRow(
            vocab.tokens[row.token], row.count, row.share, row.probability, *lines.around(row.first, len(found.used))
        )
        for row in found.followers[:most]
    )
    return FollowersTable(
        n=n,
        context=written(found.context),
        used=written(found.used),
        missing=fitted.missing,
        total=found.total,
        different=len(found.followers),
        counted=len(ids),
        rows=rows,
        levels=tuple(_level_row(level, written(level.context)) for level in found.levels),
        uniform=1 / ngrams.vocab_size,
    )


def _level_row(level: BackOffLevel, context: str) -> LevelRow:
    return LevelRow(context, level.counts_occurrences, level.total, level.different, level.discount, level.passed_on)


class _Lines:
    """The lines of a text of ids."""

    def __init__(self, ids: Sequence[int], vocab: Vocab) -> None:
        end = line_break(vocab)
        self.ids, self.vocab = ids, vocab
        self.end = None if end is None or end == " " else vocab.encode([end])[0]  # a space may stand within a line

    def around(self, place: int, width: int) -> tuple[int, str, str, str]:
        """Return the number of a line, and its text before, in and after the `width` tokens and the one at `place`."""
        number = 1 if self.end is None else 1 + list(self.ids[: place - width]).count(self.end)
        start = place - width
        before, run = list(self.ids[max(0, start - MAX_AROUND) : start]), list(self.ids[start : place + 1])
        after: list[int] = []
        if self.end in before:
            before = before[len(before) - before[::-1].index(self.end) :]
        if run[-1] != self.end:
            after = list(self.ids[place + 1 : place + 1 + MAX_AROUND])
            after = after[: after.index(self.end)] if self.end in after else after
        head, middle, whole = (self._written(tokens) for tokens in (before, before + run, before + run + after))
        return number, head, middle[len(head) :], whole[len(middle) :]

    def _written(self, tokens: list[int]) -> str:
        return detokenize(self.vocab.decode(tokens), self.vocab.spacing)
