"""Find the heads of an acrostic in a vocabulary, and for a head that it lacks the nearest that it has.

A character outside the vocabulary has no embedding, so the nearest are found without the model, by one of three
measures, the first that gives any:

pinyin    Chinese: neighbours in the first part of GB 2312, whose 3755 characters stand in the order of their pinyin
radical   Chinese: the same Kangxi radical, neighbours in Unicode's order, which is by radical and then by strokes
letter    others: the same letter without its marks, in whatever case
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from rnnlab.generation.prefix import fit_prefix
from rnnlab.text import Vocab, clusters
from rnnlab.text.spacing import JOINED, SPACE
from rnnlab.validation import InvalidInput

MAX_HEADS = 40  # lines of an acrostic
MAX_NEAREST = 3  # known characters that are named for one that is not known
MAX_PINYIN_DISTANCE = 15  # places in GB 2312: a syllable has nine characters there on average
PINYIN_ROWS = range(16, 56)  # of GB 2312, in the order of pinyin
UNIFIED = range(0x4E00, 0x9FA6)  # the characters that Unicode has in the order of radical and strokes
RADICALS = [ord(unicodedata.normalize("NFKD", chr(code))) for code in range(0x2F00, 0x2FD6)]  # the first with each


@dataclass(frozen=True)
class Head:
    """A head as it was typed, and how the vocabulary can write it."""

    typed: str
    ways: tuple[tuple[int, ...], ...]  # ids that write it, in several ways where letters have case; none if unknown
    nearest: tuple[str, ...] = ()  # known characters, for one that is unknown
    measure: str = ""  # of nearest: pinyin, radical or letter
    instead: tuple[tuple[int, ...], ...] = ()  # ids that are read in its place: of the nearest


def heads_of(text: str, field: str = "heads") -> tuple[str, ...]:
    """Return the letters, digits and symbols of `text`, each with its marks; blanks and punctuation are left out.

    Raises InvalidInput for none, and for more than MAX_HEADS.

    >>> heads_of("春、夏 é!")
    ('春', '夏', 'é')
    """
    found = [unicodedata.normalize("NFC", part) for part in clusters(text)]
    heads = tuple(part for part in found if unicodedata.category(part[0]) in KINDS)
    if not heads:
        raise InvalidInput("empty", field, low=1)
    if len(heads) > MAX_HEADS:
        raise InvalidInput("too_many_items", field, length=len(heads), high=MAX_HEADS)
    return heads


KINDS = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "So"})  # categories of Unicode


def find_heads(heads: Iterable[str], vocab: Vocab, excluded: Iterable[int], at: str) -> tuple[Head, ...]:
    """Return each head with the ids that write it at the `at` (start or end) of a line; none of `excluded`."""
    left_out = set(excluded)
    edges: dict[str, list[int]] = {}  # by the character with which a token begins or ends
    for number, token in enumerate(vocab.tokens):
        if number not in left_out and (word := token.lstrip(SPACE + JOINED) or token):
            parts = clusters(unicodedata.normalize("NFC", word))
            edges.setdefault(parts[0 if at == "start" else -1], []).append(number)
    return tuple(_head(head, vocab, edges, left_out) for head in heads)


def _head(typed: str, vocab: Vocab, edges: dict[str, list[int]], excluded: set[int]) -> Head:
    ways = _ways(typed, vocab, edges, excluded)
    if ways:
        return Head(typed, ways)
    nearest, measure = nearest_to(typed, edges)
    instead = _ways(nearest[0], vocab, edges, excluded) if nearest else ()
    return Head(typed, (), nearest, measure, instead)


def _ways(typed: str, vocab: Vocab, edges: dict[str, list[int]], excluded: set[int]) -> tuple[tuple[int, ...], ...]:
    """Return the ids that write `typed`, or the same letter in the other case; of words, each that has it there."""
    found: list[tuple[int, ...]] = []
    for form in dict.fromkeys((typed, typed.upper(), typed.lower())):
        if vocab.has_words:
            found += [(number,) for number in edges.get(form, [])]
            continue
        fitted = fit_prefix(form, vocab)
        if fitted.tokens and not fitted.missing and not fitted.text.isspace() and len(clusters(fitted.text)) == 1:
            ids = tuple(vocab.encode(fitted.tokens))
            found += [ids] if excluded.isdisjoint(ids) else []
    return tuple(dict.fromkeys(found))


def nearest_to(typed: str, known: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """Return the characters of `known` that are nearest to `typed`, and the measure; none where there is no measure.

    >>> nearest_to("梓", ["林", "水", "a"]), nearest_to("É", ["e", "f"]), nearest_to("🙂", ["e"])
    ((('林',), 'radical'), (('e',), 'letter'), ((), ''))
    """
    names = sorted(known)
    place, radical = _pinyin_place(typed), _radical(typed)
    if place is not None:
        by_sound = [(abs(other - place), name) for name in names if (other := _pinyin_place(name)) is not None]
        if found := [name for distance, name in sorted(by_sound) if distance <= MAX_PINYIN_DISTANCE]:
            return tuple(found[:MAX_NEAREST]), "pinyin"
    if radical is not None:
        alike = sorted((abs(ord(name) - ord(typed)), name) for name in names if _radical(name) == radical)
        if alike:
            return tuple(name for _, name in alike[:MAX_NEAREST]), "radical"
    letter = _letter(typed)
    same = [name for name in names if letter and _letter(name) == letter]
    return tuple(same[:MAX_NEAREST]), "letter" if same else ""


def _pinyin_place(character: str) -> int | None:
    """Return the place in the first part of GB 2312; None outside of it."""
    try:
        row, column = (byte - 0xA0 for byte in character.encode("gb2312"))
    except ValueError:  # it has another number of bytes, or cannot be encoded
        return None
    return row * 94 + column if row in PINYIN_ROWS else None


def _radical(character: str) -> int | None:
    """Return the number of the Kangxi radical; None outside of the unified characters."""
    is_unified = len(character) == 1 and ord(character) in UNIFIED
    return bisect_right(RADICALS, ord(character)) if is_unified else None


def _letter(character: str) -> str:
    """Return the letter without marks and case; "" for what is none."""
    first = unicodedata.normalize("NFKD", character)[0]
    return first.casefold() if first.isalpha() and _radical(first) is None else ""
