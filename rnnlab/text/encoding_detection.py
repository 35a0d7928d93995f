"""Recognise the encoding of a text that is not UTF-8: chardet ranks, `plausible` checks the text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import chardet

from rnnlab.text.encoding_plausibility import (
    EAST_ASIAN,
    EAST_ASIAN_CHARACTER,
    KANA_LETTER,
    NOT_ASCII,
    odd_signs,
    plausible,
)

MAX_EXAMINED = 50_000  # bytes, and characters, at the beginning; the whole text must be decoded without an error
MIN_MARGIN = 1.26  # ratio of chardet's confidence in the first reading to that in another one
MIN_CONFIDENCE = 0.1  # below this chardet has guessed
MIN_EAST_ASIAN = 4  # characters from which on the only plausible reading is taken at any confidence
MIN_IN_PLACE_SHARE = 0.9  # of the typographic signs
OLD_PAGE_WEIGHT = 0.8  # factor for the pages of DOS and of the old Macintosh, which are rare today

# The encodings that are tried, by the names of Python's codecs. The DOS and Macintosh pages of small languages are left
# out: they decode other text without an error, and files in them are very rare.
WESTERN = ("cp1252", "iso8859-1", "iso8859-15", "mac-roman", "cp850", "cp437")
OTHERS = (
    "cp1250", "iso8859-2", "cp852", "mac-latin2", "cp1257", "iso8859-13", "iso8859-4", "iso8859-3", "iso8859-16",
    "cp1254", "iso8859-9", "cp1251", "koi8-r", "koi8-u", "iso8859-5", "cp866", "cp855", "mac-cyrillic",
    "cp1253", "iso8859-7", "mac-greek", "cp1255", "iso8859-8", "cp1256", "iso8859-6", "cp874", "tis-620", "cp1258",
)  # fmt: skip
MULTIBYTE = ("gb18030", "big5hkscs", "cp932", "euc_jis_2004", "cp949", "euc_kr")
OLD_PAGES = frozenset(
    ("mac-roman", "cp850", "cp437", "cp852", "mac-latin2", "cp866", "cp855", "mac-cyrillic", "mac-greek")
)
CONSIDERED = (*MULTIBYTE, *WESTERN, *OTHERS)
# The codecs for an encoding that chardet names: a superset first, which decodes more texts correctly.
DECODERS = {
    "big5hkscs": ("cp950", "big5hkscs"),
    "euc_kr": ("cp949",),
    "euc_jis_2004": ("euc_jp", "euc_jis_2004"),
    "iso8859-1": ("cp1252",),
    "tis-620": ("cp874",),
    "iso8859-9": ("cp1254",),
}
# Two encodings of the same languages that differ in a few letters; chardet distinguishes them by letter frequency.
_PAIRS = (("cp1250", "iso8859-2"), ("cp1252", "iso8859-15"), ("cp1253", "iso8859-7"))
SIBLINGS = {name: frozenset(pair) for pair in _PAIRS for name in pair}
CHINESE = ("gb18030", "big5hkscs", "cp950")
TWO_BYTES = re.compile(rb"[\x81-\xfe][\x40-\xfe]")
MIN_TWO_BYTE_CHARACTERS = 8  # different ones, for a judgement on their lead bytes
MAX_ONE_LEAD_SHARE = 0.7  # of the two-byte characters of a Chinese text, those with the same lead byte
# Curly quotation marks, dashes and dots of Windows: the same bytes in all of its pages, and often the only bytes beyond
# ASCII of an English text.
TYPOGRAPHIC = re.compile(rb"[\x00-\x7f\x85\x91-\x97\xa9\xab\xae\xb0\xb7\xbb]*")
IN_PLACE = re.compile(
    r"(?<=[A-Za-z])’(?=(?:t|s|re|ll|ve|m|d|em|er|ry|n|all|clock|know|am)\b)"  # don’t, o’er
    r"|(?<=\b[dljmntscDLJMNTSCO])’(?=[A-Za-z])|(?<=\b[Qq]u)’(?=[A-Za-z])"  # l’amour, O’Neil
    r"|(?<![^\s(“‘—–])[‘’](?=[A-Za-z])|(?<![^\s(‘—–])“(?=[\w’‘…])|(?<=[ns.,!?…])’(?![A-Za-z])|(?<=[\w.,!?…])”(?!\w)"
    r"|(?<=[\w.,!?])…(?!\w)|(?<=\s)[–—](?=\s)",
)


@dataclass(frozen=True)
class Reading:
    """A text decoded from one encoding, and chardet's confidence in that encoding."""

    text: str
    encoding: str
    confidence: float


