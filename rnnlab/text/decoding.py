"""From bytes to text, or a refusal: never to text that is wrong in silence."""

from __future__ import annotations

import codecs

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

# Without a mark: UTF-8 first, because it refuses nearly everything that is not UTF-8. Then GB18030, which holds GBK
# and GB2312. UTF-16 and Big5 are not guessed: they read other encodings as garbage without complaint.
GUESSES = ("utf-8", "gb18030")


def decode_text(data: bytes, field: str = "corpus") -> str:
    """Read `data` as its byte order mark says, else as strict UTF-8, else as strict GB18030, else refuse it.

    The text is left as it is: line ends are kept, and no Unicode normalisation is done, because the tutorials'
    counts are of the characters in the file.

        >>> decode_text("想要有直升机".encode("gb18030"))
        '想要有直升机'
        >>> decode_text(b"caf\\xe9", field="corpus")
        Traceback (most recent call last):
        ...
        rnnlab.validation.InvalidInput: corpus: its bytes are not text in utf-8 or gb18030; save it as UTF-8.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            data, encodings = data[len(mark) :], (encoding,)  # the mark is a promise: no other reading is tried
            break
    else:
        encodings = GUESSES
    for encoding in encodings:
        try:
            return check_characters(data.decode(encoding, "strict"), field)
        except UnicodeDecodeError:
            continue
    raise InvalidInput("not_decodable", field, tried=" or ".join(encodings))


def check_characters(text: str, field: str) -> str:
    """Return `text`; refuse NUL, a sign of a binary file, and lone surrogates, halves of characters."""
    if "\0" in text:
        raise InvalidInput("binary", field)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidInput("bad_character", field, value=echo(text[error.start])) from None
    return text
