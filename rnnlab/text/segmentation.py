"""Segment a sentence into words, by the rules of Universal Dependencies.

    >>> segment("I don't know Dr. Lee's number.")
    ('I', 'do', "n't", 'know', 'Dr.', 'Lee', "'s", 'number', '.')
    >>> segment("今天 天气 怎么样 ?")
    ('今天', '天气', '怎么样', '?')

Chinese is written without spaces, so the ends of its words depend on a dictionary (rjieba, the algorithm of jieba) and
on convention: jieba joins 一个, the tagged sentences write 一 and 个. Hence `segment` takes a tagger's vocabulary. A
piece that is not in it is split after its number if it counts or dates something (三个, 五月, but not 三明治), or
after one of the tagger's most frequent words if the rest consists of known words. On sentences outside the tagger's
training set, the agreement on words (F1) is .89 without a vocabulary and .92 with one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rnnlab.text.longest_match import cut_by_words
from rnnlab.text.tagged_sentences import lexicon_key
from rnnlab.text.unicode_forms import spellings
from rnnlab.text.vocab import Vocab
from rnnlab.text.word_list import BREAKS
from rnnlab.text.writing_systems import HAN, HAN_CHARACTER, KANA, SOUTHEAST_ASIAN

KANA_CHARACTER = re.compile(f"[{KANA}]")
UNSPACED = re.compile(f"[{HAN}{KANA}{SOUTHEAST_ASIAN}]")
SPACED_HAN = re.compile(rf"[{HAN}{KANA}][^\S\n]+[{HAN}{KANA}]")  # in a line of separated words
NO_BREAK = re.compile("[\u00a0\u2007\u202f]")  # spaces inside a line that does not break there
GROUPED_DIGITS = re.compile(rf"\d+(?:{NO_BREAK.pattern}\d+)+")
NUMBER = re.compile(r"[0-9]+(?:[.,:][0-9]+)*|[零〇一二两三四五六七八九十百千万亿]+")
# Parts of speech in rjieba's dictionary.
COUNTS = {"m", "mq", "t"}  # numerals, numerals with a measure word, times
NAMES = {"nr", "ns", "nt", "nz"}  # of people, places, institutions, and others
# The dictionary calls these numerals, but they count nothing: they are adverbs and pronouns.
NOT_COUNTED = {"一下", "一下子", "一些", "一会儿", "一点", "一点儿", "一起", "十分", "四周", "四处", "零下"}
FREQUENT_WORDS = 100  # the first words of a tagger's vocabulary: short ones such as 这, 不, 很, 了
MAX_SPLIT_LENGTH = 20  # characters; a longer piece is not a Chinese word
MARKS = ("Mn", "Mc", "Me", "Cf")  # Unicode's categories of marks and of invisible signs such as joiners
LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # half of a character, for which rjieba raises

ENGLISH_WORD = re.compile(
    r"""
      (?i:https?://|www\.)\S+                                        # addresses
    | [\w.+-]+@\w[\w-]*(?:\.[\w-]+)+
    | (?:[^\W\d_]\.){2,}                                            # U.S., p.m.
    | (?i:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Inc|Ltd|Co|Corp|vs|etc)\.
    | \d+(?:[.,:/-]\d+)*(?![\d_])                                   # 3.5, 6:45, 555-0134
    | (?i:can(?=not\b))
    | \w+?(?=(?i:n['’]t\b)) | (?i:n['’]t\b)                         # do|n't
    | \w+(?=['’](?i:s|m|d|ll|re|ve)\b) | ['’](?i:s|m|d|ll|re|ve)\b  # she|'ll
    | [eE]-\w+ | \w+(?:['’]\w+)*                                    # e-mail, o'clock
    | [:;]-?[()DdPp](?!\w)                                          # :)
    | [\U0001f1e6-\U0001f1ff]{2}                                    # a flag
    | ([^\w\s])\1*(?:[\ue000\U0001f3fb-\U0001f3ff]+(?:(?<=\ue000)[^\w\s])?)*  # one sign, or the same again: ... !!!
    """,
    re.VERBOSE,
)
LETTER_MARK, SIGN_MARK = "_", "\ue000"  # replace the marks and joiners of letters and of signs for ENGLISH_WORD


def segment(text: str, words: Vocab | None = None, spaces_decide: bool = False) -> tuple[str, ...]:
    """Cut `text` into words, which joined together are the text without spaces and lone surrogates.

    words: a tagger's vocabulary; a piece between spaces that is in it, in any spelling, is never cut.
    spaces_decide: for a tagger trained on other sentences than the shipped ones, whose conventions may differ: in a
    line with spaces, each piece between spaces is a word, or several together that are in `words` as one ("học sinh").

    Spaces always end a word. In a line with a space between two Chinese characters the writer has separated the words,
    so its pieces are taken as they are. rjieba cuts other pieces with Chinese characters, as explained above, and a
    pattern cuts the rest as English.
    """
    tokens: list[str] = []
    for line in LONE_SURROGATE.sub("", text).split("\n"):
        pieces = line.split()
        if spaces_decide and words is not None:
            tokens += _cut_at_spaces(line, words)
        elif SPACED_HAN.search(line):
            tokens += pieces
        else:
            for piece in pieces:
                tokens += _cut(piece, words)
    return tuple(tokens)


def is_known(form: str, words: Vocab) -> bool:
    """Return whether `form`, in one of its spellings, is in a tagger's vocabulary."""
    return any(other in words or other.lower() in words for other in spellings(lexicon_key(form)))


def _cut(piece: str, words: Vocab | None) -> list[str]:
    """Cut a piece without spaces into words, unless it is a known word."""
    if words is not None and is_known(piece, words):
        return [piece]
    return _cut_chinese(piece, words) if HAN_CHARACTER.search(piece) else _cut_english(piece)


def _cut_at_spaces(line: str, words: Vocab) -> list[str]:
    """Cut `line` at spaces and join pieces that together are a known word; without spaces, cut by script."""
    pieces = [part for piece in BREAKS.split(line) if piece for part in _part_at_no_break(piece, words)]
    if len(pieces) > 1:
        return _join_known(pieces, words)
    return [token for piece in pieces for token in _cut_unspaced(piece, words)]


def _part_at_no_break(piece: str, words: Vocab) -> list[str]:
    """Split `piece` at no-break spaces, unless they are inside a known word or a number, as in 10 000."""
    if not NO_BREAK.search(piece) or GROUPED_DIGITS.fullmatch(piece) or is_known(piece, words):
        return [piece]
    return piece.split()


def _join_known(pieces: Sequence[str], words: Vocab) -> list[str]:
    """Join the longest runs of `pieces` that are known words with spaces; `_` can be such a space."""
    spaced = {_folded(token) for token in words.tokens if " " in token}
    longest = max((token.count(" ") + 1 for token in spaced), default=1)
    folded = [_folded(piece) for piece in pieces]
    tokens: list[str] = []
    start = 0
    while start < len(pieces):
        stops = range(min(len(pieces), start + longest), start + 1, -1)
        end = next((end for end in stops if " ".join(folded[start:end]) in spaced), start + 1)
        token = " ".join(pieces[start:end])
        tokens.append(token.replace("_", " ") if _folded(token.replace("_", " ")) in spaced else token)
        start = end
    return tokens


def _folded(form: str) -> str:
    """Return the lower-case, composed form, by which words are compared."""
    return unicodedata.normalize("NFC", form.lower())


def _cut_unspaced(piece: str, words: Vocab) -> list[str]:
    """Cut a line without spaces if its script is written without them; otherwise return it whole."""
    if is_known(piece, words) or not UNSPACED.search(piece):
        return [piece]
    if HAN_CHARACTER.search(piece) and not KANA_CHARACTER.search(piece):
        return _cut_chinese(piece, words)
    return cut_by_words(piece, words)


def _cut_english(piece: str) -> list[str]:
    """Cut a piece without spaces by ENGLISH_WORD."""
    outline = piece if piece.isascii() else _outline(piece)
    return [piece[found.start() : found.end()] for found in ENGLISH_WORD.finditer(outline)]


def _outline(piece: str) -> str:
    """Replace each mark and joiner, which `\\w` does not match, by a stand-in of its letter or sign.

    >>> _outline("कि") == "क_", _outline("👩\\u200d👧") == "👩\\ue000👧"
    (True, True)
    """
    outline: list[str] = []
    letter = True
    for character in piece:
        if unicodedata.category(character) in MARKS:
            outline.append(LETTER_MARK if letter else SIGN_MARK)
        else:
            letter = character.isalnum() or character == "_"
            outline.append(character)
    return "".join(outline)


def _cut_chinese(piece: str, words: Vocab | None) -> list[str]:
    """Cut a piece with Chinese characters by rjieba's dictionary, and split its words further by `words`."""
    import rjieba  # here, because loading its dictionary takes 0.1 s, and few sentences need it

    frequent: frozenset[str] = frozenset(words.tokens[: FREQUENT_WORDS + 1]) if words else frozenset()
    return [part for token in rjieba.cut(piece) for part in _split(token, words, frequent)]


def _split(token: str, words: Vocab | None, frequent: frozenset[str]) -> list[str]:
    """Return `token`, or its parts if they are known words and `token` is not."""
    if not 2 <= len(token) <= MAX_SPLIT_LENGTH or (words is not None and token in words):
        return [token]
    number = NUMBER.match(token)
    if number and number.end() < len(token):
        kinds = _kinds(token)
        if kinds <= COUNTS and token not in NOT_COUNTED:
            return [number.group(), *_split(token[number.end() :], words, frequent)]
        if kinds <= NAMES or token in NOT_COUNTED:
            return [token]
    for end in range(len(token) - 1, 0, -1):  # the longest beginning first
        if words is not None and token[:end] in frequent:
            rest = _split(token[end:], words, frequent)
            if all(part in words for part in rest):
                return [token[:end], *rest]
    return [token]


def _kinds(token: str) -> set[str]:
    """Return the parts of speech in rjieba's dictionary of the words in `token`."""
    import rjieba

    return {kind for _, kind in rjieba.tag(token)}
