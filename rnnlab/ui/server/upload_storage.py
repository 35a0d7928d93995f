"""Upload storage: the folder where uploaded files lie until they are read, and how much of the disk they may take.

A handler reads a file a moment after its upload, and keeps the content in memory (`rnnlab.ui.session.uploads`). Gradio
stores equal files of two visitors once, so no file is removed right after it was read; all are some minutes later.
"""

from __future__ import annotations

import logging
import math
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import gradio.routes

from rnnlab.hosting import line, restore_folder
from rnnlab.limits import MAX_STORED_BYTES, MIB
from rnnlab.validation import InvalidInput, echo

MIN_WEIGHT = MIB  # bytes that a request counts for: however small, a file takes room on the disk
SHARES = 4  # one client's requests may take one part in so many
RETENTION = 300.0  # seconds from the end of a request until its files are removed
SWEEP_PERIOD = 30.0  # seconds

log = logging.getLogger(__name__)


def upload_folder(folder: Path) -> Path:
    """Empty this folder and have Gradio store uploads there; to be called before `create_app`.

    Gradio's own choice is a folder that all users of the machine share. Raises InvalidInput when this one is unusable.
    """
    try:
        if folder.is_symlink() or folder.is_file():
            folder.unlink()  # not what it leads to
        elif folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(mode=0o700)
    except OSError as error:
        value = echo(str(folder), 200)
        raise InvalidInput("data_dir_unusable", "data_dir", value=value, reason=error.strerror) from None
    try:
        tempfile.gettempdir()
    except FileNotFoundError:  # in a container without any other writable disk, for example
        tempfile.tempdir = str(folder)
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    gradio.routes.DEFAULT_TEMP_DIR = str(folder)  # Gradio read the environment when it was imported
    return folder


@dataclass(eq=False)
class StoredRequest:
    """A request with files: the bytes that it takes up, and until when; without end while it arrives."""

    nbytes: float
    client: str
    expiry: float = math.inf


class UploadStorage:
    """The room on the disk. Used by the server's event loop alone, so it needs no lock.

    `paths`: those of all uploads; a path is removed with its file. Without a `folder` nothing is swept.
    """

    def __init__(
        self,
        folder: Path | None = None,
        paths: set[str] | None = None,
        max_bytes: int = MAX_STORED_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder, self._max_bytes, self._clock = folder, max_bytes, clock
        self._paths = set() if paths is None else paths
        self._stored: list[StoredRequest] = []
        self._found: dict[Path, float] = {}  # when each file was first seen: its own time is by the wall clock
        self._last_sweep = -math.inf

    def prepare(self) -> None:
        """Make the folder again if it was removed. Raises OSError."""
        if self.folder is not None and not self.folder.is_dir():
            restore_folder(self.folder.parent)
            self.folder.mkdir(mode=0o700, exist_ok=True)

    @contextmanager
    def admit(self, nbytes: float, arrived: Callable[[], int], client: str = "") -> Iterator[bool]:
        """Yield whether there is room for a request of so many bytes, and reserve it while the block runs.

        Afterwards the request counts for the bytes that `arrived`, as long as its files lie there. A client, if it is
        known, has a share of the room, so that a loop of uploads leaves room for others.
        """
        now = self._clock()
        self._stored = [other for other in self._stored if other.expiry > now]
        stored = StoredRequest(max(nbytes, MIN_WEIGHT), client)
        total = stored.nbytes + sum(other.nbytes for other in self._stored)
        own = stored.nbytes + sum(other.nbytes for other in self._stored if other.client == client)
        if total > self._max_bytes or (client and own > self._max_bytes // SHARES):
            yield False
            return
        if now - self._last_sweep >= SWEEP_PERIOD:
            self._last_sweep = now
            self.sweep()
        self._stored.append(stored)
        try:
            yield True
        finally:
            stored.nbytes, stored.expiry = max(arrived(), MIN_WEIGHT), self._clock() + RETENTION
            self.sweep(aborted=all(other.expiry < math.inf for other in self._stored))

    def sweep(self, aborted: bool = False) -> None:
        """Remove old files, empty folders, and, when no upload is arriving, the parts of `aborted` ones."""
        if self.folder is None:
            return
        now, kept = self._clock(), {}
        try:
            for folder, _, names in os.walk(self.folder, topdown=False):
                for file in (Path(folder, name) for name in names):
                    found = self._found.get(file, now)
                    is_part = file.parent == self.folder and file.name.startswith(tempfile.gettempprefix())
                    if now - found > RETENTION or (aborted and is_part):
                        file.unlink(missing_ok=True)
                        self._paths.discard(str(file))
                    else:
                        kept[file] = found
                if Path(folder) != self.folder and not os.listdir(folder):
                    os.rmdir(folder)
        except OSError as error:
            log.warning(line("uploads_not_removed", reason=error.strerror))
        self._found = kept
