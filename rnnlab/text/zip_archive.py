"""The texts inside a zip archive, read in memory and believing nothing that the archive says about itself."""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import PurePosixPath

from rnnlab.text.document_formats import document_kind
from rnnlab.validation import InvalidInput, echo

MAX_INFLATED_BYTES = 20 * 2**20  # of all texts together, counted as they are inflated
MAX_MEMBERS = 2000  # files and folders in one archive

ARCHIVE_SUFFIXES = {".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".tar", ".7z", ".rar", ".jar"}
TEXT_SUFFIX = ".txt"
LEFT_BY_SYSTEMS = {"__macosx", "thumbs.db", "desktop.ini", "$recycle.bin", "system volume information"}
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


def texts_in_zip(data: bytes, field: str = "corpus") -> tuple[list[tuple[str, bytes]], int]:
    """Read the `.txt` files of the zip archive `data`, in the natural order of their names: song 2 before song 10.

    Returns their names and bytes, and how many other files were passed over; what systems leave beside one's files
    (`is_hidden`) is not counted. Refused: more than MAX_MEMBERS members or MAX_INFLATED_BYTES of text, encryption,
    archives within, symbolic links, no text, compression other than stored and deflated, sizes that are not so, and
    damage.
    """
    # Counted in the raw bytes, before 20 MB of tiny headers are made into objects.
    members = data.count(HEADER_OF_A_MEMBER)
    if members > MAX_MEMBERS:
        raise InvalidInput("zip_members", field, members=members, high=MAX_MEMBERS)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _texts(archive, field)
    except InvalidInput:
        raise  # it is a ValueError, too
    except DAMAGE:
        raise InvalidInput("zip_damaged", field) from None


def is_hidden(path: PurePosixPath) -> bool:
    """Whether a file is one that a system left: `._song.txt`, `__MACOSX/`, `.DS_Store`, `Thumbs.db`."""
    return any(part.lower() in LEFT_BY_SYSTEMS or (part.startswith(".") and part.strip(".")) for part in path.parts)


def in_order(name: str) -> list[tuple[int, int, str]]:
    """The key that sorts names as people count: digits by their number.

    >>> sorted(["song 10.txt", "song 2.txt", "Song 1.txt"], key=in_order)
    ['Song 1.txt', 'song 2.txt', 'song 10.txt']
    """
    parts = re.findall(r"\d{1,18}|\D+", name.casefold())
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts]


def _texts(archive: zipfile.ZipFile, field: str) -> tuple[list[tuple[str, bytes]], int]:
    """The texts, after a look at every member."""
    texts, others = [], []
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
        _name_a_document(archive, others, field)
        raise InvalidInput("zip_without_text", field)
    read, left = [], MAX_INFLATED_BYTES
    for member in sorted(texts, key=lambda member: in_order(member.filename)):
        content = _inflate(archive, member, left, field)
        left -= len(content)
        read.append((member.filename, content))
    return read, len(others)


def _name_a_document(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], field: str) -> None:
    """Refuse an archive of documents by their kind: the first of them that is one."""
    for member in members:
        if member.file_size <= MAX_INFLATED_BYTES and (
            kind := document_kind(_inflate(archive, member, MAX_INFLATED_BYTES, field))
        ):
            raise InvalidInput("document", field, value=echo(member.filename), kind=kind)


def _inflate(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int, field: str) -> bytes:
    """Read what `member` really holds, at most `most` bytes of it."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InvalidInput("zip_compression", field, value=echo(member.filename))
    said = member.file_size
    # zipfile stops reading at the size that the archive states. Told of one beyond our bound, it reads to the true end
    # of the compressed data, where it checks the CRC, or as far as we ask.
    member.file_size = 2 * MAX_INFLATED_BYTES
    with archive.open(member) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise InvalidInput("too_many_bytes", field, high=MAX_INFLATED_BYTES)
    if len(content) != said:
        raise InvalidInput("zip_damaged", field)
    return content
