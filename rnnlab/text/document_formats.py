"""Recognise, by their first bytes, files that hold text but are not plain text: Word, RTF, PDF and their like."""

from __future__ import annotations

import zipfile
from io import BytesIO

SIGNATURES = (
    (b"{\\rtf", "RTF"),
    (b"%PDF-", "PDF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Word (.doc)"),
    (b"bplist00", "webarchive"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"ID3", "MP3"),
    (b"MThd", "MIDI"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"(\xb5/\xfd", "zstd"),
    (b"SQLite format 3\0", "SQLite"),
)
PDF_WITHIN = 1024  # bytes: a PDF may begin with something else
IN_ZIP = (  # documents that are zip archives, by a file or a folder in them
    ("word/", "Word (.docx)"),
    ("xl/", "Excel (.xlsx)"),
    ("ppt/", "PowerPoint (.pptx)"),
    ("Index/Document.iwa", "Pages"),
    ("META-INF/container.xml", "EPUB"),
    ("META-INF/manifest.xml", "OpenDocument (.odt)"),
)
PATH_NAMES = 50  # entries of an archive that are looked at
ZIP = b"PK\x03\x04"


def document_kind(data: bytes) -> str | None:
    """What kind of document the bytes are; None if they may be plain text, or a zip archive of texts.

    >>> document_kind(rb"{\\rtf1\\ansi Hello}"), document_kind(b"Hello")
    ('RTF', None)
    """
    start = data[:PDF_WITHIN].removeprefix(b"\xef\xbb\xbf").lstrip()
    for signature, kind in SIGNATURES:
        if start.startswith(signature) or (kind == "PDF" and b"\n%PDF-" in start):
            return kind
    return _kind_of_zip(data) if data.startswith(ZIP) else None


def _kind_of_zip(data: bytes) -> str | None:
    """Which document a zip archive is, read from its list of files, or from its start if that list is damaged."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()[:PATH_NAMES]
    except Exception:  # whatever a damaged archive makes zipfile raise; reading it as an archive will say so
        names = []
    for beginning, kind in IN_ZIP:
        if any(name.startswith(beginning) for name in names):
            return kind
    return None
