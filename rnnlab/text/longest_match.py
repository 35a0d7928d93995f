"""Segment text without spaces (Japanese, Thai and others) by the words in a tagger's vocabulary."""

from __future__ import annotations

import unicodedata
from collections.abc import Container
from itertools import groupby

MAX_WORD_LENGTH = 20  # characters of a piece that is looked up


def cut_by_words(text: str, words: Container[str]) -> list[str]:
    """Cut `text` with the fewest characters outside known words, and then into the fewest words.

    Neighbouring characters outside known words stay together if they are of one kind (letters or signs); marks stay
    with their letter. The cut is found by dynamic programming over the ends of pieces.

    >>> cut_by_words("変更しました。", {"変更", "し", "まし", "た", "。"})
    ['変更', 'し', 'まし', 'た', '。']
    >>> cut_by_words("新しい変更!", {"変更"})
    ['新しい', '変更', '!']
    """
    best: list[tuple[int, int, int]] = [(0, 0, 0)]  # by end: unknown characters, pieces, start of the last piece
    for end in range(1, len(text) + 1):
        unknown, count, _ = best[end - 1]
        choices = [(unknown + 1, count + 1, end - 1)]
        if end == len(text) or not _is_mark(text[end]):
            for start in range(max(0, end - MAX_WORD_LENGTH), end):
                if text[start:end] in words:
                    choices.append((best[start][0], best[start][1] + 1, start))
        best.append(min(choices))
    pieces: list[tuple[str, bool]] = []  # (piece, whether it is a known word), from the last to the first
    end = len(text)
    while end:
        start = best[end][2]
        pieces.append((text[start:end], best[end][0] == best[start][0]))
        end = start
    return _joined(pieces[::-1])


def _joined(pieces: list[tuple[str, bool]]) -> list[str]:
    """Keep the known pieces, and join the unknown characters between them by kind."""
    tokens: list[str] = []
    for known, group in groupby(pieces, key=lambda piece: piece[1]):
        texts = [text for text, _ in group]
        tokens += texts if known else ["".join(run) for _, run in groupby(texts, key=_kind)]
    return tokens


def _kind(character: str) -> bool:
    """Return whether a word may contain it: a letter, a digit, a mark or a joiner."""
    return unicodedata.category(character)[0] in "LNM" or unicodedata.category(character) == "Cf"


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"
