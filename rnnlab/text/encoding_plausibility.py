"""Judge whether a decoded text looks like writing: decoding without an error is not enough.

Multibyte encodings decode nearly any bytes of one another and of Western text without an error. The result then
consists of rare characters: measured on texts in 25 languages, Chinese decoded as Chinese has over 90 % of its
characters in the frequent halves of GB 2312 and Big5, Western and Japanese text decoded as Chinese under 60 %. Japanese
without kana and Korean mixed with Chinese characters do not occur in songs and stories of today.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from itertools import pairwise

from rnnlab.text.writing_systems import HAN, HAN_CHARACTER, HANGUL_SYLLABLES, KANA_LETTERS

# Shares of the characters that each comment names.
MIN_FREQUENT_HAN = 0.85  # of the Han characters
MIN_COMMONEST = 0.03  # of the Han characters, those among the commonest hundred; a quarter is usual
MIN_HAN_FOR_COMMONEST = 20  # characters; a shorter text may contain none of the commonest hundred
MIN_KANA = 0.1  # of kana and Han
MAX_KANA_IN_CHINESE = 0.05
MAX_HALF_WIDTH = 0.2  # of kana, those of half width
MAX_HANJA = 0.05  # of Han and Hangul, those that are Han
MIN_FREQUENT_HANGUL = 0.95  # of the syllables, those in KS X 1001
MAX_GLUED = 0.5  # of the East Asian characters, those beside a Latin letter
MAX_ODD = 0.01  # of the non-ASCII characters, those in an impossible place

WHITE_SPACE = "\t\n\v\f\r\x1a"  # with the end-of-file mark of DOS
KANA_LETTER = re.compile(f"[{KANA_LETTERS}]")
EAST_ASIAN_RANGE = f"[{KANA_LETTERS}{HAN}{HANGUL_SYLLABLES}]"
EAST_ASIAN_CHARACTER = re.compile(EAST_ASIAN_RANGE)
HALF_WIDTH = re.compile(r"[\uff66-\uff9d]")
HANGUL = re.compile(rf"[{HANGUL_SYLLABLES}\u3131-\u318e]")
NOT_ASCII = re.compile(r"[^\x00-\x7f]")
GLUED = re.compile(rf"(?<=[A-Za-z]){EAST_ASIAN_RANGE}|{EAST_ASIAN_RANGE}(?=[A-Za-z])")
WORD = re.compile(r"[^\W\d_]+")
# In a word, a sign that is not a letter, mark, hyphen, apostrophe or middle dot comes from a wrong code page.
MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u065f\u0670\u0e31-\u0e4e"
SIGN_IN_WORD = re.compile(
    rf"(?<=[^\W\d_])(?:[^\w\s\x00-\x7f’‘‐-―·…\u00ad{MARKS}]|[ªº])(?=[^\W\d_])|(?<=[^\W\d_])[─-▟]|[─-▟](?=[^\W\d_])"
)
OF_ISO_8859_15 = re.compile(r"¤|[¼½¾¨´¸¦](?=[^\W\d_])")  # its € and its letters, decoded as Windows-1252
RUSSIAN, SERBIAN = re.compile("[ыэщъ]"), re.compile("[ЂЃЅЉЊЋЏђѓѕљњћџ]")  # no language uses letters of both
COMMONEST = frozenset(
    "的一是不了人我在有他这這中大来來上个個国國到说說们們为為子和你地出道也时時年得就那要下以生会會自着著去之过過"
    "家学學对對可她里裡后後小么麼心多天而能好都然没沒日于於起还還发發成事只作当當想看文无無开開手十用主行方又如前"
    "所本见見经經头頭面公同三已老从從动動两兩长長风風爱愛春夜雨"
)
SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "HEBREW", "ARABIC", "THAI")

EAST_ASIAN = ("gb18030", "big5hkscs", "cp950", "cp932", "euc_jp", "euc_jis_2004", "cp949", "euc_kr")


def plausible(text: str, encoding: str) -> bool:
    """Return whether `text`, decoded with the codec `encoding`, looks like one of its languages."""
    if any(unicodedata.category(c) in ("Cc", "Co", "Cn") and c not in WHITE_SPACE for c in set(text)):
        return False
    if encoding not in EAST_ASIAN:
        return _is_alphabetic(text)
    return _JUDGES[encoding](text) and len(GLUED.findall(text)) <= MAX_GLUED * len(EAST_ASIAN_CHARACTER.findall(text))


def _is_chinese(text: str) -> bool:
    """Return whether nearly all characters are frequent Han, with little kana and no Hangul."""
    han = HAN_CHARACTER.findall(text)
    kana = len(KANA_LETTER.findall(text))
    frequent = sum(map(frequent_han().__contains__, han))
    return (
        bool(han)
        and frequent >= MIN_FREQUENT_HAN * len(han)
        and kana <= MAX_KANA_IN_CHINESE * len(han)
        and not HANGUL.search(text)
        and (len(han) < MIN_HAN_FOR_COMMONEST or sum(map(COMMONEST.__contains__, han)) >= MIN_COMMONEST * len(han))
    )


def _is_japanese(text: str) -> bool:
    """Return whether enough of the characters are kana, most of them of full width."""
    kana, half, han = (len(kind.findall(text)) for kind in (KANA_LETTER, HALF_WIDTH, HAN_CHARACTER))
    return bool(kana) and kana >= MIN_KANA * (kana + han) and half <= MAX_HALF_WIDTH * kana


def _is_shift_jis(text: str) -> bool:
    """Return whether it is Japanese, or frequent kanji alone, which no other encoding decodes."""
    han = HAN_CHARACTER.findall(text)
    return _is_japanese(text) or (bool(han) and not KANA_LETTER.search(text) and frequent_kanji().issuperset(han))


def _is_korean(text: str) -> bool:
    """Return whether nearly all characters are frequent Hangul syllables."""
    hangul, han = HANGUL.findall(text), len(HAN_CHARACTER.findall(text))
    frequent = sum(map(frequent_hangul().__contains__, hangul))
    return bool(hangul) and frequent >= MIN_FREQUENT_HANGUL * len(hangul) and han <= MAX_HANJA * (han + len(hangul))


def _is_alphabetic(text: str) -> bool:
    """Return whether words are in one script, with capitals only at their beginning and no signs inside."""
    return odd_signs(text) <= MAX_ODD * len(NOT_ASCII.findall(text))


def odd_signs(text: str) -> int:
    """Count characters in impossible places: signs and late capitals in words, and words in mixed scripts.

    >>> odd_signs("über, Ça va, naïve"), odd_signs("erh÷ll, groÚ, привеt")
    (0, 3)
    """
    odd = len(SIGN_IN_WORD.findall(text))
    odd += len(OF_ISO_8859_15.findall(text))
    if RUSSIAN.search(text):
        odd += len(SERBIAN.findall(text))
    for word in WORD.findall(text):
        if not word.isascii():
            odd += _is_mixed(word) + _has_late_capital(word)
    return odd


def _is_mixed(word: str) -> bool:
    """Return whether `word` has letters of more than one script."""
    return len({_script(c) for c in word if c.isalpha()}) > 1


@cache
def _script(character: str) -> str:
    name = unicodedata.name(character, "")
    return next((script for script in SCRIPTS if name.startswith(script)), "")


def _has_late_capital(word: str) -> bool:
    """Return whether a capital outside ASCII follows a small letter."""
    return any(b.isupper() and not b.isascii() and a.islower() for a, b in pairwise(word))


@cache
def frequent_hangul() -> frozenset[str]:
    """Return the syllables of KS X 1001 and the single letters; the other syllables hardly occur."""
    cells = b"".join(bytes((lead, trail)) for lead in (0xA4, *range(0xB0, 0xC9)) for trail in range(0xA1, 0xFF))
    return frozenset(HANGUL.findall(cells.decode("euc_kr", "ignore")))


@cache
def frequent_kanji() -> frozenset[str]:
    """Return the kanji of level 1 of JIS X 0208."""
    cells = (bytes((lead, trail)) for lead in range(0xB0, 0xD0) for trail in range(0xA1, 0xFF))
    return frozenset(b"".join(cells).decode("euc_jp", "ignore"))


@cache
def frequent_han() -> frozenset[str]:
    """Return the frequent characters of both Chinese scripts: level 1 of GB 2312 and of Big5."""
    simplified = (bytes((lead, trail)) for lead in range(0xB0, 0xD8) for trail in range(0xA1, 0xFF))
    trails = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    traditional = (bytes((lead, trail)) for lead in range(0xA4, 0xC7) for trail in trails)
    both = b"".join(simplified).decode("gb2312", "ignore") + b"".join(traditional).decode("cp950", "ignore")
    return frozenset(HAN_CHARACTER.findall(both))


_JUDGES: dict[str, Callable[[str], bool]] = {
    "gb18030": _is_chinese,
    "big5hkscs": _is_chinese,
    "cp950": _is_chinese,
    "cp932": _is_shift_jis,
    "euc_jp": _is_japanese,
    "euc_jis_2004": _is_japanese,
    "cp949": _is_korean,
    "euc_kr": _is_korean,
}
