"""Fit a typed prefix to the characters or words of a model's vocabulary."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from rnnlab.generation.word_prefix import fit_words
from rnnlab.text import END, Vocab, clusters
from rnnlab.text.unicode_forms import spellings

LINE_BREAKS = ("\n", " ")  # a line's end, and the space that the tutorials' tokenizers put there
AS_BLANK = {"\n": ("\n", " ", "\u3000"), "\t": ("\t", " ", "\u3000", "\n"), " ": (" ", "\u3000", "\u00a0", "\n")}
BLANKS = AS_BLANK | {"\u3000": ("\u3000", *AS_BLANK[" "])}
BLANKS |= {end: (end, *AS_BLANK["\n"]) for end in ("\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029")}
# Ways to type a line's end and a tab in a field that has no key for them: signs, or the escapes of a program.
TYPED_SIGNS = {"↵": "\n", "⏎": "\n", "⇥": "\t", "\\n": "\n", "\\t": "\t"}
SIGNS = re.compile(f"({'|'.join(map(re.escape, TYPED_SIGNS))})")


@dataclass(frozen=True)
class FittedPrefix:
    """A prefix in tokens that the model knows, what they write (`text`), and what was left out (`missing`)."""

    text: str
    replaced: tuple[tuple[str, str], ...]  # (as typed, as the vocabulary writes it), each once
    missing: tuple[str, ...]  # characters, or for a model of words, words
    tokens: tuple[str, ...]

    @property
    def respelled(self) -> dict[str, list[str]]:
        """The characters replaced by a canonical equivalent, by the vocabulary's Unicode form."""
        found: dict[str, list[str]] = {}
        for typed, known in self.replaced:
            if _decomposed(typed) == _decomposed(known):
                form = "NFC" if unicodedata.is_normalized("NFC", known) else "NFD"
                found.setdefault(form, []).append(typed)
        return found

    @property
    def substituted(self) -> list[tuple[str, str]]:
        """The replacements that look different, as (typed, known); one blank for another is left out."""
        return [
            (typed, known)
            for typed, known in self.replaced
            if _decomposed(typed) != _decomposed(known) and not (typed.isspace() and known.isspace())
        ]


def fit_prefix(prefix: str, vocab: Vocab) -> FittedPrefix:
    r"""Find each character or word of `prefix` in the vocabulary, in another spelling if necessary.

    A letter and its marks are looked up together: é is found in a text that writes it as e and a mark, and vice versa.
    A line's end becomes a space, as in the tokenizer "raw", if the vocabulary has no `\n`. It can also be typed as ↵,
    or as a backslash and n if the vocabulary has no backslash. `word_prefix.py` does this for words.

        >>> fit_prefix("don’t\\n", Vocab("don't\n")).text
        "don't\n"
    """
    if vocab.has_words:
        return FittedPrefix(*fit_words(SIGNS.sub(lambda sign: TYPED_SIGNS[sign.group()], prefix), vocab))
    text, replaced, missing = "", [], []
    for typed, meant in _pieces(prefix, vocab):
        known = _known(meant, vocab, opening=not text or text[-1].isspace())
        if known is None:
            missing.append(typed)
            continue
        text += known
        if known != typed:
            replaced.append((typed, known))
    return FittedPrefix(text, tuple(dict.fromkeys(replaced)), tuple(dict.fromkeys(missing)), tuple(text))


def _decomposed(text: str) -> str:
    """Return `text` with every letter apart from its marks (NFD)."""
    return unicodedata.normalize("NFD", text)


def line_break(vocab: Vocab) -> str | None:
    """Return the token that ends a line in texts of this vocabulary, if there is one."""
    if vocab.has_words:
        return END if END in vocab else None
    return next((character for character in LINE_BREAKS if character in vocab), None)


def _pieces(prefix: str, vocab: Vocab) -> Iterator[tuple[str, str]]:
    """Cut `prefix` into pieces (typed, meant) to look up; the two differ for the signs of a line's end."""
    for part in SIGNS.split(prefix):
        if part in TYPED_SIGNS and part[0] not in vocab:
            yield part, TYPED_SIGNS[part]
        else:
            yield from ((unit, unit) for cluster in clusters(part) for unit in _units(cluster, vocab))


def _units(cluster: str, vocab: Vocab) -> list[str]:
    """Return `cluster` whole or as its characters.

    It stays whole if the vocabulary has it, or Unicode has it as one character.
    So é or 봄 is found whole or not at all, however it was typed.
    """
    whole = len(cluster) == 1 or _known(cluster, vocab) is not None
    if not whole and cluster != "...":
        whole = any(len(form) == 1 for form in spellings(cluster))
    return [cluster] if whole else list(cluster)


def _known(typed: str, vocab: Vocab, opening: bool = True) -> str | None:
    """Return the first spelling of `typed` whose characters are all in the vocabulary, if any."""
    forms = BLANKS.get(typed) or spellings(typed, opening)
    return next((form for form in forms if all(character in vocab for character in form)), None)
