"""The one text inside a zip archive, read in memory and believing nothing that the archive says about itself."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import PurePosixPath

from rnnlab.validation import InvalidInput, echo

MAX_INFLATED_BYTES = 20 * 2**20  # of the text, counted as it is inflated
MAX_MEMBERS = 100  # files and folders in one archive

ARCHIVE_SUFFIXES = {".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".tar", ".7z", ".rar", ".jar"}
ENCRYPTED = 0x1 | 0x40 | 0x2000  # flag bits: encryption, strong encryption, masked headers
HEADER_OF_A_MEMBER = b"PK\x01\x02"
DAMAGE = (  # what zipfile raises on broken archives
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
    OverflowError,
    IndexError,  # on an empty file name
)


def text_in_zip(data: bytes, field: str = "corpus") -> bytes:
    """Return the bytes of the one `.txt` file in the zip archive `data`.

    Files of other kinds and macOS's own `__MACOSX/` are passed over. Refused: more than MAX_MEMBERS members or
    MAX_INFLATED_BYTES of text, encryption, archives within, symbolic links, two texts or none, compression other
    than stored and deflated, sizes that are not so, and damage.
    """
    # Counted in the raw bytes, before 20 MB of tiny headers are made into objects.
    members = data.count(HEADER_OF_A_MEMBER)
    if members > MAX_MEMBERS:
        raise InvalidInput("zip_members", field, members=members, high=MAX_MEMBERS)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _inflate(archive, _the_text(archive.infolist(), field), field)
    except InvalidInput:
        raise  # it is a ValueError, too
    except DAMAGE:
        raise InvalidInput("zip_damaged", field) from None


def _the_text(members: list[zipfile.ZipInfo], field: str) -> zipfile.ZipInfo:
    """Pick the only member that is a text, after a look at every one."""
    texts = []
    for member in members:
        path = PurePosixPath(member.filename)
        if member.is_dir() or "__MACOSX" in path.parts:
            continue
        if member.flag_bits & ENCRYPTED:
            raise InvalidInput("zip_encrypted", field, value=echo(member.filename))
        if stat.S_ISLNK(member.external_attr >> 16):
            raise InvalidInput("zip_link", field, value=echo(member.filename))
        if path.suffix.lower() in ARCHIVE_SUFFIXES:
            raise InvalidInput("zip_nested", field, value=echo(member.filename))
        if path.suffix.lower() == ".txt":
            texts.append(member)
    if not texts:
        raise InvalidInput("zip_without_text", field)
    if len(texts) > 1:
        names = " and ".join(echo(text.filename) for text in texts[:2])
        raise InvalidInput("zip_two_texts", field, names=names)
    return texts[0]


def _inflate(archive: zipfile.ZipFile, member: zipfile.ZipInfo, field: str) -> bytes:
    """Read what `member` really holds, at most MAX_INFLATED_BYTES of it."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InvalidInput("zip_compression", field, value=echo(member.filename))
    said = member.file_size
    # zipfile stops reading at the size that the archive states. Told of one beyond our bound, it reads to the true end
    # of the compressed data, where it checks the CRC, or as far as we ask.
    member.file_size = 2 * MAX_INFLATED_BYTES
    with archive.open(member) as file:
        content = file.read(MAX_INFLATED_BYTES + 1)
    if len(content) > MAX_INFLATED_BYTES:
        raise InvalidInput("too_many_bytes", field, high=MAX_INFLATED_BYTES)
    if len(content) != said:
        raise InvalidInput("zip_damaged", field)
    return content
