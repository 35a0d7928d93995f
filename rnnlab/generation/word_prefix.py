"""Find the words of a typed prefix in the vocabulary of a model of words."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlab.text import END, TokenWriter, Vocab, spellings
from rnnlab.text.longest_match import cut_by_words
from rnnlab.text.segmentation import LONE_SURROGATE
from rnnlab.text.spacing import JOINED, SPACE
from rnnlab.text.words import OTHER_LINE_ENDS, WordCutter
from rnnlab.text.writing_systems import is_chinese

Fitted = tuple[str, tuple[tuple[str, str], ...], tuple[str, ...], tuple[str, ...]]


def fit_words(prefix: str, vocab: Vocab) -> Fitted:
    r"""Return text, replacements, missing words and tokens of `prefix`, as a FittedPrefix has them.

    A word is cut from the prefix as from a text; a Chinese one that the vocabulary lacks is cut into those it has. It
    may be known in another spelling, or with another spacing, which is then used.

        >>> fit_words("Don’t stop,\nnow", Vocab(["Do", "n't", ",", "now"], reserved_tokens=[END], spacing="written"))
        ("Don't,\nnow", (('n’t', "n't"),), ('stop',), ('Do', "n't", ',', '<eos>', 'now'))
    """
    writer, cutter = TokenWriter(vocab.spacing), WordCutter("written")
    text, replaced, missing, tokens = "", [], [], []
    for number, line in enumerate(OTHER_LINE_ENDS.sub("\n", LONE_SURROGATE.sub("", prefix)).split("\n")):
        if number and END in vocab:
            tokens.append(END)
            text += writer.write(END)
        for typed, space in _words(line, vocab, cutter):
            found = _known(typed, space, vocab, writer)
            if found is None:
                missing.append(typed)
                continue
            known, chosen = found
            tokens += chosen
            text += "".join(map(writer.write, chosen))
            if known != typed:
                replaced.append((typed, known))
    return text, tuple(dict.fromkeys(replaced)), tuple(dict.fromkeys(missing)), tuple(tokens)


def _words(line: str, vocab: Vocab, cutter: WordCutter) -> Iterator[tuple[str, bool]]:
    """Yield the words of `line` and whether a space stands before each."""
    for number, piece in enumerate(line.split()):
        whole = vocab.spacing == "separated" and piece in vocab
        words = (piece,) if whole else cutter.piece(piece)
        parts = [part for word in words for part in _parts(word, vocab)]
        for place, part in enumerate(parts):
            yield part, place == 0 and number > 0


def _parts(word: str, vocab: Vocab) -> list[str]:
    """Return `word`, or for a Chinese one that the vocabulary lacks the known words that it consists of."""
    return cut_by_words(word, vocab) if is_chinese(word) and word not in vocab else [word]


def _known(typed: str, space: bool, vocab: Vocab, writer: TokenWriter) -> tuple[str, list[str]] | None:
    """Return the word as the vocabulary spells it, and its tokens with the nearest spacing; None if unknown."""
    for form in spellings(typed):
        for tokens in (writer.plan(form, space), writer.plan(form, writer.rule(form)), [JOINED + form], [SPACE + form]):
            if all(token in vocab for token in tokens):
                return form, tokens
    return None
