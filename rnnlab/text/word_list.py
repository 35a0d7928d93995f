r"""Words in one line of text, with spaces between, where a word may hold spaces itself.

    >>> split_words("học_sinh Việt_Nam .")
    ('học sinh', 'Việt Nam', '.')
    >>> join_words(("10 000", "km", "a_b", "_"))
    '10_000 km a\\_b _'

A single `_` inside a word stands for a space, `\_` for itself. A word that a tagger knows with its `_` is left alone,
and a no-break space parts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

BREAKING_SPACE = r"[^\S\u00a0\u2007\u202f]"  # all white space but that which keeps a line together
BREAKS = re.compile(f"{BREAKING_SPACE}+")
INNER = r"(?<=[^\s_\\]){}(?=[^\s_])"  # inside a word, and not one of several
SPACE_SIGN = re.compile(INNER.format("_"))
ESCAPED = re.compile(r"\\_")
NOTHING: frozenset[str] = frozenset()


def split_words(line: str, known: Container[str] = NOTHING) -> tuple[str, ...]:
    """The words of `line`; `known` are those of a tagger."""
    pieces = filter(None, BREAKS.split(line))
    return tuple(piece if piece in known else ESCAPED.sub("_", SPACE_SIGN.sub(" ", piece)) for piece in pieces)


def join_words(words: Sequence[str], known: Container[str] = NOTHING) -> str:
    """`words` in one line, so that `split_words` finds them again."""
    return " ".join(word if word in known and not BREAKS.search(word) else _escaped(word) for word in words)


def _escaped(word: str) -> str:
    return BREAKS.sub("_", SPACE_SIGN.sub(lambda _: r"\_", word))
