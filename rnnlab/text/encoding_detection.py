"""Recognise a text that is not UTF-8: chardet ranks the encodings, and what it proposes must look like writing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import chardet

from rnnlab.text.encoding_plausibility import EAST_ASIAN, EAST_ASIAN_CHARACTER, KANA, NOT_ASCII, odd_signs, plausible

EXAMINED = 50_000  # bytes, and characters, at the beginning that are judged; all must be decoded without an error
MIN_MARGIN = 1.26  # how much more confident chardet must be of the first reading than of another one
MIN_CONFIDENCE = 0.1  # below this chardet has guessed
MIN_EAST_ASIAN = 4  # characters from which on the only plausible reading is taken although chardet was not sure
MIN_IN_PLACE = 0.9  # share of the typographic signs
RARE = 0.8  # how probable the pages of DOS and of the old Macintosh are today, beside the others

# What is considered, as Python's codecs call it. The DOS and Macintosh pages of small languages are left out: they
# read other text without an error and are hardly met with.
WESTERN = ("cp1252", "iso8859-1", "iso8859-15", "mac-roman", "cp850", "cp437")
OTHERS = (
    "cp1250", "iso8859-2", "cp852", "mac-latin2", "cp1257", "iso8859-13", "iso8859-4", "iso8859-3", "iso8859-16",
    "cp1254", "iso8859-9", "cp1251", "koi8-r", "koi8-u", "iso8859-5", "cp866", "cp855", "mac-cyrillic",
    "cp1253", "iso8859-7", "mac-greek", "cp1255", "iso8859-8", "cp1256", "iso8859-6", "cp874", "tis-620", "cp1258",
)  # fmt: skip
MULTIBYTE = ("gb18030", "big5hkscs", "cp932", "euc_jis_2004", "cp949", "euc_kr")
OLD = frozenset(("mac-roman", "cp850", "cp437", "cp852", "mac-latin2", "cp866", "cp855", "mac-cyrillic", "mac-greek"))
CONSIDERED = (*MULTIBYTE, *WESTERN, *OTHERS)
# What to decode with in place of what chardet names: a superset first, by which more texts come out right.
DECODERS = {
    "big5hkscs": ("cp950", "big5hkscs"),
    "euc_kr": ("cp949",),
    "euc_jis_2004": ("euc_jp", "euc_jis_2004"),
    "iso8859-1": ("cp1252",),
    "tis-620": ("cp874",),
    "iso8859-9": ("cp1254",),
}
# Two encodings of the same languages that differ in a few letters, which chardet tells by their frequency.
_PAIRS = (("cp1250", "iso8859-2"), ("cp1252", "iso8859-15"), ("cp1253", "iso8859-7"))
SIBLINGS = {name: frozenset(pair) for pair in _PAIRS for name in pair}
CHINESE = ("gb18030", "big5hkscs", "cp950")
PAIR = re.compile(rb"[\x81-\xfe][\x40-\xfe]")
FEW_PAIRS = 8
MOST_OF_ONE_ROW = 0.7
# Curly quotation marks, dashes and dots of Windows: the same bytes in all of its pages, and all that an English text
# may have beyond ASCII.
TYPOGRAPHIC = re.compile(rb"[\x00-\x7f\x85\x91-\x97\xa9\xab\xae\xb0\xb7\xbb]*")
IN_PLACE = re.compile(
    r"(?<=[A-Za-z])’(?=(?:t|s|re|ll|ve|m|d|em|er|ry|n|all|clock|know|am)\b)"  # don’t, o’er
    r"|(?<=\b[dljmntscDLJMNTSCO])’(?=[A-Za-z])|(?<=\b[Qq]u)’(?=[A-Za-z])"  # l’amour, O’Neil
    r"|(?<![^\s(“‘—–])[‘’](?=[A-Za-z])|(?<![^\s(‘—–])“(?=[\w’‘…])|(?<=[ns.,!?…])’(?![A-Za-z])|(?<=[\w.,!?…])”(?!\w)"
    r"|(?<=[\w.,!?])…(?!\w)|(?<=\s)[–—](?=\s)",
)


@dataclass(frozen=True)
class Reading:
    """A text as one encoding reads it, and how confident the detector is of that."""

    text: str
    encoding: str
    confidence: float


def detect(data: bytes) -> Reading | None:
    """Read `data`, which is not UTF-8; None when no reading stands out among those that are plausible."""
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
    odd = [odd_signs(reading.text[:EXAMINED]) for reading in close]
    fewest = [reading for reading, count in zip(close, odd, strict=True) if count == min(odd)]
    best = fewest[0]
    if not {reading.encoding for reading in fewest} <= SIBLINGS.get(best.encoding, {best.encoding}):
        return None  # several readings are about as good
    sure = best.confidence >= MIN_CONFIDENCE
    return best if sure or len(EAST_ASIAN_CHARACTER.findall(best.text)) >= MIN_EAST_ASIAN else None


def _typographic(data: bytes) -> Reading | None:
    """Read ASCII with typographic signs of Windows; None if they do not stand where such signs stand."""
    text = data.decode("cp1252")
    signs, in_place = len(NOT_ASCII.findall(text)), len(IN_PLACE.findall(text))
    return Reading(text, "cp1252", 1.0) if in_place >= MIN_IN_PLACE * signs else None


def _readings(data: bytes) -> Iterator[Reading]:
    """The plausible readings, the likeliest first."""
    results = chardet.detect_all(
        data[:EXAMINED], ignore_threshold=True, compat_names=False, include_encodings=CONSIDERED
    )
    ranked = dict.fromkeys(EAST_ASIAN, 0.0)  # of a short text chardet may not think of the right one
    for result in results:
        if (name := result["encoding"]) is not None:
            ranked[name] = result["confidence"] * (RARE if name in OLD else 1)
    for name, confidence in sorted(ranked.items(), key=lambda item: -item[1]):
        if confidence < MIN_CONFIDENCE and name not in EAST_ASIAN:
            continue
        decoded = [Reading(text, encoding, confidence) for encoding, text in _decoded(data, name)]
        yield from sorted(decoded, key=lambda reading: len(KANA.findall(reading.text)) * (name == "big5hkscs"))[:1]


def _decoded(data: bytes, name: str) -> Iterator[tuple[str, str]]:
    """The plausible texts by each of the codecs for `name`."""
    for encoding in DECODERS.get(name, (name,)):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if plausible(text[:EXAMINED], encoding) and not (name in CHINESE and _is_of_one_row(data[:EXAMINED])):
            yield encoding, text


def _is_of_one_row(data: bytes) -> bool:
    """Whether the two-byte characters are many, and nearly all begin with one byte: a row of letters, not Chinese."""
    pairs = Counter(PAIR.findall(data))
    leads = Counter[bytes]()
    for pair, count in pairs.items():
        leads[pair[:1]] += count
    return len(pairs) >= FEW_PAIRS and max(leads.values()) >= MOST_OF_ONE_ROW * leads.total()