def detect(data: bytes) -> Reading | None:
    """Decode `data`, which is not UTF-8; return None when no plausible encoding stands out."""
    if TYPOGRAPHIC.fullmatch(data):
        return _typographic(data)
    close: list[Reading] = []
    for reading in _readings(data):
        if close and reading.confidence * MIN_MARGIN < close[0].confidence:
            break
        if reading.text not in (other.text for other in close):
            close.append(reading)
    if not close:
        return None
    odd = [odd_signs(reading.text[:MAX_EXAMINED]) for reading in close]
    cleanest = [reading for reading, count in zip(close, odd, strict=True) if count == min(odd)]
    best = cleanest[0]
    if not {reading.encoding for reading in cleanest} <= SIBLINGS.get(best.encoding, {best.encoding}):
        return None  # several readings are about equally good
    sure = best.confidence >= MIN_CONFIDENCE
    return best if sure or len(EAST_ASIAN_CHARACTER.findall(best.text)) >= MIN_EAST_ASIAN else None


def _typographic(data: bytes) -> Reading | None:
    """Decode ASCII with typographic signs of Windows; return None if the signs are in impossible places."""
    text = data.decode("cp1252")
    signs, in_place = len(NOT_ASCII.findall(text)), len(IN_PLACE.findall(text))
    return Reading(text, "cp1252", 1.0) if in_place >= MIN_IN_PLACE_SHARE * signs else None


def _readings(data: bytes) -> Iterator[Reading]:
    """Yield the plausible readings, the most likely first."""
    results = chardet.detect_all(
        data[:MAX_EXAMINED], ignore_threshold=True, compat_names=False, include_encodings=CONSIDERED
    )
    ranked = dict.fromkeys(EAST_ASIAN, 0.0)  # chardet may leave out the right encoding of a short text
    for result in results:
        if (name := result["encoding"]) is not None:
            ranked[name] = result["confidence"] * (OLD_PAGE_WEIGHT if name in OLD_PAGES else 1)
    for name, confidence in sorted(ranked.items(), key=lambda item: -item[1]):
        if confidence < MIN_CONFIDENCE and name not in EAST_ASIAN:
            continue
        decoded = [Reading(text, encoding, confidence) for encoding, text in _decoded(data, name)]
        # The two codecs of Big5 differ in the places of kana, of which a Chinese text has few.
        yield from sorted(decoded, key=lambda reading: _kana(reading.text) if name == "big5hkscs" else 0)[:1]


def _kana(text: str) -> int:
    return len(KANA_LETTER.findall(text))


def _decoded(data: bytes, name: str) -> Iterator[tuple[str, str]]:
    """Yield (codec, text) for each codec of the encoding `name` that gives a plausible text."""
    for encoding in DECODERS.get(name, (name,)):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if plausible(text[:MAX_EXAMINED], encoding) and not (name in CHINESE and _has_one_lead(data[:MAX_EXAMINED])):
            yield encoding, text


def _has_one_lead(data: bytes) -> bool:
    """Return whether nearly all two-byte characters begin with the same byte: an alphabet, not Chinese."""
    characters = Counter(TWO_BYTES.findall(data))
    leads = Counter[bytes]()
    for character, count in characters.items():
        leads[character[:1]] += count
    return len(characters) >= MIN_TWO_BYTE_CHARACTERS and max(leads.values()) >= MAX_ONE_LEAD_SHARE * leads.total()
