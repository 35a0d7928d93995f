"""Represent tagged sentences, and number their words, characters and tags for a tagger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

from rnnlab.limits import MAX_LEXICON_CHARACTERS
from rnnlab.text.vocab import Vocab

# The universal parts of speech (universaldependencies.org/u/pos).
UPOS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM",
    "VERB", "X",
)  # fmt: skip


@dataclass(frozen=True)
class TaggedSentence:
    """The words of a sentence and the tag of each."""

    forms: tuple[str, ...]
    tags: tuple[str, ...]

    @classmethod
    def of(cls, forms: str, tags: str) -> Self:
        """Make a sentence from its words and from its tags, each in one line with spaces between.

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
    """A tagger's vocabularies: words (with `<unk>` first, if unknown ones can be tagged), characters, and the tags."""

    words: Vocab
    characters: Vocab
    tags: tuple[str, ...]

    @classmethod
    def of(cls, sentences: Sequence[TaggedSentence], lowercase: bool = False, unknown_words: bool = True) -> Self:
        """Number words and characters of `sentences`, the most frequent first, and tags alphabetically.

        lowercase: number words in lower case; characters always keep their case.
        unknown_words: whether the words have an `<unk>`; the characters always have.

        >>> lexicon = Lexicon.of([TaggedSentence.of("to be or not to be", "X V X X X V")])
        >>> lexicon.words.tokens, lexicon.tags
        (('<unk>', 'to', 'be', 'or', 'not'), ('V', 'X'))
        """
        forms = [form for sentence in sentences for form in sentence.forms]
        tags = {tag for sentence in sentences for tag in sentence.tags}
        words = [lexicon_key(form.lower() if lowercase else form) for form in forms]
        return cls(Vocab(words, unknown=unknown_words), Vocab(chain.from_iterable(forms)), tuple(sorted(tags)))


def lexicon_key(form: str) -> str:
    """Return `form` as a lexicon stores it: of a word longer than MAX_LEXICON_CHARACTERS only both ends.

    >>> len(lexicon_key("http" * 1000)), lexicon_key("http")
    (200, 'http')
    """
    half = MAX_LEXICON_CHARACTERS // 2
    return form if len(form) <= MAX_LEXICON_CHARACTERS else form[:half] + form[-half:]


def shown(form: str) -> str:
    """Return `form` for display: of a word longer than MAX_LEXICON_CHARACTERS both ends with … between."""
    half = MAX_LEXICON_CHARACTERS // 2
    return form if len(form) <= MAX_LEXICON_CHARACTERS else f"{form[:half]}…{form[-half:]}"
