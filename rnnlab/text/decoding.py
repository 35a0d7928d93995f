"""Decode bytes to text, or raise InvalidInput where the encoding is not certain enough.

The encodings are tried in a fixed order: by a byte order mark, strict UTF-8, the escapes of ISO-2022 and HZ, UTF-16 and
UTF-32 without a mark, a check for damaged UTF-8, and then the encoding that `encoding_detection.detect` recognises.
"""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rnnlab.text.encoding_detection import detect
from rnnlab.text.encoding_plausibility import frequent_han, plausible
from rnnlab.validation import InvalidInput, echo

# Longest first: UTF-32 LE's mark begins with UTF-16 LE's.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    ("\ufeff".encode("gb18030"), "gb18030"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Encodings in seven bits: an escape sequence switches to another alphabet.
ISO_2022 = re.compile(rb"\x1b[$(.][)*+@-Z]")
ISO_2022_CODECS = {b"\x1b$)C": ("iso2022_kr",), b"\x1b$)": (), b"": ("iso2022_jp_2", "iso2022_jp_ext")}  # by escape
SHIFTS = re.compile(r"[\x0e\x0f\x1b]")  # remain in the text where a codec did not understand an escape
HZ = re.compile(rb"~\{(?:[\x21-\x77][\x21-\x7e])+~\}")
UTF_8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
HIGH_BYTES = re.compile(rb"[\x80-\xff]")
MAX_BROKEN_SHARE = 0.1  # of the bytes beyond ASCII in a damaged UTF-8 file, those that are not UTF-8
MAX_EXAMINED_BYTES = 40_000  # at the beginning of a file
MIN_USUAL_SHARE = 0.9  # of the characters of a text in UTF-16 or UTF-32, those that are frequent
WIDE_ENCODINGS = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")

COMMON_NAMES = {  # by Python's name of the codec
    "utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "utf-32-le": "UTF-32", "utf-32-be": "UTF-32",
    "gb18030": "GB18030", "cp950": "Big5", "big5hkscs": "Big5-HKSCS", "cp932": "Shift_JIS", "euc_jp": "EUC-JP",
    "euc_jis_2004": "EUC-JP", "cp949": "EUC-KR (cp949)", "iso2022_jp_2": "ISO-2022-JP",
    "iso2022_jp_ext": "ISO-2022-JP", "iso2022_kr": "ISO-2022-KR", "hz": "HZ", "koi8-r": "KOI8-R", "koi8-u": "KOI8-U",
    "mac-roman": "Mac Roman", "mac-latin2": "Mac Latin 2", "mac-cyrillic": "Mac Cyrillic", "mac-greek": "Mac Greek",
}  # fmt: skip


@dataclass(frozen=True)
class Decoded:
    """A text, and the encoding from which it was decoded."""

    text: str
    encoding: str  # its common name
    codec: str  # Python's name of it


def decode(data: bytes, field: str = "corpus") -> Decoded:
    """Decode `data` by its byte order mark, as UTF-8, or from the encoding that is recognised.

    Line ends are kept and the text is not normalised, because the tutorials count the characters in the file. Raises
    InvalidInput.

        >>> decode("想要有直升机".encode("gb18030"))
        Decoded(text='想要有直升机', encoding='GB18030', codec='gb18030')
        >>> decode(b"I don\\x92t know")
        Decoded(text='I don’t know', encoding='Windows-1252', codec='cp1252')
        >>> decode(b"caf\\xe9", field="corpus")
        Traceback (most recent call last):
        ...
        rnnlab.validation.InvalidInput: corpus: its encoding is not recognised; save it as UTF-8.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):  # it names the encoding, so no other one is tried
            return _strictly(data[len(mark) :], encoding, field)
    for text, encoding in _guesses(data, field):
        return Decoded(check_characters(text, field), name_of(encoding), encoding)
    raise InvalidInput("not_decodable", field)


def decode_text(data: bytes, field: str = "corpus") -> str:
    """Return the text of `decode`, without its encoding."""
    return decode(data, field).text


def decode_as(data: bytes, codec: str) -> Decoded | None:
    """Decode `data` with the given codec; return None if that fails or gives no plausible text."""
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return None
    return Decoded(text, name_of(codec), codec) if plausible(text, codec) else None


def _strictly(data: bytes, encoding: str, field: str) -> Decoded:
    """Decode `data` as its byte order mark says, or raise InvalidInput."""
    try:
        return Decoded(check_characters(data.decode(encoding), field), name_of(encoding), encoding)
    except UnicodeDecodeError:
        raise InvalidInput("not_as_marked", field, encoding=name_of(encoding)) from None


def _guesses(data: bytes, field: str) -> Iterator[tuple[str, str]]:
    """Yield (text, codec) of data without a mark, the most certain first; raise InvalidInput if damaged."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = error.start
    else:
        yield from _seven_bits(data, text, field)
        if "\0" in text:
            yield from _wide(data)
        yield text, "utf-8"
        return
    yield from _wide(data)
    if b"\0" in data:
        return
    if _is_damaged_utf8(data):
        raise InvalidInput("damaged_utf8", field, line=data.count(b"\n", 0, place) + 1)
    if (reading := detect(data)) is not None:
        yield reading.text, reading.encoding


