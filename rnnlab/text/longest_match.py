"""Cut text that is written without spaces by the words that a tagger knows: Japanese, Thai and the like."""

from __future__ import annotations

import unicodedata
from collections.abc import Container
from itertools import groupby

LONGEST = 20  # characters of a word that is looked for


def cut_by_words(text: str, words: Container[str]) -> list[str]:
    """Cut `text` so that as few characters as can be are left over, and then into as few words as can be.

    Neighbours that are left over stay together, if they are of one kind (letters, signs); marks stay with their letter.

    >>> cut_by_words("変更しました。", {"変更", "し", "まし", "た", "。"})
    ['変更', 'し', 'まし', 'た', '。']
    >>> cut_by_words("新しい変更!", {"変更"})
    ['新しい', '変更', '!']
    """
    best: list[tuple[int, int, int]] = [(0, 0, 0)]  # up to each place: left over, words, where the last piece begins
    for end in range(1, len(text) + 1):
        left, count, _ = best[end - 1]
        choices = [(left + 1, count + 1, end - 1)]
        if end == len(text) or not _is_mark(text[end]):
            for start in range(max(0, end - LONGEST), end):
                if text[start:end] in words:
                    choices.append((best[start][0], best[start][1] + 1, start))
        best.append(min(choices))
    pieces, end = [], len(text)
    while end:
        start = best[end][2]
        pieces.append((text[start:end], best[end][0] == best[start][0]))
        end = start
    return _joined(pieces[::-1])


def _joined(pieces: list[tuple[str, bool]]) -> list[str]:
    """The known pieces, and the left over characters between them joined by kind."""
    tokens: list[str] = []
    for known, group in groupby(pieces, key=lambda piece: piece[1]):
        texts = [text for text, _ in group]
        tokens += texts if known else ["".join(run) for _, run in groupby(texts, key=_kind)]
    return tokens


def _kind(character: str) -> bool:
    """Whether it is part of a word: a letter, a digit, a mark or a joiner."""
    return unicodedata.category(character)[0] in "LNM" or unicodedata.category(character) == "Cf"


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"
