"""Recognise files that are not plain text by their first bytes: Word, PDF, archives, pictures, others."""

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
MAX_PDF_OFFSET = 1024  # bytes that may come before the signature of a PDF
DOCUMENTS_IN_ZIP = (  # documents that are zip archives, by a file or a folder in them
    ("word/", "Word (.docx)"),
    ("xl/", "Excel (.xlsx)"),
    ("ppt/", "PowerPoint (.pptx)"),
    ("Index/Document.iwa", "Pages"),
    ("META-INF/container.xml", "EPUB"),
    ("META-INF/manifest.xml", "OpenDocument (.odt)"),
)
MAX_ZIP_NAMES = 50  # entries of an archive that are compared
ZIP = b"PK\x03\x04"


def document_kind(data: bytes) -> str | None:
    """Return the kind of document, or None if `data` may be plain text or a zip archive of texts.

    >>> document_kind(rb"{\\rtf1\\ansi Hello}"), document_kind(b"Hello")
    ('RTF', None)
    """
    start = data[:MAX_PDF_OFFSET].removeprefix(b"\xef\xbb\xbf").lstrip()
    for signature, kind in SIGNATURES:
        if start.startswith(signature) or (kind == "PDF" and b"\n%PDF-" in start):
            return kind
    return _kind_of_zip(data) if data.startswith(ZIP) else None


def _kind_of_zip(data: bytes) -> str | None:
    """Return the kind of document in zip format by the names of its members; None if it is none."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()[:MAX_ZIP_NAMES]
    except Exception:  # a damaged archive raises many kinds; `texts_in_zip` reports the damage later
        names = []
    for beginning, kind in DOCUMENTS_IN_ZIP:
        if any(name.startswith(beginning) for name in names):
            return kind
    return None
