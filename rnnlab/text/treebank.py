"""Read CoNLL-U files (Universal Dependencies), and report lines and sentences that were left out.

Each word has a line with ten columns between tabs, of which the second is the word (FORM) and the fourth its tag
(UPOS); `#` begins a comment, and an empty line ends a sentence (universaldependencies.org/format.html).
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from conllu.exceptions import ParseException
from conllu.parser import parse_line

from rnnlab.limits import (
    MAX_CONLLU_BYTES,
    MAX_CONLLU_LINES,
    MAX_CONLLU_SENTENCES,
    MAX_CONLLU_TAGS,
    MAX_LEXICON_CHARACTERS,
    MAX_SENTENCE_WORDS,
)
from rnnlab.text.decoding import decode_text
from rnnlab.text.tagged_sentences import TaggedSentence
from rnnlab.validation import InvalidInput, echo

COLUMNS = 10
READ_COLUMNS = ("id", "form", "lemma", "upos")  # the first ones; errors in the others are ignored
UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # byte order marks
ABSENT = "_"  # an empty column of CoNLL-U
MAX_WORD_SHARE = 0.5  # of all words; no word of any language is so frequent, so it is a placeholder
MAX_SKIPPED_LINES = 1000  # lines without a tagged word; if there are fewer tagged words by then, reading ends
MIN_WORDS_TO_JUDGE = 20  # in a smaller file, all words may be the same


@dataclass(frozen=True)
class Treebank:
    """The sentences of a file, and remarks on the lines and sentences that were left out."""

    sentences: tuple[TaggedSentence, ...]
    remarks: tuple[InvalidInput, ...] = ()


def read_conllu(source: str | Path | bytes, field: str = "corpus") -> tuple[TaggedSentence, ...]:
    """Read the sentences of a CoNLL-U file, as `read_treebank` does, without its remarks."""
    return read_treebank(source, field).sentences


def read_treebank(source: str | Path | bytes, field: str = "corpus") -> Treebank:
    """Read a CoNLL-U file, given by its path or its bytes.

    The words are the syntactic ones: multiword ranges ("1-2", which has "don't" in one piece) and empty nodes ("3.1")
    are left out. Lines without a tagged word are skipped; a file with more of them than tagged words is not CoNLL-U.
    Raises InvalidInput, which names the line.
    """
    data = source if isinstance(source, bytes) else _read_file(Path(source), field)
    text, cut = _decode(data, field)
    reader = _Reader(field, truncated=cut)
    for block in _blocks(text):
        reader.add(block)
    return reader.treebank()


def _read_file(path: Path, field: str) -> bytes:
    """Return the bytes of a regular file, but at most one more than the limit."""
    try:
        if not path.is_file():  # a folder; or a pipe or a device, which might never end
            raise InvalidInput("file_unreadable", field, value=echo(str(path)))
        with path.open("rb") as file:
            return file.read(MAX_CONLLU_BYTES + 1)
    except (OSError, ValueError):  # ValueError: a NUL in the path
        raise InvalidInput("file_unreadable", field, value=echo(str(path))) from None


def _decode(data: bytes, field: str) -> tuple[str, bool]:
    """Return the text, cut after the last whole sentence within the limit, and whether it was cut."""
    if len(data) <= MAX_CONLLU_BYTES:
        return decode_text(data, field), False
    end = max(data.rfind(blank, 0, MAX_CONLLU_BYTES) for blank in (b"\n\n", b"\n\r\n"))
    if end < 0 or data.startswith(UTF_16):  # in UTF-16 the byte "\n" may be half of a character
        raise InvalidInput("too_many_bytes", field, high=MAX_CONLLU_BYTES)
    return decode_text(data[: end + 1], field), True


def _blocks(text: str) -> Iterator[list[tuple[int, str]]]:
    """Yield the lines of each sentence, numbered from 1, without comments."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate(chain(text.split("\n"), [""]), start=1):
        if not line.strip():
            if block:
                yield block
            block = []
        elif not line.startswith("#"):
            block.append((number, line.rstrip("\r")))


