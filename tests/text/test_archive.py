"""Archives made by hand, each with one thing wrong with it."""

import contextlib
import io
import stat
import struct
import time
import tracemalloc
import warnings
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.text import MAX_INFLATED_BYTES, MAX_MEMBERS, text_in_zip
from rnnlab.validation import InvalidInput

LYRIC = "想要有直升机\n想要和你飞到宇宙去\n".encode() * 20


def make_zip(members, compression=zipfile.ZIP_DEFLATED):
    """Make a zip of (name or ZipInfo, bytes) pairs."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about two members of one name
        with zipfile.ZipFile(buffer, "w", compression) as archive:
            for name, content in members:
                archive.writestr(name, content)
    return buffer.getvalue()


def patch(data, in_local, in_central, layout, value):
    """Change a field of the first member in its local header and in the central directory."""
    data = bytearray(data)
    struct.pack_into(layout, data, in_local, value)
    struct.pack_into(layout, data, data.index(b"PK\x01\x02") + in_central, value)
    return bytes(data)


def set_flags(data, value):
    return patch(data, 6, 8, "<H", value)


def set_crc(data, value):
    return patch(data, 14, 16, "<L", value)


def set_size(data, value):
    return patch(data, 22, 24, "<L", value)


def refusal_of(data):
    with pytest.raises(InvalidInput) as refusal:
        text_in_zip(data, field="upload")
    assert refusal.value.field == "upload"
    return refusal.value


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("name", ["lyrics.txt", "歌词.TXT", "a/deep/folder/lyrics.txt", "../../etc/lyrics.txt"])
def test_one_text(compression, name):
    assert text_in_zip(make_zip([(name, LYRIC)], compression)) == LYRIC


def test_other_files_are_passed_over():
    members = [
        ("songs/", b""),
        ("songs/cover.jpg", b"\xff\xd8"),
        ("__MACOSX/songs/._lyrics.txt", b"\0\5\x16\7"),
        (".DS_Store", b"\0"),
        ("songs/lyrics.txt", LYRIC),
    ]
    assert text_in_zip(make_zip(members)) == LYRIC


def test_an_empty_text_is_read():
    assert text_in_zip(make_zip([("lyrics.txt", b"")])) == b""


def test_data_before_the_archive_is_allowed():
    assert text_in_zip(b"#!/bin/sh\n" + make_zip([("lyrics.txt", LYRIC)])) == LYRIC


def test_two_texts_are_named():
    refusal = refusal_of(make_zip([("one.txt", LYRIC), ("two.txt", LYRIC)]))
    assert refusal.code == "zip_two_texts"
    assert "'one.txt' and 'two.txt'" in str(refusal)


def test_two_texts_of_one_name():
    assert refusal_of(make_zip([("one.txt", LYRIC), ("one.txt", b"other")])).code == "zip_two_texts"


@pytest.mark.parametrize("members", [[], [("notes.md", b"x")], [("__MACOSX/x.txt", b"x")], [("folder.txt/", b"")]])
def test_no_text(members):
    assert refusal_of(make_zip(members)).code == "zip_without_text"


@pytest.mark.parametrize("flag", [0x1, 0x41, 0x2001, 0x2000])
def test_encrypted(flag):
    refusal = refusal_of(set_flags(make_zip([("secret.txt", LYRIC)]), flag))
    assert refusal.code == "zip_encrypted"
    assert "secret.txt" in str(refusal)


@pytest.mark.parametrize("name", ["inner.zip", "inner.ZIP", "inner.tar.gz", "inner.7z"])
def test_nested(name):
    refusal = refusal_of(make_zip([("lyrics.txt", LYRIC), (name, make_zip([("lyrics.txt", LYRIC)]))]))
    assert refusal.code == "zip_nested"
    assert name in str(refusal)


def test_symbolic_link():
    link = zipfile.ZipInfo("lyrics.txt")
    link.create_system = 3  # Unix
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert refusal_of(make_zip([(link, b"/etc/passwd")])).code == "zip_link"


def test_as_many_members_as_allowed():
    members = [(f"{i}.md", b"") for i in range(MAX_MEMBERS - 1)]
    assert text_in_zip(make_zip([*members, ("lyrics.txt", LYRIC)])) == LYRIC
    assert refusal_of(make_zip([*members, ("lyrics.txt", LYRIC), ("more.md", b"")])).code == "zip_members"


def test_ten_thousand_members_are_refused_at_once():
    data = make_zip([("lyrics.txt", LYRIC), *((f"{i}.md", b"") for i in range(10_000))], zipfile.ZIP_STORED)
    began = time.perf_counter()
    refusal = refusal_of(data)
    assert time.perf_counter() - began < 0.5
    assert refusal.code == "zip_members"
    assert "10001" in str(refusal)


def test_a_bomb_is_refused_in_bounded_memory():
    data = make_zip([("lyrics.txt", bytes(10 * MAX_INFLATED_BYTES))])
    tracemalloc.start()
    refusal = refusal_of(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refusal.code == "too_many_bytes"
    assert peak < 4 * MAX_INFLATED_BYTES


def test_a_bomb_that_states_a_small_size_is_refused():
    assert refusal_of(set_size(make_zip([("lyrics.txt", bytes(2 * MAX_INFLATED_BYTES))]), 10)).code == "too_many_bytes"


def test_exactly_as_much_text_as_allowed():
    assert len(text_in_zip(make_zip([("lyrics.txt", b"a" * MAX_INFLATED_BYTES)]))) == MAX_INFLATED_BYTES
    assert refusal_of(make_zip([("lyrics.txt", b"a" * (MAX_INFLATED_BYTES + 1))])).code == "too_many_bytes"


@pytest.mark.parametrize("size", [0, 10, len(LYRIC) - 1, len(LYRIC) + 1, 2**31])
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_stated_size_that_is_not_so(size, compression):
    assert refusal_of(set_size(make_zip([("lyrics.txt", LYRIC)], compression), size)).code == "zip_damaged"


def test_a_short_stated_size_with_a_crc_to_match():
    data = set_crc(set_size(make_zip([("lyrics.txt", LYRIC)]), 10), zlib.crc32(LYRIC[:10]))
    assert zipfile.ZipFile(io.BytesIO(data)).read("lyrics.txt") == LYRIC[:10]  # what believing it would give
    assert refusal_of(data).code == "zip_damaged"


def test_wrong_crc():
    assert refusal_of(set_crc(make_zip([("lyrics.txt", LYRIC)]), 12345)).code == "zip_damaged"


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression(compression):
    assert refusal_of(make_zip([("lyrics.txt", LYRIC)], compression)).code == "zip_compression"


def test_unknown_compression():
    data = patch(make_zip([("lyrics.txt", LYRIC)]), 8, 10, "<H", 97)
    assert refusal_of(data).code == "zip_compression"


@pytest.mark.parametrize("data", [b"", b"not a zip", LYRIC, bytes(100), b"PK\x05\x06" + bytes(17)])
def test_not_a_zip(data):
    assert refusal_of(data).code == "zip_damaged"


def test_a_member_without_a_name():
    data = make_zip([("a", b""), ("lyrics.txt", LYRIC)]).replace(b"a", b"\0")  # zipfile cuts a name at NUL
    assert refusal_of(data).code == "zip_damaged"


def test_truncated():
    data = make_zip([("lyrics.txt", LYRIC)])
    for length in range(0, len(data), 3):
        assert refusal_of(data[:length]).code == "zip_damaged"


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@settings(max_examples=300, deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6))
def test_damage_never_gives_anything_but_a_text_or_a_refusal(compression, changes):
    data = bytearray(make_zip([("lyrics.txt", LYRIC[:60]), ("b/", b"")], compression))
    for place, value in changes:
        data[place % len(data)] = value
    with contextlib.suppress(InvalidInput):
        assert isinstance(text_in_zip(bytes(data)), bytes)
