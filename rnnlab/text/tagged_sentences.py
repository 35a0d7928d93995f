"""Sentences whose words carry tags, as `treebank.py` reads them, and the numbers that a tagger makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

from rnnlab.text.vocab import Vocab

# The universal parts of speech (universaldependencies.org/u/pos).
UPOS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM",
    "VERB", "X",
)  # fmt: skip

MAX_FORM = 200  # characters of a word that are kept apart from others in a lexicon


@dataclass(frozen=True)
class TaggedSentence:
    """The words of a sentence and the tag of each."""

    forms: tuple[str, ...]
    tags: tuple[str, ...]

    @classmethod
    def of(cls, forms: str, tags: str) -> Self:
        """Both with spaces between.

        >>> TaggedSentence.of("Everybody read that book", "NN V DET NN").tags
        ('NN', 'V', 'DET', 'NN')
        """
        sentence = cls(tuple(forms.split()), tuple(tags.split()))
        if len(sentence.forms) != len(sentence.tags):
            raise ValueError(f"{len(sentence.forms)} words and {len(sentence.tags)} tags: {forms} / {tags}")
        return sentence

    def __len__(self) -> int:
        return len(self.forms)


@dataclass(frozen=True)
class Lexicon:
    """What a tagger knows by number: words and characters, `<unk>` first, and the tags that it chooses among."""

    words: Vocab
    characters: Vocab
    tags: tuple[str, ...]

    @classmethod
    def of(cls, sentences: Sequence[TaggedSentence], lowercase: bool = False) -> Self:
        """The words and characters of `sentences`, the most frequent first, and their tags in order of the alphabet.

        With `lowercase`, words are numbered without regard to capitals; characters never are.

        >>> lexicon = Lexicon.of([TaggedSentence.of("to be or not to be", "X V X X X V")])
        >>> lexicon.words.tokens, lexicon.tags
        (('<unk>', 'to', 'be', 'or', 'not'), ('V', 'X'))
        """
        forms = [form for sentence in sentences for form in sentence.forms]
        tags = {tag for sentence in sentences for tag in sentence.tags}
        words = [ends(form.lower() if lowercase else form) for form in forms]
        return cls(Vocab(words), Vocab(chain.from_iterable(forms)), tuple(sorted(tags)))


def ends(form: str) -> str:
    """`form`, or of one that is longer than MAX_FORM as many characters from both ends: how a lexicon keeps it.

    >>> len(ends("http" * 1000)), ends("http")
    (200, 'http')
    """
    half = MAX_FORM // 2
    return form if len(form) <= MAX_FORM else form[:half] + form[-half:]


def shown(form: str) -> str:
    """`form` as a page or a terminal shows it: of an over-long one both ends, with … between."""
    half = MAX_FORM // 2
    return form if len(form) <= MAX_FORM else f"{form[:half]}…{form[-half:]}"
