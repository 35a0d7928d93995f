"""Read the texts of a zip archive in memory, without trusting the sizes that the archive states."""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import PurePosixPath

from rnnlab.limits import MAX_INFLATED_BYTES, MAX_ZIP_MEMBERS
from rnnlab.text.document_formats import document_kind
from rnnlab.validation import InvalidInput, echo

ARCHIVE_SUFFIXES = {".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".tar", ".7z", ".rar", ".jar"}
TEXT_SUFFIX = ".txt"
SYSTEM_FILES = {"__macosx", "thumbs.db", "desktop.ini", "$recycle.bin", "system volume information"}
ENCRYPTED = 0x1 | 0x40 | 0x2000  # flag bits: encryption, strong encryption, masked headers
MEMBER_HEADER = b"PK\x01\x02"
ZIP_ERRORS = (  # raised by zipfile on damaged archives
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


def texts_in_zip(data: bytes, field: str = "corpus") -> tuple[list[tuple[str, bytes]], int]:
    """Read the `.txt` files of a zip archive in the natural order of names: song 2 before song 10.

    Returns the names and bytes of the texts, and the number of other files, not counting hidden ones (`is_hidden`).
    Raises InvalidInput for more than MAX_ZIP_MEMBERS members or MAX_INFLATED_BYTES of text, for encryption, nested
    archives, symbolic links, compression other than stored and deflated, wrong sizes and damage, and if there is no
    text.
    """
    # Counted in the raw bytes, before 20 MB of tiny headers become objects.
    members = data.count(MEMBER_HEADER)
    if members > MAX_ZIP_MEMBERS:
        raise InvalidInput("zip_members", field, members=members, high=MAX_ZIP_MEMBERS)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _texts(archive, field)
    except InvalidInput:
        raise  # it is a ValueError, which the next clause would catch
    except ZIP_ERRORS:
        raise InvalidInput("zip_damaged", field) from None


def is_hidden(path: PurePosixPath) -> bool:
    """Return whether it is hidden or a system's file: `._song.txt`, `__MACOSX/`, `.DS_Store`, `Thumbs.db`."""
    return any(part.lower() in SYSTEM_FILES or (part.startswith(".") and part.strip(".")) for part in path.parts)


def in_order(name: str) -> list[tuple[int, int, str]]:
    """Return the key that sorts names in natural order, with digits compared as numbers.

    >>> sorted(["song 10.txt", "song 2.txt", "Song 1.txt"], key=in_order)
    ['Song 1.txt', 'song 2.txt', 'song 10.txt']
    """
    parts = re.findall(r"\d{1,18}|\D+", name.casefold())
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts]


def _texts(archive: zipfile.ZipFile, field: str) -> tuple[list[tuple[str, bytes]], int]:
    """Check every member, then read the texts."""
    texts: list[zipfile.ZipInfo] = []
    others: list[zipfile.ZipInfo] = []
    for member in archive.infolist():
        if not member.filename:  # an IndexError in `is_dir`, from Python 3.13 on a file
            raise InvalidInput("zip_damaged", field)
        path = PurePosixPath(member.filename)
        if member.is_dir() or is_hidden(path):
            continue
        if member.flag_bits & ENCRYPTED:
            raise InvalidInput("zip_encrypted", field, value=echo(member.filename))
        if stat.S_ISLNK(member.external_attr >> 16):
            raise InvalidInput("zip_link", field, value=echo(member.filename))
        if path.suffix.lower() in ARCHIVE_SUFFIXES:
            raise InvalidInput("zip_nested", field, value=echo(member.filename))
        (texts if path.suffix.lower() == TEXT_SUFFIX else others).append(member)
    if not texts:
        _refuse_documents(archive, others, field)
        raise InvalidInput("zip_without_text", field)
    read, left = [], MAX_INFLATED_BYTES
    for member in sorted(texts, key=lambda member: in_order(member.filename)):
        content = _inflate(archive, member, left, field)
        left -= len(content)
        read.append((member.filename, content))
    return read, len(others)


def _refuse_documents(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], field: str) -> None:
    """Raise InvalidInput with the kind of the first document among `members`."""
    for member in members:
        if member.file_size <= MAX_INFLATED_BYTES and (
            kind := document_kind(_inflate(archive, member, MAX_INFLATED_BYTES, field))
        ):
            raise InvalidInput("document", field, value=echo(member.filename), kind=kind)


def _inflate(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int, field: str) -> bytes:
    """Inflate `member`; raise InvalidInput beyond `limit` bytes, or if its stated size is wrong."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InvalidInput("zip_compression", field, value=echo(member.filename))
    stated = member.file_size
    # zipfile stops reading at the size that the archive states. With a size beyond the limit it reads to the true end
    # of the compressed data, where it checks the CRC, or as far as `read` asks.
    member.file_size = 2 * MAX_INFLATED_BYTES
    with archive.open(member) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise InvalidInput("too_many_bytes", field, high=MAX_INFLATED_BYTES)
    if len(content) != stated:
        raise InvalidInput("zip_damaged", field)
    return content
