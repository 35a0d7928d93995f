"""Cut a text into words and signs for a language model, and write them as the text again.

    >>> tokens = tokenize_words('"I don\\'t know," she said.\\n你好，世界！')
    >>> tokens
    ['"', 'I', 'do', "n't", 'know', ',', '"', 'she', 'said', '.', '<eos>', '你好', '，', '世界', '！', '<eos>']
    >>> detokenize(tokens) == '"I don\\'t know," she said.\\n你好，世界！\\n'
    True

Words are cut as a sentence's are for a tagger (`segmentation.py`); `spacing.py` explains the signs ␣ and ‿ at a
token's beginning. A run of blank characters is read as one space, blank characters at the ends of a line are dropped,
and the last line gets an end; apart from that, `detokenize` returns the text (`normalized`). Thai and other scripts
without spaces and without a dictionary here stay uncut between spaces.

A text whose words and signs its writer has separated by spaces, as language modelling's usual corpora are (WikiText,
Penn Treebank), is cut at spaces alone, so that each line has the tokens `line.split() + ["<eos>"]` and the perplexity
compares with other programs'. `<unk>` in a text is the vocabulary's `<unk>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rnnlab.text.segmentation import SPACED_HAN, segment
from rnnlab.text.spacing import END, TokenWriter
from rnnlab.text.vocab import UNKNOWN
from rnnlab.text.writing_systems import HAN

# Line ends other than "\n": Windows, old Macs, mainframes (NEL), and Unicode's line and paragraph separators.
OTHER_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
UNKNOWN_WORD = re.compile(f"({re.escape(UNKNOWN)})")

# A comma before a blank, or a full stop at the end of a line: elsewhere it may belong to an abbreviation.
PAUSE = re.compile(r"[,，、](?!\S)|(?<!\.)[.。](?=[^\S\n]*(?:\n|\Z))")
SPACED_PAUSE = re.compile(r"(?<!\S)[,，、](?!\S)|(?<!\S)[.。](?=[^\S\n]*(?:\n|\Z))")
UNKNOWN_PIECE = re.compile(rf"(?<!\S){re.escape(UNKNOWN)}(?!\S)")
HAN_PIECE = re.compile(rf"(?<!\S)[{HAN}]+(?!\S)")
SEPARATED_SHARE = 0.8  # of the commas and full stops, which have a space before them in a separated text
MAX_MEAN_WORD = 2.2  # Chinese characters: separated words have 1.6 on average, the phrases of songs 4 and more


def tokenize_words(text: str, spacing: str | None = None) -> list[str]:
    """Cut `text` into words, signs and `<eos>`.

    spacing: "written", "separated", or None to find out which (`spacing_of`).
    """
    spacing = spacing_of(text) if spacing is None else spacing
    writer, cut, tokens = TokenWriter(spacing), WordCutter(spacing), []
    for line in lines_of(text):
        for word, space in cut.line(line):
            tokens += writer.tokens_of(word, space)
        writer.write(END)
        tokens.append(END)
    return tokens


def detokenize(tokens: Iterable[str], spacing: str = "written") -> str:
    """Write `tokens` as a text."""
    return "".join(map(TokenWriter(spacing).write, tokens))


def normalized(text: str) -> str:
    r"""Return `text` as far as words keep it: one space for each run of blanks, and `\n` at the end of each line.

    >>> normalized(" to  be\tor \r\nnot")
    'to be or\nnot\n'
    """
    return "".join(" ".join(line.split()) + "\n" for line in lines_of(text))


def lines_of(text: str) -> list[str]:
    """Return the lines of `text`, whatever ends them; an end at its end begins no further line."""
    lines = OTHER_LINE_ENDS.sub("\n", text).split("\n")
    return lines if lines[-1] else lines[:-1]


def spacing_of(text: str) -> str:
    """Return "separated" if the writer of `text` has separated words and signs by spaces, else "written".

    >>> spacing_of("no , it was n't ."), spacing_of("No, it wasn't."), spacing_of("今天 天气 很 好")
    ('separated', 'written', 'separated')
    """
    pauses = len(PAUSE.findall(text))
    if pauses:
        return "separated" if len(SPACED_PAUSE.findall(text)) >= SEPARATED_SHARE * pauses else "written"
    if UNKNOWN_PIECE.search(text):
        return "separated"
    pieces = HAN_PIECE.findall(text) if SPACED_HAN.search(text) else []
    return "separated" if pieces and sum(map(len, pieces)) <= MAX_MEAN_WORD * len(pieces) else "written"


class WordCutter:
    """Cuts lines into words; remembers how it cut each piece between spaces."""

    def __init__(self, spacing: str) -> None:
        self.spacing = spacing
        self._cut: dict[str, tuple[str, ...]] = {}

    def line(self, line: str) -> Iterator[tuple[str, bool]]:
        """Yield each word of `line`, and whether a space stands before it."""
        for number, piece in enumerate(line.split()):
            words = (piece,) if self.spacing == "separated" else self.piece(piece)
            for place, word in enumerate(words):
                yield word, place == 0 and number > 0

    def piece(self, piece: str) -> tuple[str, ...]:
        """Return the words of a piece without spaces."""
        words = self._cut.get(piece)
        if words is None:
            parts = filter(None, UNKNOWN_WORD.split(piece))
            words = tuple(word for part in parts for word in ((part,) if part == UNKNOWN else segment(part)))
            self._cut[piece] = words
        return words