def _seven_bits(data: bytes, text: str, field: str) -> Iterator[tuple[str, str]]:
    """Yield (text, codec) of ISO-2022 and HZ, whose bytes are all ASCII."""
    if ISO_2022.search(data):
        for encoding in next(names for escape, names in ISO_2022_CODECS.items() if escape in data):
            try:
                decoded = data.decode(encoding)
            except UnicodeDecodeError:
                continue
            if not SHIFTS.search(decoded):
                yield decoded, encoding
        raise InvalidInput("not_decodable", field)  # for example ISO-2022-CN, which Python lacks
    if text.isascii() and HZ.search(data):
        with contextlib.suppress(UnicodeDecodeError):
            yield data.decode("hz"), "hz"


def _wide(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield (text, codec) of UTF-16 and UTF-32 without a mark, by wide blanks and frequent characters."""
    for encoding in WIDE_ENCODINGS:
        if len(data) % 2 or not any(blank.encode(encoding) in data for blank in (" ", "\n", "，", "。")):
            continue
        try:
            sample = data[:MAX_EXAMINED_BYTES].decode(encoding)
            usual = sum(map(_is_usual, sample))
            if usual >= MIN_USUAL_SHARE * len(sample) and (b"\0" in data or usual == len(sample)):
                text = data.decode(encoding)
                if "\0" not in text:
                    yield text, encoding
        except UnicodeDecodeError:
            continue


def _is_usual(character: str) -> bool:
    """Return whether it is a letter below U+1200, kana, Hangul, a frequent Han or punctuation."""
    code = ord(character)
    return (
        0x20 <= code < 0x7F
        or character in "\t\r\n"
        or 0xA0 <= code < 0x1200
        or 0x2010 <= code < 0x2040
        or 0x3000 <= code < 0x3100
        or 0xAC00 <= code < 0xD7A4
        or 0xFF01 <= code < 0xFF5F
        or character in frequent_han()
    )


def _is_damaged_utf8(data: bytes) -> bool:
    """Return whether nearly all bytes beyond ASCII are UTF-8, which rules out every other encoding."""
    high = len(HIGH_BYTES.findall(data))
    whole = sum(len(sequence) for sequence in UTF_8_SEQUENCE.findall(data))
    return high - whole <= max(MAX_BROKEN_SHARE * high, 3 if whole >= 6 else 0)


def name_of(encoding: str) -> str:
    """Return the common name of one of Python's codecs: Windows-1252, ISO-8859-15, GB18030."""
    if encoding in COMMON_NAMES:
        return COMMON_NAMES[encoding]
    if encoding.startswith("cp125"):
        return f"Windows-{encoding[2:]}"
    return encoding.upper().replace("ISO8859", "ISO-8859")


def check_characters(text: str, field: str) -> str:
    """Return `text`; raise InvalidInput for NUL, a sign of a binary file, and for lone surrogates."""
    if "\0" in text:
        raise InvalidInput("binary", field)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidInput("bad_character", field, value=echo(text[error.start])) from None
    return text
