import codecs
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rnnlab.text import decode_text
from rnnlab.validation import InvalidInput

LYRIC = "想要有直升机\n想要和你飞到宇宙去\r\nnaïve 🎵 Ω"
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_without_a_mark(encoding):
    assert decode_text(LYRIC.encode(encoding)) == LYRIC


@pytest.mark.parametrize("encoding", ["gbk", "gb2312"])
def test_what_gb18030_holds(encoding):
    assert decode_text("想要有直升机，想要和你飞到宇宙去".encode(encoding)) == "想要有直升机，想要和你飞到宇宙去"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "gb18030"])
@given(text=texts)
def test_a_mark_is_obeyed_and_removed(encoding, text):
    assert decode_text(("\ufeff" + text).encode(encoding)) == text


@given(texts)
def test_utf8_is_read_back(text):
    if not text.startswith("\ufeff"):  # which would be a mark
        assert decode_text(text.encode()) == text


def test_text_is_not_normalised():
    decomposed = "e\u0301"
    assert decode_text(decomposed.encode()) == decomposed


def test_nothing_decodes_to_nothing():
    assert decode_text(b"") == ""


def test_neither_utf8_nor_gb18030_is_refused_naming_both():
    with pytest.raises(InvalidInput, match=r"lyrics: .* utf-8 or gb18030; save it as UTF-8") as refusal:
        decode_text(b"caf\xe9", field="lyrics")
    assert refusal.value.code == "not_decodable"


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + "想".encode("gb18030"),
        codecs.BOM_UTF16_LE + b"\x00",  # half a unit
        codecs.BOM_UTF16_LE + b"\x00\xd8",  # half a character
        codecs.BOM_UTF32_LE + b"\x00\x00\x11\x00",  # beyond Unicode
        codecs.BOM_UTF32_BE + b"\x00\x00\xd8\x00",  # a surrogate
    ],
)
def test_a_broken_promise_is_refused_naming_the_encoding(data):
    with pytest.raises(InvalidInput, match="utf-") as refusal:
        decode_text(data)
    assert refusal.value.code == "not_decodable"


@pytest.mark.parametrize(
    "data",
    [
        b"la\0la",
        "la la".encode("utf-16-le"),  # without a mark
        bytes(1000),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        zlib.compress(b"hello") + b"\0\0",
    ],
)
def test_binary_is_refused(data):
    with pytest.raises(InvalidInput) as refusal:
        decode_text(data)
    assert refusal.value.code in ("binary", "not_decodable")


def test_no_four_byte_gb18030_sequence_gives_a_surrogate():
    for first in range(0x81, 0x85):
        for second in range(0x30, 0x3A):
            for third in range(0x81, 0xFF):
                data = b"".join(bytes([first, second, third, fourth]) for fourth in range(0x30, 0x3A))
                assert not any("\ud800" <= c <= "\udfff" for c in data.decode("gb18030", "ignore"))


@given(st.binary(max_size=64))
@example(b"\xed\xa0\x80")  # a surrogate in the manner of UTF-8
@example(codecs.BOM_UTF16_LE)
def test_any_bytes_give_clean_text_or_a_refusal(data):
    try:
        text = decode_text(data)
    except InvalidInput:
        return
    text.encode("utf-8")
    assert "\0" not in text
