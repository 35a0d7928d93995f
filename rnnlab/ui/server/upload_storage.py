"""The inbox: the folder where uploaded files lie until they are read, and how much may come there.

A handler reads a file a moment after it came, and keeps what it needs of it (`rnnlab.ui.session.uploads`). Gradio
keeps a file that two visitors have sent only once, so none goes as soon as it is read; all go some minutes later.
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
from rnnlab.validation import InvalidInput, echo

MIB = 2**20
MOST_BYTES = 512 * MIB  # of all requests that come now, or came less than KEPT ago
LEAST_BYTES = MIB  # that a request counts for: however small, a file takes room on the disk
SHARES = 4  # one owner's requests have at most one part in so many of it
KEPT = 300.0  # seconds from the end of a request until its files go
SWEPT_EVERY = 30.0  # seconds
TEMPORARY = tempfile.gettempprefix()  # so begins the name of a file that is not there yet as a whole

log = logging.getLogger(__name__)


def gradio_inbox(folder: Path) -> Path:
    """Have Gradio put uploads into this folder, which is ours alone and empty afterwards; call it before `create_app`.

    Its own choice is a folder that everybody on the machine shares. Raises InvalidInput when ours cannot be used.
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
    except FileNotFoundError:  # in a container without a writable disk but this folder, say
        tempfile.tempdir = str(folder)
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    gradio.routes.DEFAULT_TEMP_DIR = str(folder)  # read when it was imported
    return folder


@dataclass(eq=False)
class StoredUpload:
    """A request that brings files: what it takes up, and until when; for ever as long as it comes."""

    nbytes: float
    owner: str = ""
    until: float = math.inf


class UploadStorage:
    """How much may still come. Used by the server's event loop alone, so it needs no lock.

    `known`: the paths that were uploaded; they leave it with their files. Only a `folder` that is ours alone is swept.
    """

    def __init__(
        self,
        folder: Path | None = None,
        known: set[str] | None = None,
        most: int = MOST_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder, self.most = folder, most
        self._known, self._clock = set() if known is None else known, clock
        self._parcels: list[StoredUpload] = []
        self._seen: dict[Path, float] = {}  # when each file was first found: its own time is the wall clock's
        self._swept = -math.inf

    def prepare(self) -> None:
        """Make the folder again if somebody has removed it. Raises OSError."""
        if self.folder is not None and not self.folder.is_dir():
            restore_folder(self.folder.parent)
            self.folder.mkdir(mode=0o700, exist_ok=True)

    @contextmanager
    def taking(self, nbytes: float, came: Callable[[], int], owner: str = "") -> Iterator[bool]:
        """Whether a request may come that says to have so many bytes; if so, it takes that room while it comes.

        Then it takes what its files need, by the bytes that `came`, for as long as they lie there. One `owner`, if that
        is known, has a quarter of the room: a loop of uploads leaves the others theirs.
        """
        now = self._clock()
        self._parcels = [parcel for parcel in self._parcels if parcel.until > now]
        parcel = StoredUpload(max(nbytes, LEAST_BYTES), owner)
        there, own = (sum(p.nbytes for p in self._parcels if not of or p.owner == of) for of in ("", owner))
        if there + parcel.nbytes > self.most or (owner and own + parcel.nbytes > self.most // SHARES):
            yield False
            return
        self.sweep()
        self._parcels.append(parcel)
        try:
            yield True
        finally:
            parcel.nbytes, parcel.until = max(came(), LEAST_BYTES), self._clock() + KEPT
            self._look(finished=all(other.until < math.inf for other in self._parcels))

    def sweep(self) -> None:
        """Remove the files that have lain there for KEPT, and the folders that are empty; not each time."""
        now = self._clock()
        if now - self._swept >= SWEPT_EVERY:
            self._swept = now
            self._look(now - KEPT)

    def _look(self, until: float = -math.inf, finished: bool = False) -> None:
        """Note which files are new, and remove those that were found before `until`.

        When all uploads are `finished`, what is left of one that broke off goes as well, as on a disk that is full.
        """
        if self.folder is None:
            return
        there: dict[Path, float] = {}
        try:
            for folder, _, files in os.walk(self.folder, topdown=False):
                for file in map(Path(folder).joinpath, files):
                    found = self._seen.get(file, self._clock())
                    broken_off = (
                        finished and Path(folder) == self.folder and file.name.startswith(tempfile.gettempprefix())
                    )
                    if found < until or broken_off:
                        file.unlink(missing_ok=True)
                        self._known.discard(str(file))
                    else:
                        there[file] = found
                if Path(folder) != self.folder and not os.listdir(folder):
                    os.rmdir(folder)
        except OSError as error:
            log.warning(line("uploads_not_removed", reason=error.strerror))
        self._seen = there
