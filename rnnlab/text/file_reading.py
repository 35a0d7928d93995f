"""Read a text file, a zip archive of texts or a folder of texts, each in any known encoding."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rnnlab.limits import MAX_FILE_BYTES, MAX_FOLDER_FILES
from rnnlab.text.corpus import check_text
from rnnlab.text.decoding import Decoded, decode, decode_as
from rnnlab.text.document_formats import document_kind
from rnnlab.text.zip_archive import TEXT_SUFFIX, in_order, is_hidden, texts_in_zip
from rnnlab.validation import InvalidInput, echo

MAX_SHOWN_CHARACTERS = 40  # of the beginning of a text
SUFFIXES = (TEXT_SUFFIX, ".text", ".md", ".zip")
DECODING_ERRORS = {"not_decodable", "not_as_marked", "damaged_utf8", "binary", "bad_character"}  # codes of messages


@dataclass(frozen=True)
class Source:
    """A text, with the number and the encodings of the files that it was read from."""

    text: str
    encodings: tuple[str, ...]  # names, in the order of their first use
    files: int = 1  # texts that were joined
    passed_over: int = 0  # other files in the archive or the folder, which were not read

    @property
    def beginning(self) -> str:
        """Return the first characters of the text in one line."""
        start = " ".join(self.text[: 20 * MAX_SHOWN_CHARACTERS].split())
        return start if len(start) <= MAX_SHOWN_CHARACTERS else f"{start[:MAX_SHOWN_CHARACTERS].rstrip()}…"


def read_corpus(source: str | Path | bytes, filename: str | None = None, field: str = "corpus") -> str:
    """Return the text of `read_source`."""
    return read_source(source, filename, field).text


def read_source(source: str | Path | bytes, filename: str | None = None, field: str = "corpus") -> Source:
    """Read a text file, or join the `.txt` files of a `.zip` or a folder in the natural order of names.

    source: a path; or the bytes of a file with the name `filename`.

    `decode` lists the encodings, and `texts_in_zip` the rules for an archive. Raises InvalidInput, also for a blank
    text.
    """
    if isinstance(source, bytes):
        return _read_bytes(source, filename, field)
    path = Path(source)
    if _is_folder(path):
        return _joined(*_texts_in_folder(path, field), field)
    if path.suffix.lower() not in SUFFIXES:
        return _read_bytes(_bytes_for_naming(path), str(source), field)
    return _read_bytes(read_file(path, field), str(source), field)


def _read_bytes(data: bytes, name: str | None, field: str) -> Source:
    """Read a text file or a zip archive from its bytes, by the suffix of `name`."""
    suffix = Path(name or "").suffix.lower()
    if suffix not in SUFFIXES:
        _refuse_document(data, name, field)
        raise InvalidInput("file_kind", field, value=echo(name))
    if len(data) > MAX_FILE_BYTES:
        raise InvalidInput("too_many_bytes", field, high=MAX_FILE_BYTES)
    _refuse_document(data, name, field)
    if suffix == ".zip":
        return _joined(*texts_in_zip(data, field), field)
    decoded = decode(data, field)
    return Source(check_text(decoded.text, field), (decoded.encoding,))


def read_file(path: Path, field: str) -> bytes:
    """Return the bytes of a regular file, but at most one more than the limit. Raises InvalidInput."""
    try:
        if not path.is_file():  # a pipe or a device, which might never end
            raise InvalidInput("file_not_found", field, value=echo(str(path)))
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError:
        raise InvalidInput("file_unreadable", field, value=echo(str(path))) from None


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False  # `read_file` reports the error


def _bytes_for_naming(path: Path) -> bytes:
    """Return the bytes for `document_kind`, or none if the file is too large or unreadable."""
    try:
        return path.read_bytes() if path.is_file() and path.stat().st_size <= MAX_FILE_BYTES else b""
    except (OSError, ValueError):
        return b""


def _refuse_document(data: bytes, name: str | None, field: str) -> None:
    """Raise InvalidInput with the kind of document if `data` is one."""
    if kind := document_kind(data):
        raise InvalidInput("document", field, value=echo(PurePosixPath(name or "").name), kind=kind)


def _texts_in_folder(folder: Path, field: str) -> tuple[list[tuple[str, bytes]], int]:
    """Read the `.txt` files in and below `folder` (not through links to folders), and count the others."""
    texts: list[Path] = []
    others = total = 0
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not is_hidden(PurePosixPath(name))]
        for name in names:
            if is_hidden(PurePosixPath(name)):
                continue
            if Path(name).suffix.lower() != TEXT_SUFFIX:
                others += 1
                continue
            texts.append(Path(place, name))
            if len(texts) > MAX_FOLDER_FILES:
                raise InvalidInput("folder_files", field, value=echo(str(folder)), high=MAX_FOLDER_FILES)
    if not texts:
        raise InvalidInput("file_not_found", field, value=echo(str(folder)))
    read = []
    for path in sorted(texts, key=lambda path: in_order(str(path.relative_to(folder)))):
        read.append((str(path.relative_to(folder)), read_file(path, field)))
        total += len(read[-1][1])
        if total > MAX_FILE_BYTES:
            raise InvalidInput("too_many_bytes", field, high=MAX_FILE_BYTES)
    return read, others


def _joined(files: Sequence[tuple[str, bytes]], passed_over: int, field: str) -> Source:
    """Decode each file by itself and join the texts, each on a new line.

    A file whose own bytes do not tell the encoding is decoded like one of the others.
    """
    decoded: list[Decoded | None] = []
    for name, data in files:
        _refuse_document(data, name, field)
        decoded.append(_decoded(data, field))
    known = dict.fromkeys(text.codec for text in decoded if text is not None)
    texts: list[Decoded] = []
    for (name, data), text in zip(files, decoded, strict=True):
        text = text or next((other for codec in known if (other := decode_as(data, codec))), None)
        if text is None:
            raise InvalidInput("not_decodable_file", field, value=echo(name))
        texts.append(text)
    pieces = [text.text if text.text.endswith(("\n", "\r")) else f"{text.text}\n" for text in texts[:-1]]
    whole = check_text("".join([*pieces, texts[-1].text]), field)
    return Source(whole, tuple(dict.fromkeys(text.encoding for text in texts)), len(texts), passed_over)


def _decoded(data: bytes, field: str) -> Decoded | None:
    """Decode one of many files; return None if its bytes alone do not tell the encoding."""
    try:
        return decode(data, field)
    except InvalidInput as error:
        if error.code not in DECODING_ERRORS:
            raise
        return None
