"""Zip archives, most of them with one error."""

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

from rnnlab.limits import MAX_INFLATED_BYTES, MAX_ZIP_MEMBERS
from rnnlab.text import read_source, texts_in_zip
from rnnlab.validation import InvalidInput

LYRIC = "想要有直升机\n想要和你飞到宇宙去\n".encode() * 20


def make_zip(members, compression=zipfile.ZIP_DEFLATED):
    """Make a zip of (name or ZipInfo, bytes) pairs."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # for two members with the same name
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


def text_in(data):
    """Return the only text of an archive."""
    ((_, text),), _ = texts_in_zip(data)
    return text


def refusal_of(data):
    with pytest.raises(InvalidInput) as refusal:
        texts_in_zip(data, field="upload")
    assert refusal.value.field == "upload"
    return refusal.value


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("name", ["lyrics.txt", "歌词.TXT", "a/deep/folder/lyrics.txt", "../../etc/lyrics.txt"])
def test_one_text(compression, name):
    assert text_in(make_zip([(name, LYRIC)], compression)) == LYRIC


def test_other_files_are_passed_over():
    members = [
        ("songs/", b""),
        ("songs/cover.jpg", b"\xff\xd8"),
        ("__MACOSX/songs/._lyrics.txt", b"\0\5\x16\7"),
        (".DS_Store", b"\0"),
        ("songs/lyrics.txt", LYRIC),
    ]
    assert text_in(make_zip(members)) == LYRIC


def test_an_empty_text_is_read():
    assert text_in(make_zip([("lyrics.txt", b"")])) == b""


def test_data_before_the_archive_is_allowed():
    assert text_in(b"#!/bin/sh\n" + make_zip([("lyrics.txt", LYRIC)])) == LYRIC


def test_texts_are_in_the_natural_order_of_their_names():
    names = ["song 10.txt", "song 2.txt", "b/1.txt", "Song 1.txt", "b/01.txt", "歌 3.txt", "歌 12.txt"]
    texts, passed_over = texts_in_zip(make_zip([(name, name.encode()) for name in names]))
    in_order = ["b/01.txt", "b/1.txt", "Song 1.txt", "song 2.txt", "song 10.txt", "歌 3.txt", "歌 12.txt"]
    assert ([name for name, _ in texts], passed_over) == (in_order, 0)
    assert [text.decode() for _, text in texts] == in_order


@pytest.mark.parametrize(
    "left",
    [
        "songs/._lyrics.txt",
        "__MACOSX/songs/._lyrics.txt",
        ".DS_Store",
        "songs/.hidden.txt",
        "Thumbs.db",
        "a/desktop.ini",
    ],
)
def test_hidden_and_system_files_are_not_counted(left):
    assert texts_in_zip(make_zip([("songs/lyrics.txt", LYRIC), (left, b"\0\5\x16\7")])) == (
        [("songs/lyrics.txt", LYRIC)],
        0,
    )


def test_each_song_may_have_its_own_encoding():
    songs = [
        "春天的风吹过窗台，我把歌写在纸上\n",
        "봄바람이 창문을 두드리고 너의 목소리를 기억해\n",
        "春の風が窓をたたく、君の声",
    ]
    files = zip(songs, ("gb18030", "cp949", "cp932"), strict=True)
    data = make_zip([(f"{i}.txt", song.encode(encoding)) for i, (song, encoding) in enumerate(files)])
    source = read_source(data, "songs.zip")
    assert source.text == "".join(songs)
    assert (source.files, source.encodings) == (3, ("GB18030", "EUC-KR (cp949)", "Shift_JIS"))


def test_a_text_too_short_for_its_encoding_is_decoded_like_the_others_or_refused():
    long, short = "春天的风吹过窗台，我把歌写在纸上\n".encode("gb18030"), "春天".encode("gb18030")
    source = read_source(make_zip([("1.txt", short), ("2.txt", long)]), "songs.zip")
    assert source.text == "春天\n春天的风吹过窗台，我把歌写在纸上\n"
    with pytest.raises(InvalidInput, match=r"encoding of '1\.txt' is not recognised; save it as UTF-8"):
        read_source(make_zip([("1.txt", short), ("2.txt", b"la la")]), "songs.zip")


DOCUMENTS = {
    "RTF": b"{\\rtf1\\ansi\\ansicpg936 la la}",
    "PDF": b"%PDF-1.7\n%\xe2\xe3",
    "Word (.doc)": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
    "Word (.docx)": make_zip([("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>")]),
    "OpenDocument (.odt)": make_zip([("mimetype", b"application"), ("META-INF/manifest.xml", b"<x/>")]),
    "EPUB": make_zip([("mimetype", b"application/epub+zip"), ("META-INF/container.xml", b"<x/>")]),
    "PNG": b"\x89PNG\r\n\x1a\n" + bytes(50),
}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_is_recognised_under_every_name(kind, tmp_path):
    data = DOCUMENTS[kind]
    path = tmp_path / "folder" / "song.txt"
    path.parent.mkdir()
    path.write_bytes(data)
    sources = [(data, "song.txt"), (data, "song.doc"), (data, "song.zip"), (make_zip([("song.txt", data)]), "a.zip")]
    for source in (*sources, (make_zip([("song.docx", data)]), "a.zip"), (path, None), (path.parent, None)):
        with pytest.raises(InvalidInput) as refusal:
            read_source(*source)
        assert refusal.value.code == "document", source
        assert f"'song.{'docx' if source[1] == 'a.zip' and b'song.docx' in source[0] else ''}" in str(refusal.value)
        assert f"is not plain text but {kind}; open it and save it as plain text (UTF-8)" in str(refusal.value)


@pytest.mark.parametrize("members", [[], [("notes.md", b"x")], [("__MACOSX/x.txt", b"x")], [("folder.txt/", b"")]])
def test_an_archive_without_text_is_refused(members):
    assert refusal_of(make_zip(members)).code == "zip_without_text"


@pytest.mark.parametrize("flag", [0x1, 0x41, 0x2001, 0x2000])
def test_an_encrypted_member_is_refused(flag):
    refusal = refusal_of(set_flags(make_zip([("secret.txt", LYRIC)]), flag))
    assert refusal.code == "zip_encrypted"
    assert "secret.txt" in str(refusal)


@pytest.mark.parametrize("name", ["inner.zip", "inner.ZIP", "inner.tar.gz", "inner.7z"])
def test_a_nested_archive_is_refused(name):
    refusal = refusal_of(make_zip([("lyrics.txt", LYRIC), (name, make_zip([("lyrics.txt", LYRIC)]))]))
    assert refusal.code == "zip_nested"
    assert name in str(refusal)


def test_a_symbolic_link_is_refused():
    link = zipfile.ZipInfo("lyrics.txt")
    link.create_system = 3  # Unix
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert refusal_of(make_zip([(link, b"/etc/passwd")])).code == "zip_link"


def test_the_maximum_number_of_members_is_read():
    members = [(f"{i}.md", b"") for i in range(MAX_ZIP_MEMBERS - 1)]
    assert text_in(make_zip([*members, ("lyrics.txt", LYRIC)])) == LYRIC
    assert refusal_of(make_zip([*members, ("lyrics.txt", LYRIC), ("more.md", b"")])).code == "zip_members"


def test_ten_thousand_members_are_refused_fast(slowness):
    data = make_zip([("lyrics.txt", LYRIC), *((f"{i}.md", b"") for i in range(10_000))], zipfile.ZIP_STORED)
    began = time.perf_counter()
    refusal = refusal_of(data)
    assert time.perf_counter() - began < 0.5 * slowness()
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


def test_exactly_the_maximum_of_text_is_read():
    assert len(text_in(make_zip([("lyrics.txt", b"a" * MAX_INFLATED_BYTES)]))) == MAX_INFLATED_BYTES
    assert refusal_of(make_zip([("lyrics.txt", b"a" * (MAX_INFLATED_BYTES + 1))])).code == "too_many_bytes"


@pytest.mark.parametrize("size", [0, 10, len(LYRIC) - 1, len(LYRIC) + 1, 2**31])
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_wrong_stated_size_is_refused(size, compression):
    assert refusal_of(set_size(make_zip([("lyrics.txt", LYRIC)], compression), size)).code == "zip_damaged"


def test_a_short_stated_size_with_a_matching_crc_is_refused():
    data = set_crc(set_size(make_zip([("lyrics.txt", LYRIC)]), 10), zlib.crc32(LYRIC[:10]))
    assert zipfile.ZipFile(io.BytesIO(data)).read("lyrics.txt") == LYRIC[:10]  # zipfile trusts the stated size
    assert refusal_of(data).code == "zip_damaged"


def test_a_wrong_crc_is_refused():
    assert refusal_of(set_crc(make_zip([("lyrics.txt", LYRIC)]), 12345)).code == "zip_damaged"


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_unusual_compression_is_refused(compression):
    assert refusal_of(make_zip([("lyrics.txt", LYRIC)], compression)).code == "zip_compression"


def test_an_unknown_compression_is_refused():
    data = patch(make_zip([("lyrics.txt", LYRIC)]), 8, 10, "<H", 97)
    assert refusal_of(data).code == "zip_compression"


@pytest.mark.parametrize("data", [b"", b"not a zip", LYRIC, bytes(100), b"PK\x05\x06" + bytes(17)])
def test_a_file_that_is_not_a_zip_is_refused(data):
    assert refusal_of(data).code == "zip_damaged"


def test_a_member_without_a_name_is_refused():
    data = make_zip([("a", b""), ("lyrics.txt", LYRIC)]).replace(b"a", b"\0")  # zipfile cuts a name at NUL
    assert refusal_of(data).code == "zip_damaged"


def test_a_truncated_archive_is_refused():
    data = make_zip([("lyrics.txt", LYRIC)])
    for length in range(0, len(data), 3):
        assert refusal_of(data[:length]).code == "zip_damaged"


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@settings(max_examples=100, deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6))
def test_damage_never_gives_anything_but_a_text_or_a_refusal(compression, changes):
    data = bytearray(make_zip([("lyrics.txt", LYRIC[:60]), ("b/", b"")], compression))
    for place, value in changes:
        data[place % len(data)] = value
    with contextlib.suppress(InvalidInput):
        texts, _ = texts_in_zip(bytes(data))
        assert all(isinstance(text, bytes) for _, text in texts)
