"""What is typed, as a model's vocabulary writes it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from rnnlab.text import Vocab

LINE_BREAK = " "  # both tokenisers write the end of a line as a space


@dataclass(frozen=True)
class FittedPrefix:
    """A prefix as the model can read it: `text` is what is fed, `missing` what had to be left out."""

    text: str
    replaced: tuple[tuple[str, str], ...]  # (as typed, as the vocabulary writes it)
    missing: tuple[str, ...]


def fit_prefix(prefix: str, vocab: Vocab) -> FittedPrefix:
    """Find each character of `prefix` in the vocabulary, in its other width if need be.

    A line break is the space that both tokenisers make of it. `！` and `!` are one character in two widths
    (Unicode compatibility forms); the one that the vocabulary knows is taken.
    """
    text, replaced, missing = [], [], []
    for typed in prefix.replace("\r\n", "\n"):
        known = next((form for form in _forms(typed) if len(form) == 1 and form in vocab), None)
        if known is None:
            missing.append(typed)
        else:
            text.append(known)
            if known != typed:
                replaced.append((typed, known))
    return FittedPrefix("".join(text), tuple(replaced), tuple(dict.fromkeys(missing)))


def _forms(character: str) -> list[str]:
    """`character` itself, then what may stand for it: half width, full width, a space for a line break."""
    if character in "\r\n\t \u3000":
        return [character, LINE_BREAK, "\u3000"]
    forms = [character, unicodedata.normalize("NFKC", character)]
    if "!" <= character <= "~":
        forms.append(chr(ord(character) + 0xFEE0))  # the full-width block repeats ASCII, 0xFEE0 higher
    return forms
