"""Read CoNLL-U files, as Universal Dependencies publishes them, and say what of a file was not taken.

A line per word with ten columns between tabs, of which the second is the word (FORM) and the fourth its tag (UPOS);
`#` begins a comment, and an empty line ends a sentence (universaldependencies.org/format.html).
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

from rnnlab.text.decoding import decode_text
from rnnlab.text.tagged_sentences import MAX_FORM, TaggedSentence
from rnnlab.validation import InvalidInput, echo

# Each bounds a cost: of a larger file the first so many are taken.
MAX_CONLLU_BYTES = 20 * 2**20
MAX_SENTENCES = 20_000
MAX_LINES = 300_000  # with a word: a second or two to read
MAX_TOKENS = 500  # in a sentence; a longer one is read in parts
MAX_TAGS = 100  # more are not parts of speech
COLUMNS = 10
READ = ("id", "form", "lemma", "upos")  # the first of them; the rest may be as wrong as it likes
UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # the marks that such a file begins with
ABSENT = "_"  # how CoNLL-U writes that there is nothing
PLACEHOLDER_SHARE = 0.5  # no word of any language is so frequent
GIVEN_UP = 1000  # lines that hold no tagged word; if they are the most by then, the rest is not read
FEWEST_WORDS = 20  # fewer may well be all the same


@dataclass(frozen=True)
class Treebank:
    """The sentences of a file, and remarks on what was not taken, each in the form of a refusal."""

    sentences: tuple[TaggedSentence, ...]
    remarks: tuple[InvalidInput, ...] = ()


def read_conllu(source: str | Path | bytes, field: str = "corpus") -> tuple[TaggedSentence, ...]:
    """Read the sentences of a CoNLL-U file, as `read_treebank` does, without its remarks."""
    return read_treebank(source, field).sentences


def read_treebank(source: str | Path | bytes, field: str = "corpus") -> Treebank:
    """Read a CoNLL-U file, given by its path or its bytes.

    The words are the syntactic ones: the range that writes "don't" in one piece ("1-2") and empty nodes ("3.1") are
    left out. Lines that hold no tagged word are passed over; where they are the most, the file is no CoNLL-U. Raises
    InvalidInput, which names the line.
    """
    data = source if isinstance(source, bytes) else _read_file(Path(source), field)
    text, cut = _decode(data, field)
    reader = _Reader(field, truncated=cut)
    for block in _blocks(text):
        reader.add(block)
    return reader.treebank()


def _read_file(path: Path, field: str) -> bytes:
    try:
        if not path.is_file():  # a folder; or a pipe or a device, which might never end
            raise InvalidInput("file_unreadable", field, value=echo(str(path)))
        with path.open("rb") as file:
            return file.read(MAX_CONLLU_BYTES + 1)
    except (OSError, ValueError):  # ValueError: a NUL in the path
        raise InvalidInput("file_unreadable", field, value=echo(str(path))) from None


def _decode(data: bytes, field: str) -> tuple[str, bool]:
    """The text of a file, and whether it is only the beginning, up to the last end of a sentence that may be read."""
    if len(data) <= MAX_CONLLU_BYTES:
        return decode_text(data, field), False
    end = max(data.rfind(blank, 0, MAX_CONLLU_BYTES) for blank in (b"\n\n", b"\n\r\n"))
    if end < 0 or data.startswith(UTF_16):  # there a line end is two bytes, and "\n" may be half of a character
        raise InvalidInput("too_many_bytes", field, high=MAX_CONLLU_BYTES)
    return decode_text(data[: end + 1], field), True


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


class _Reader:
    """Collects sentences up to the bounds, and counts what is beyond them or cannot be read."""

    def __init__(self, field: str, truncated: bool) -> None:
        self.field, self.truncated = field, truncated
        self.sentences: list[TaggedSentence] = []
        self.forms: dict[str, Counter[str]] = defaultdict(Counter)  # how often each word has each tag
        self.tags: set[str] = set()
        self.looked_at = self.words = self.skipped = self.parted = self.beyond = 0
        self.full = False
        self.first_skipped: InvalidInput | None = None
        self.first_parted = 0

    def add(self, block: Sequence[tuple[int, str]]) -> None:
        """Read the sentence that `block` holds, if there is still room for it."""
        room = MAX_LINES - self.looked_at
        self.full = self.full or len(self.sentences) >= MAX_SENTENCES or (len(block) > room and bool(self.sentences))
        if self.full or len(block) > room:
            self.beyond += 1
        if self.full:
            return
        block = block[:room]
        self.looked_at += len(block)
        words = [word for number, line in block if (word := self._word(number, line))]
        if len(words) > MAX_TOKENS:
            self.first_parted = self.first_parted or block[0][0]
            self.parted += 1
        for start in range(0, len(words), MAX_TOKENS):
            self.sentences.append(TaggedSentence(*zip(*words[start : start + MAX_TOKENS], strict=True)))
        self.words += len(words)
        for form, tag in words:
            self.forms[form][tag] += 1
        self.tags |= {tag for _, tag in words}
        if len(self.tags) > MAX_TAGS:
            raise InvalidInput("conllu_tags", self.field, high=MAX_TAGS)

    def _word(self, number: int, line: str) -> tuple[str, str] | None:
        try:
            return _word(number, line, self.field)
        except InvalidInput as refusal:
            self.skipped += 1
            self.first_skipped = self.first_skipped or refusal
            if self.skipped >= GIVEN_UP:
                self._check_skipped()
            return None

    def _check_skipped(self) -> None:
        if self.first_skipped is not None and self.skipped > self.words:
            raise self.first_skipped

    def treebank(self) -> Treebank:
        """What was collected. Raises InvalidInput if it is not a treebank."""
        self._check_skipped()
        if not self.sentences:
            raise InvalidInput("conllu_empty", self.field)
        if placeholder := _placeholder(self.forms):
            raise InvalidInput("conllu_no_words", self.field, value=echo(placeholder))
        return Treebank(tuple(self.sentences), tuple(self._remarks()))

    def _remarks(self) -> Iterator[InvalidInput]:
        if self.first_skipped is not None:
            line = self.first_skipped.details["line"]
            yield InvalidInput("conllu_skipped", self.field, count=f"{self.skipped:,}", line=line)
        if self.parted:
            yield InvalidInput(
                "conllu_parted", self.field, count=f"{self.parted:,}", line=self.first_parted, high=MAX_TOKENS
            )
        taken = f"{len(self.sentences):,}"
        if self.truncated:
            yield InvalidInput("conllu_first_bytes", self.field, taken=taken, high=MAX_CONLLU_BYTES // 2**20)
        elif self.beyond:
            total = f"{len(self.sentences) + self.beyond:,}"
            yield InvalidInput("conllu_first_sentences", self.field, taken=taken, total=total)


def _word(number: int, line: str, field: str) -> tuple[str, str] | None:
    """The word and the tag of one line; None for a range or an empty node. Raises InvalidInput."""
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
    if tag in ("", ABSENT) or len(tag) > MAX_FORM:
        raise InvalidInput("conllu_no_tag", field, line=number)
    return sys.intern(form), sys.intern(tag)  # one copy of each in memory, however often it occurs


def _placeholder(forms: Mapping[str, Counter[str]]) -> str | None:
    """What stands in place of the words, where they were taken out; None where they are there.

    Published corpora hide words that may not be copied: as `_`, as another sign, or as many signs as letters. Such a
    sign is more frequent than any word, and has more tags than one.

    >>> _placeholder({"***": Counter(NOUN=20, VERB=9), "**": Counter(DET=4)}), _placeholder({"_": Counter(X=1)})
    ('*', '_')
    """
    signs: dict[str, Counter[str]] = defaultdict(Counter)
    for form, tags in forms.items():
        signs[form[0] if len(set(form)) == 1 else form].update(tags)
    total = sum(tags.total() for tags in signs.values())
    sign, tags = max(signs.items(), key=lambda item: item[1].total())
    if tags.total() <= PLACEHOLDER_SHARE * total:
        return None
    return sign if sign == ABSENT or (total >= FEWEST_WORDS and len(tags) > 1) else None
