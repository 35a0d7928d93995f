r"""Write a list of words in one line and read it back, where a word may contain spaces.

    >>> split_words("học_sinh Việt_Nam .")
    ('học sinh', 'Việt Nam', '.')
    >>> join_words(("10 000", "km", "a_b", "_"))
    '10_000 km a\\_b _'

A single `_` inside a word stands for a space, `\_` for itself. A word with `_` in a tagger's vocabulary is kept as it
is, and a no-break space separates nothing.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

BREAKING_SPACE = r"[^\S\u00a0\u2007\u202f]"  # all white space but the no-break spaces
BREAKS = re.compile(f"{BREAKING_SPACE}+")
INNER = r"(?<=[^\s_\\]){}(?=[^\s_])"  # inside a word, and not next to another one
SPACE_SIGN = re.compile(INNER.format("_"))
ESCAPED = re.compile(r"\\_")
NOTHING: frozenset[str] = frozenset()


def split_words(line: str, known: Container[str] = NOTHING) -> tuple[str, ...]:
    """Return the words of `line`; those in `known`, a tagger's vocabulary, are kept as they are."""
    pieces = filter(None, BREAKS.split(line))
    return tuple(piece if piece in known else ESCAPED.sub("_", SPACE_SIGN.sub(" ", piece)) for piece in pieces)


def join_words(words: Sequence[str], known: Container[str] = NOTHING) -> str:
    """Write `words` in one line, from which `split_words` returns them."""
    return " ".join(word if word in known and not BREAKS.search(word) else _escaped(word) for word in words)


def _escaped(word: str) -> str:
    r"""Replace spaces by `_`, and `_` by `\_`."""
    return BREAKS.sub("_", SPACE_SIGN.sub(lambda _: r"\_", word))
