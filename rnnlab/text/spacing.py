"""Decide where spaces stand between the words of a line, so that words become a text as people write it.

A token is a word or a sign. Where `TokenWriter` would set a space, or none, by rule and the text does otherwise, the
token says so with a sign in front:

    ␣   a space stands before it although the rule sets none      ␣–     in "a – b"
    ‿   no space stands before it although the rule sets one      ‿not   in "cannot"

`<eos>` is the end of a line. Between Chinese words, where a space separates phrases as punctuation does, it is a token
of its own: ␣. A word that begins with one of the signs, or is written `<eos>`, always has a sign in front, so it cannot
be confused with them.

The rules, by the kinds of the last character of one word and the first of the next: no space before a comma and other
closing punctuation, before 's and n't, after an opening bracket, beside a Chinese or Japanese character, between two
emoji; a hyphen or dash has spaces on both sides or on neither; a quotation mark opens after a space or an opening
sign, or where its direction says so, and otherwise closes.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rnnlab.text.writing_systems import HAN, KANA

SPACINGS = ("none", "written", "separated")  # of characters; of words by the rules; of words with spaces between all
END = "<eos>"  # the end of a line
SPACE, JOINED = "␣", "‿"

WORD, CLOSING, OPENING, DASH, UNSPACED, EMOJI, BLANK, DOUBLE, SINGLE = range(9)  # kinds of characters
DOUBLE_QUOTES, SINGLE_QUOTES = frozenset('"“”„‟«»＂'), frozenset("'‘’‚‛‹›")
CLOSES, OPENS = frozenset("”’»›"), frozenset("“‘«‹„‚‟‛")  # the direction of a quotation mark that has one
STANDS_OPEN = frozenset("¿¡@#")
LIKE_A_WORD = frozenset("&+*<=>|~^`•†‡§")
SUFFIX = re.compile(r"(?i:['’](?:s|m|d|ll|re|ve)|n['’]t)")  # of English words; `segmentation.py` cuts them off
WITHOUT_SPACES = re.compile(f"[{HAN}{KANA}\u3000-\u303f\uff00-\uff60]")  # with the punctuation of that width


@lru_cache(maxsize=65_536)
def _edges(word: str) -> tuple[int, int]:
    """Return the kinds of the first and of the last character of `word`."""
    if SUFFIX.fullmatch(word):
        return CLOSING, WORD
    return _kind(word[0]), _kind(word[-1])


def _kind(character: str) -> int:
    """Return the kind of `character`."""
    if character in DOUBLE_QUOTES:
        return DOUBLE
    if character in SINGLE_QUOTES:
        return SINGLE
    if WITHOUT_SPACES.match(character):
        return UNSPACED
    category = unicodedata.category(character)
    if category in ("Ps", "Pi", "Sc") or character in STANDS_OPEN:
        return OPENING
    if category == "Pd" or character in "/\\_":
        return DASH
    if category == "So":
        return EMOJI
    return CLOSING if category in ("Po", "Pe", "Pf") and character not in LIKE_A_WORD else WORD


class TokenWriter:
    """Write tokens one after the other as a text.

    spacing: one of SPACINGS, as a `Vocab` has it. With "none" the tokens are characters, which follow one another.

        >>> writer = TokenWriter("written")
        >>> "".join(map(writer.write, ['"', "I", "do", "n't", ",", '"', "he", "said", ".", "<eos>"]))
        '"I don\\'t," he said.\\n'
    """

    def __init__(self, spacing: str) -> None:
        self.spacing = spacing
        self._begin_line()

    def _begin_line(self) -> None:
        self._last: int | None = None  # the kind of the last character; None at the beginning of a line
        self._spaced = True  # whether a space stands before the last word
        self._open = {DOUBLE: False, SINGLE: False}  # whether a quotation mark of that kind is open in this line

    def write(self, token: str) -> str:
        """Return what `token` adds to the text: the space before it, if there is one, and itself."""
        if self.spacing == "none":
            return token
        if token == END:
            self._begin_line()
            return "\n"
        if token == SPACE:
            wanted = self._last not in (None, BLANK)
            self._last = self._last if self._last is None else BLANK
            return " " if wanted else ""
        word, space = self._read(token)
        self._add(word, space)
        return f" {word}" if space else word

    def tokens_of(self, word: str, space: bool) -> list[str]:
        """Return the tokens of the next word of a line, and go on behind it.

        space: whether a space stands before it in the text; never at the beginning of a line.
        """
        tokens = self.plan(word, space)
        if len(tokens) == 2:
            self.write(SPACE)
        self._add(word, space and len(tokens) == 1)
        return tokens

    def plan(self, word: str, space: bool) -> list[str]:
        """Return what `tokens_of` would return, without going on."""
        by_rule = self.rule(word)
        is_plain = word != END and word[0] not in (SPACE, JOINED)
        if space and not by_rule and self.spacing == "written" and UNSPACED in (self._last, _edges(word)[0]):
            return [SPACE, word if is_plain else JOINED + word]
        return [word] if space == by_rule and is_plain else [(SPACE if space else JOINED) + word]

    def rule(self, word: str) -> bool:
        """Return whether the rules set a space before `word`."""
        last = self._last
        if last is None or self.spacing == "separated":
            return last is not None
        kind = _edges(word)[0]
        if kind == CLOSING or last in (OPENING, BLANK) or UNSPACED in (last, kind):
            return False
        if kind in self._open:
            return not (self._closes(word[0], kind) or (last == DASH and not self._spaced))
        if kind == DASH or last == DASH:
            return last == DASH and self._spaced
        return not (kind == last == EMOJI)

    def _closes(self, mark: str, kind: int) -> bool:
        """Return whether a quotation mark closes, as far as is known before its place is."""
        return self._open[kind] or mark in CLOSES

    def _read(self, token: str) -> tuple[str, bool]:
        """Return the word of `token`, and whether a space stands before it."""
        if len(token) > 1 and token[0] in (SPACE, JOINED):
            return token[1:], token[0] == SPACE and self._last is not None
        return token, self.rule(token)

    def _add(self, word: str, space: bool) -> None:
        """Go on behind `word`."""
        kind, last = _edges(word)
        if kind in self._open and len(set(word)) == 1:
            at_opening = self._last in (None, OPENING, BLANK) or (self._last == DASH and not self._spaced)
            opens = space or (not self._open[kind] and (at_opening or word[0] in OPENS))
            if opens or self._open[kind]:
                self._open[kind] = opens
            last = OPENING if opens else WORD
        self._last, self._spaced = last, space or self._last is None
