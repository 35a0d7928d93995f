"""Sentences whose words carry tags, as CoNLL-U files hold them, and the numbers that a tagger makes of them.

CoNLL-U is the format of Universal Dependencies (Nivre et al. 2020; universaldependencies.org/format.html): a line per
word with ten columns between tabs, of which the second is the word (FORM) and the fourth its tag (UPOS); `#` begins a
comment, and an empty line ends a sentence.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Self

from conllu.exceptions import ParseException
from conllu.parser import parse_line

from rnnlab.text.decoding import decode_text
from rnnlab.text.vocab import Vocab
from rnnlab.validation import InvalidInput, echo

# The universal parts of speech (universaldependencies.org/u/pos).
UPOS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM",
    "VERB", "X",
)  # fmt: skip

MAX_CONLLU_BYTES = 20 * 2**20
MAX_SENTENCES = 20_000
MAX_LINES = 300_000  # that hold a word: a second or two to read
MAX_TOKENS = 500  # in a sentence
MAX_FORM = 200  # characters in a word
MAX_TAGS = 100
COLUMNS = 10
READ = ("id", "form", "lemma", "upos")  # the first of them; the rest may be as wrong as it likes
WORD_LINE = re.compile(r"^[0-9]", re.MULTILINE)
UNTAGGED = "_"  # how CoNLL-U writes that there is nothing


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
        words = [form.lower() for form in forms] if lowercase else forms
        return cls(Vocab(words), Vocab(chain.from_iterable(forms)), tuple(sorted(tags)))


def read_conllu(source: str | Path | bytes, field: str = "corpus") -> tuple[TaggedSentence, ...]:
    """Read the sentences of a CoNLL-U file, given by its path or its bytes.

    The words are the syntactic ones: the range that writes "don't" in one piece ("1-2") and empty nodes ("3.1") are
    left out. Every word needs a tag. Raises InvalidInput, which names the line.
    """
    data = source if isinstance(source, bytes) else _read_file(Path(source), field)
    if len(data) > MAX_CONLLU_BYTES:
        raise InvalidInput("too_many_bytes", field, high=MAX_CONLLU_BYTES)
    text = decode_text(data, field)
    lines = sum(1 for _ in WORD_LINE.finditer(text))  # counted first, for reading them takes thirty times as long
    if lines > MAX_LINES:
        raise InvalidInput("conllu_words", field, lines=lines, high=MAX_LINES)
    sentences, tags = [], set()
    for block in _blocks(text):
        sentence = _sentence(block, field)
        if sentence is None:
            continue
        sentences.append(sentence)
        tags |= set(sentence.tags)
        if len(sentences) > MAX_SENTENCES:
            raise InvalidInput("conllu_sentences", field, high=MAX_SENTENCES)
        if len(tags) > MAX_TAGS:
            raise InvalidInput("conllu_tags", field, high=MAX_TAGS)
    if not sentences:
        raise InvalidInput("conllu_empty", field)
    return tuple(sentences)


def _read_file(path: Path, field: str) -> bytes:
    try:
        if not path.is_file():  # a folder; or a pipe or a device, which might never end
            raise InvalidInput("file_unreadable", field, value=echo(str(path)))
        with path.open("rb") as file:
            return file.read(MAX_CONLLU_BYTES + 1)
    except (OSError, ValueError):  # ValueError: a NUL in the path
        raise InvalidInput("file_unreadable", field, value=echo(str(path))) from None


def _blocks(text: str) -> Iterator[list[tuple[int, str]]]:
    """The lines of each sentence, numbered from 1, without comments."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate(chain(text.split("\n"), [""]), start=1):
        if not line.strip():
            if block:
                yield block
            block = []
        elif not line.startswith("#"):
            block.append((number, line.rstrip("\r")))


def _sentence(lines: Sequence[tuple[int, str]], field: str) -> TaggedSentence | None:
    """The sentence that `lines` hold; None if there is no word in it."""
    words = [word for number, line in lines if (word := _word(number, line, field))]
    if len(words) > MAX_TOKENS:
        raise InvalidInput("conllu_long_sentence", field, line=lines[0][0], length=len(words), high=MAX_TOKENS)
    return TaggedSentence(*zip(*words, strict=True)) if words else None


def _word(number: int, line: str, field: str) -> tuple[str, str] | None:
    """The word and the tag of one line; None for a range or an empty node."""
    columns = line.split("\t")
    if len(columns) != COLUMNS:
        raise InvalidInput("conllu_columns", field, line=number, columns=len(columns), wanted=COLUMNS)
    first = "\t".join(columns[: len(READ)])
    try:
        token = parse_line(first, READ)
    except (ParseException, ValueError) as error:  # ValueError: a number of thousands of digits
        raise InvalidInput("conllu_line", field, line=number, value=echo(str(error), 100)) from None
    if isinstance(token["id"], tuple):
        return None
    form, tag = token.get("form", ""), token.get("upos", "")
    if token["id"] is None or not form.strip() or [form, tag] != [columns[1], columns[3].strip()]:
        raise InvalidInput("conllu_line", field, line=number, value=echo(first, 100))
    if len(form) > MAX_FORM:
        raise InvalidInput("conllu_long_form", field, line=number, length=len(form), high=MAX_FORM)
    if tag in ("", UNTAGGED) or len(tag) > MAX_FORM:
        raise InvalidInput("conllu_no_tag", field, line=number)
    return sys.intern(form), sys.intern(tag)  # one copy of each in memory, however often it occurs