class _Reader:
    """Collects sentences up to the limits, and counts the sentences beyond them and the unreadable lines."""

    def __init__(self, field: str, truncated: bool) -> None:
        self.field, self.truncated = field, truncated
        self.sentences: list[TaggedSentence] = []
        self.forms: dict[str, Counter[str]] = defaultdict(Counter)  # how often each word has each tag
        self.tags: set[str] = set()
        self.lines = self.words = self.skipped = self.parted = self.beyond = 0
        self.full = False
        self.first_skipped: InvalidInput | None = None
        self.first_parted = 0  # the number of a line

    def add(self, block: Sequence[tuple[int, str]]) -> None:
        """Read the sentence in `block`, unless a limit is reached."""
        room = MAX_CONLLU_LINES - self.lines
        self.full = (
            self.full
            or len(self.sentences) >= MAX_CONLLU_SENTENCES
            or (len(block) > room and bool(self.sentences))
        )  # fmt: skip
        if self.full or len(block) > room:
            self.beyond += 1
        if self.full:
            return
        block = block[:room]
        self.lines += len(block)
        words = [word for number, line in block if (word := self._word(number, line))]
        if len(words) > MAX_SENTENCE_WORDS:
            self.first_parted = self.first_parted or block[0][0]
            self.parted += 1
        for start in range(0, len(words), MAX_SENTENCE_WORDS):
            self.sentences.append(TaggedSentence(*zip(*words[start : start + MAX_SENTENCE_WORDS], strict=True)))
        self.words += len(words)
        for form, tag in words:
            self.forms[form][tag] += 1
        self.tags |= {tag for _, tag in words}
        if len(self.tags) > MAX_CONLLU_TAGS:
            raise InvalidInput("conllu_tags", self.field, high=MAX_CONLLU_TAGS)

    def _word(self, number: int, line: str) -> tuple[str, str] | None:
        """Read one line; count it if it has no tagged word."""
        try:
            return _word(number, line, self.field)
        except InvalidInput as error:
            self.skipped += 1
            self.first_skipped = self.first_skipped or error
            if self.skipped >= MAX_SKIPPED_LINES:
                self._check_skipped()
            return None

    def _check_skipped(self) -> None:
        """Raise the first error if more lines were skipped than words read."""
        if self.first_skipped is not None and self.skipped > self.words:
            raise self.first_skipped

    def treebank(self) -> Treebank:
        """Return the sentences and remarks; raise InvalidInput if the file is not a treebank."""
        self._check_skipped()
        if not self.sentences:
            raise InvalidInput("conllu_empty", self.field)
        if placeholder := _placeholder(self.forms):
            raise InvalidInput("conllu_no_words", self.field, value=echo(placeholder))
        return Treebank(tuple(self.sentences), tuple(self._remarks()))

    def _remarks(self) -> Iterator[InvalidInput]:
        """Yield a remark for skipped lines, for divided sentences, and for sentences beyond a limit."""
        if self.first_skipped is not None:
            line = self.first_skipped.details["line"]
            yield InvalidInput("conllu_skipped", self.field, count=f"{self.skipped:,}", line=line)
        if self.parted:
            yield InvalidInput(
                "conllu_parted", self.field, count=f"{self.parted:,}", line=self.first_parted, high=MAX_SENTENCE_WORDS
            )
        taken = f"{len(self.sentences):,}"
        if self.truncated:
            yield InvalidInput("conllu_first_bytes", self.field, taken=taken, high=MAX_CONLLU_BYTES // 2**20)
        elif self.beyond:
            total = f"{len(self.sentences) + self.beyond:,}"
            yield InvalidInput("conllu_first_sentences", self.field, taken=taken, total=total)


def _word(number: int, line: str, field: str) -> tuple[str, str] | None:
    """Return the word and the tag of one line, or None for a range or an empty node. Raises InvalidInput."""
    columns = line.split("\t")
    if len(columns) != COLUMNS:
        raise InvalidInput("conllu_columns", field, line=number, columns=len(columns), wanted=COLUMNS)
    first = "\t".join(columns[: len(READ_COLUMNS)])
    try:
        token = parse_line(first, READ_COLUMNS)
    except (ParseException, ValueError) as error:  # ValueError for a number of thousands of digits
        raise InvalidInput("conllu_line", field, line=number, value=echo(str(error), 100)) from None
    if isinstance(token["id"], tuple):
        return None
    form, tag = token.get("form", ""), token.get("upos", "")
    if token["id"] is None or not form.strip() or [form, tag] != [columns[1], columns[3].strip()]:
        raise InvalidInput("conllu_line", field, line=number, value=echo(first, 100))
    if tag in ("", ABSENT) or len(tag) > MAX_LEXICON_CHARACTERS:
        raise InvalidInput("conllu_no_tag", field, line=number)
    return sys.intern(form), sys.intern(tag)  # so that equal words share one object in memory


def _placeholder(forms: Mapping[str, Counter[str]]) -> str | None:
    """Return the placeholder of a file without its words, or None if the words are there.

    Published corpora replace words that may not be copied by `_`, by another sign, or by one sign for each letter. Such
    a sign is more frequent than any word, and has more than one tag.

    >>> _placeholder({"***": Counter(NOUN=20, VERB=9), "**": Counter(DET=4)}), _placeholder({"_": Counter(X=1)})
    ('*', '_')
    """
    signs: dict[str, Counter[str]] = defaultdict(Counter)
    for form, tags in forms.items():
        signs[form[0] if len(set(form)) == 1 else form].update(tags)
    total = sum(tags.total() for tags in signs.values())
    sign, tags = max(signs.items(), key=lambda item: item[1].total())
    if tags.total() <= MAX_WORD_SHARE * total:
        return None
    return sign if sign == ABSENT or (total >= MIN_WORDS_TO_JUDGE and len(tags) > 1) else None
