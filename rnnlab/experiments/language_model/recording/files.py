"""Where the files of a recording are: in a folder, or in one zip file to carry away."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from rnnlab import limits
from rnnlab.validation import InvalidInput, echo

DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, ValueError, NotImplementedError, EOFError, RuntimeError)


class Files(Protocol):
    """Named pieces of bytes."""

    def sizes(self) -> Mapping[str, int]:
        """Return the bytes of each file by its name."""

    def read(self, name: str) -> bytes:
        """Return a file. Raises OSError, if there is none FileNotFoundError."""

    def write(self, name: str, content: bytes) -> None:
        """Replace a file at once for its readers. Raises OSError."""

    def remove(self, name: str) -> None:
        """Remove a file if it is there."""

    def folders(self) -> Sequence[str]:
        """Return the names of the folders within."""

    def folder(self, name: str) -> Files:
        """Return a folder within, which is made with its first file. Raises OSError where none can be."""


class Folder:
    """A folder, made with the first file and removed with the last."""

    def __init__(self, path: Path, prepare: Callable[[], None] = lambda: None) -> None:
        """`prepare` is called before the folder is made; it may raise OSError."""
        self.path, self._prepare = path, prepare

    def sizes(self) -> Mapping[str, int]:
        """Return the bytes of each file by its name; of a folder that cannot be read none."""
        found = {}
        with suppress(OSError):
            for path in self.path.iterdir():
                if path.is_file():
                    found[path.name] = path.stat().st_size
        return found

    def read(self, name: str) -> bytes:
        """Return a file. Raises OSError."""
        return (self.path / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        """Replace a file. Nothing waits for the disk: a recording that a power cut takes is no lost run."""
        if not self.path.is_dir():
            self._prepare()
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = self.path / f".{name}.tmp"
        temporary.write_bytes(content)
        temporary.replace(self.path / name)

    def remove(self, name: str) -> None:
        """Remove a file if it is there, and what a process has left of it that ended while it wrote."""
        for own in (name, f".{name}.tmp"):
            with suppress(OSError):
                (self.path / own).unlink(missing_ok=True)
        with suppress(OSError):  # it has other files
            self.path.rmdir()

    def folders(self) -> list[str]:
        """Return the names of the folders within; of a folder that cannot be read none."""
        with suppress(OSError):
            return [path.name for path in self.path.iterdir() if path.is_dir() and not path.is_symlink()]
        return []

    def folder(self, name: str) -> Folder:
        """Return a folder within."""
        return Folder(self.path / name, self._prepare)


class ZipFile:
    """A zip file, to be read only; what it says of its sizes is not believed."""

    def __init__(self, path: Path) -> None:
        """Open the file at each use. Raises InvalidInput if it is no zip file."""
        self.path = path
        try:
            with zipfile.ZipFile(path) as archive:
                self._sizes = {item.filename: item.file_size for item in archive.infolist()}
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
            raise InvalidInput("no_recording_file", "recording", value=echo(str(path))) from None

    def sizes(self) -> Mapping[str, int]:
        """Return the bytes of each file by its name."""
        return self._sizes

    def read(self, name: str) -> bytes:
        """Return a file. Raises OSError; InvalidInput for one that is damaged or too large."""
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(name) as file:
                content = file.read(limits.MAX_RECORDING_BYTES + 1)
        except KeyError:
            raise FileNotFoundError(name) from None
        except DAMAGED:
            raise InvalidInput("recording_damaged", name) from None
        if len(content) > limits.MAX_RECORDING_BYTES:
            raise InvalidInput("recording_damaged", name)
        return content

    def write(self, name: str, content: bytes) -> None:
        """Refuse: it is read only."""
        raise OSError(f"{self.path} is a recording that has ended")

    def remove(self, name: str) -> None:
        """Refuse: it is read only."""
        raise OSError(f"{self.path} is a recording that has ended")

    def folders(self) -> tuple[str, ...]:
        """Return none: `Recording.save` writes no folders."""
        return ()

    def folder(self, name: str) -> Files:
        """Refuse: it is read only."""
        raise OSError(f"{self.path} is a recording that has ended")


def write_zip(files: Files, path: Path, extra: Mapping[str, bytes], *, without: tuple[str, ...] = ()) -> None:
    """Write `files`, but for those whose names begin as `without`, and `extra` as one zip file. Raises OSError."""
    temporary = path.with_name(f".{path.name}.tmp")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files.sizes()):
            if not name.startswith((".", *without)) and name not in extra:
                archive.writestr(_entry(name), files.read(name))
        for name, content in sorted(extra.items()):
            archive.writestr(_entry(name), content)
    temporary.replace(path)


def _entry(name: str) -> zipfile.ZipInfo:
    """Return an entry without a date, so that the same recording gives the same file."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
