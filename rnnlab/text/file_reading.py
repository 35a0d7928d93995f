"""Read what people bring: a text file, a zip archive of texts, a folder of texts, in whatever encoding each is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rnnlab.text.corpus import check_text
from rnnlab.text.decoding import Decoded, decode, decode_as
from rnnlab.text.document_formats import document_kind
from rnnlab.text.zip_archive import TEXT_SUFFIX, in_order, is_hidden, texts_in_zip
from rnnlab.validation import InvalidInput, echo

MAX_FILE_BYTES = 20 * 2**20  # of a .txt or .zip file as it lies on the disk, and of a folder's texts together
MAX_FILES = 2000  # texts in one folder
SHOWN = 40  # characters of a text's beginning that are shown
SUFFIXES = (TEXT_SUFFIX, ".text", ".md", ".zip")
OF_THE_BYTES = {"not_decodable", "not_as_marked", "damaged_utf8", "binary", "bad_character"}


@dataclass(frozen=True)
class Source:
    """A text, and what was understood of the files that it came in."""

    text: str
    encodings: tuple[str, ...]  # names, in the order of their first use
    files: int = 1  # that were joined
    passed_over: int = 0  # files beside them that are no .txt

    @property
    def beginning(self) -> str:
        """The first characters of the text in one line."""
        start = " ".join(self.text[: 20 * SHOWN].split())
        return start if len(start) <= SHOWN else f"{start[:SHOWN].rstrip()}…"


def read_corpus(source: str | Path | bytes, filename: str | None = None, field: str = "corpus") -> str:
    """The text of `read_source`."""
    return read_source(source, filename, field).text


def read_source(source: str | Path | bytes, filename: str | None = None, field: str = "corpus") -> Source:
    """Read a text file; or join the `.txt` files in a `.zip` or a folder, in the natural order of their names.

    source: a path; or the bytes, with the `filename` under which they came. See `decode` for the encodings and
    `texts_in_zip` for what an archive may hold. Raises InvalidInput, also for a blank text.
    """
    name = filename if isinstance(source, bytes) else str(source)
    if not isinstance(source, bytes) and _is_folder(Path(source)):
        return _joined(*_texts_in_folder(Path(source), field), field)
    suffix = Path(name or "").suffix.lower()
    data = source if isinstance(source, bytes) else None
    if suffix not in SUFFIXES:
        _refuse_document(data if data is not None else _beginning(Path(source)), name, field)
        raise InvalidInput("file_kind", field, value=echo(name))
    data = read_file(Path(source), field) if data is None else data
    if len(data) > MAX_FILE_BYTES:
        raise InvalidInput("too_many_bytes", field, high=MAX_FILE_BYTES)
    _refuse_document(data, name, field)
    if suffix == ".zip":
        return _joined(*texts_in_zip(data, field), field)
    decoded = decode(data, field)
    return Source(check_text(decoded.text, field), (decoded.encoding,))


def read_file(path: Path, field: str) -> bytes:
    """The bytes of a regular file, one more than allowed if it is too large. Raises InvalidInput."""
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
        return False  # reading it as a file will say what is wrong


def _beginning(path: Path) -> bytes:
    """The bytes of a file of an unknown kind, as far as they say which; none if it cannot be read."""
    try:
        return path.read_bytes() if path.is_file() and path.stat().st_size <= MAX_FILE_BYTES else b""
    except (OSError, ValueError):
        return b""


def _refuse_document(data: bytes, name: str | None, field: str) -> None:
    if kind := document_kind(data):
        raise InvalidInput("document", field, value=echo(PurePosixPath(name or "").name), kind=kind)


def _texts_in_folder(folder: Path, field: str) -> tuple[list[tuple[str, bytes]], int]:
    """Read the `.txt` files in and below `folder`, and count the others; links to folders are not followed."""
    texts, others, total = [], 0, 0
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not is_hidden(PurePosixPath(name))]
        for name in names:
            if is_hidden(PurePosixPath(name)):
                continue
            if Path(name).suffix.lower() != TEXT_SUFFIX:
                others += 1
                continue
            texts.append(Path(place, name))
            if len(texts) > MAX_FILES:
                raise InvalidInput("folder_files", field, value=echo(str(folder)), high=MAX_FILES)
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
    """Decode each file by itself, and join them; each begins a new line."""
    decoded: list[Decoded | None] = []
    for name, data in files:
        _refuse_document(data, name, field)
        decoded.append(_decoded(data, field))
    known = dict.fromkeys(text.codec for text in decoded if text is not None)
    texts = []
    for (name, data), text in zip(files, decoded, strict=True):
        text = text or next((other for codec in known if (other := decode_as(data, codec))), None)
        if text is None:
            raise InvalidInput("not_decodable_file", field, value=echo(name))
        texts.append(text)
    pieces = [text.text if text.text.endswith(("\n", "\r")) else f"{text.text}\n" for text in texts[:-1]]
    whole = check_text("".join([*pieces, texts[-1].text]), field)
    return Source(whole, tuple(dict.fromkeys(text.encoding for text in texts)), len(texts), passed_over)


def _decoded(data: bytes, field: str) -> Decoded | None:
    """The text of one of many files; None if its bytes alone do not tell the encoding."""
    try:
        return decode(data, field)
    except InvalidInput as error:
        if error.code not in OF_THE_BYTES:
            raise
        return None
