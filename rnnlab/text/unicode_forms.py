"""List other spellings of a text: composed, decomposed, straight, curly, half and full width.

Two texts can look alike and have different code points: é is one character or e with a mark, a keyboard types ' where
a book prints ’, and ！ is ! in another width. `spellings` lists the equivalent texts, so that a look-up in a vocabulary
can try each of them.

    >>> next(form for form in spellings("don’t") if form in {"do", "don't"})
    "don't"
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product

# Characters that are used in place of one another, the straight one first.
APOSTROPHES = "'’‘ʼ′‛‚׳´`"
QUOTES = '"”“„‟״″»«'
OPENING_QUOTES = '"“”„‟״″«»'  # the same, where a word begins
DASHES = "-–—‐‑‒―−־"
ELLIPSES = ("...", "…", "⋯")
LIKE = re.compile("|".join((*map(re.escape, ELLIPSES), f"[{re.escape(APOSTROPHES + QUOTES + DASHES)}]")))
MAX_TRIED = 4  # of each kind, where a text has signs of several kinds
BLANKS = " \n\r\t\u3000\u00a0\u202f"

VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f]")  # text or emoji style of the same character
VOICED = "\uff9e\uff9f"  # the voicing marks of half-width katakana, which are characters of their own
WIDE_ASCII = {ord("!") + i: 0xFF01 + i for i in range(ord("~") - ord("!") + 1)}

CLUSTER = re.compile(
    r"""
      \.{3}                                               # an ellipsis
    | [\u1100-\u115f\ua960-\ua97c]+[\u1160-\u11a7\ud7b0-\ud7c6]*[\u11a8-\u11ff\ud7cb-\ud7fb]*  # a Korean syllable
    | [\uac00-\ud7a3][\u1160-\u11ff]*
    | \r\n
    | .
    """,
    re.VERBOSE | re.DOTALL,
)


def spellings(text: str, opening: bool = True) -> Iterator[str]:
    """Yield `text`, then its other spellings, the nearest first and each once.

    opening: whether `text` begins a word, so that a straight quotation mark at its beginning is an opening one.

        >>> list(spellings("é"))[:2] == ["\\xe9", "e\\u0301"]
        True
        >>> next(spellings("“hm”")), "ｶ" in spellings("カ"), "Ａ" in spellings("A")
        ('“hm”', True, True)
    """
    seen: set[str] = set()
    for form in _all(text, opening):
        if form and form not in seen:
            seen.add(form)
            yield form


def _all(text: str, opening: bool) -> Iterator[str]:
    """Yield the spellings, some of them several times."""
    for plain in dict.fromkeys((text, VARIATION_SELECTORS.sub("", text))):
        yield from _canonical(plain)
        for alike in _punctuated(plain, opening):
            yield from _canonical(alike)
        compatible = unicodedata.normalize("NFKC", plain)
        yield from _canonical(compatible)
        yield compatible.translate(WIDE_ASCII)
        yield "".join(_narrow().get(character, character) for character in unicodedata.normalize("NFD", plain))


def _canonical(text: str) -> Iterator[str]:
    """Yield the canonically equivalent spellings: unchanged, composed, decomposed, partly composed."""
    yield text
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    yield composed
    yield decomposed
    yield from _partly_composed(text)
    yield "".join(_uncomposed().get(cluster, cluster) for cluster in clusters(composed))


def _partly_composed(text: str) -> Iterator[str]:
    """Yield `text` with only the first marks of each character composed, as in Vietnamese ê with an acute."""
    parts = [unicodedata.normalize("NFD", cluster) for cluster in clusters(text)]
    for kept in range(2, max(map(len, parts), default=0)):
        yield "".join(unicodedata.normalize("NFC", part[:kept]) + part[kept:] for part in parts)


def _punctuated(text: str, opening: bool) -> Iterator[str]:
    """Yield `text` with apostrophes, quotation marks, dashes and ellipses replaced by similar ones."""
    found = [_kind(text, match, opening) for match in LIKE.finditer(text)]
    names = tuple(dict.fromkeys(name for name, _ in found))
    places = range(max((len(kind) for _, kind in found), default=0))
    tried = places if len(names) < 2 else places[:MAX_TRIED]
    for chosen in product(tried, repeat=len(names)) if found else ():
        ranks = dict(zip(names, chosen, strict=True))
        yield _replaced(text, [kind[min(ranks[name], len(kind) - 1)] for name, kind in found])


def _replaced(text: str, signs: Sequence[str]) -> str:
    """Replace each sign that LIKE finds in `text` by the next one of `signs`."""
    left = iter(signs)
    return LIKE.sub(lambda _: next(left), text)


def _kind(text: str, match: re.Match[str], opening: bool) -> tuple[str, str | tuple[str, ...]]:
    """Return the kind of the sign that was found, and all signs of that kind, the most likely first."""
    mark, place = match.group(), match.start()
    for name, kind in (("ellipsis", ELLIPSES), ("dash", DASHES), ("apostrophe", APOSTROPHES)):
        if mark in kind:
            return name, kind
    opens = mark in "“„«" or (mark == '"' and (text[place - 1] in f"{BLANKS}([" if place else opening))
    return "quote", OPENING_QUOTES if opens else QUOTES


def clusters(text: str) -> list[str]:
    """Cut `text` into base characters, each with the marks after it; Korean letters make syllables.

    >>> [len(cluster) for cluster in clusters("re\\u0302ve")], clusters("a ...\\r\\n")
    ([1, 2, 1, 1], ['a', ' ', '...', '\\r\\n'])
    """
    found: list[str] = []
    for part in CLUSTER.findall(text):
        if found and is_mark(part) and found[-1] not in ("\n", "\r", "\r\n"):
            found[-1] += part
        else:
            found.append(part)
    return found


def is_mark(character: str) -> bool:
    """Return whether `character` is a combining mark, which belongs to the character before it."""
    return unicodedata.category(character[0]).startswith("M") or character in VOICED


def visible(character: str) -> str:
    """Return `character` for a message: a mark on a dotted circle, an invisible character by its number.

    >>> visible("a"), visible("\\u0301"), visible("\\n"), visible(" "), visible("\\u200d")
    ('a', '◌́', '↵', '␣', 'U+200D')
    """
    if character in SIGNS:
        return SIGNS[character]
    if unicodedata.category(character[0]) in ("Cc", "Cf", "Zl", "Zp", "Zs"):
        return f"U+{ord(character[0]):04X}"
    return f"◌{character}" if is_mark(character) else character


SIGNS = {"\u3000": "␣", "\n": "↵", "\r": "↵", "\r\n": "↵", "\t": "⇥", " ": "␣"}


@cache
def _narrow() -> dict[str, str]:
    """Map characters of ordinary width, and marks, to their half-width forms: カ to ｶ."""
    block = [chr(code) for code in range(0xFF61, 0xFFEF)]
    wide = {unicodedata.normalize("NFKC", character): character for character in block if character.isprintable()}
    return {character: narrow for character, narrow in wide.items() if len(character) == 1}


@cache
def _uncomposed() -> dict[str, str]:
    """Map canonical spellings to the equivalent single characters that Unicode never composes, such as שׁ."""
    letters = (*range(0x0340, 0x0345), *range(0x0900, 0x1000), *range(0x1F00, 0x2400), *range(0xF900, 0xFB50))
    pairs = ((chr(code), unicodedata.normalize("NFC", chr(code))) for code in letters)
    return {canonical: character for character, canonical in pairs if canonical != character}
