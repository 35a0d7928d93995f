"""The inbox: the folder where uploaded files lie until they are read, and how much may come there.

A handler reads a file a moment after it came, and keeps what it needs of it (`rnnlab.ui.uploads`). Gradio
keeps a file that two visitors have sent only once, so none goes as soon as it is read; all go some minutes later.
"""

from __future__ import annotations

import logging
import math
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import gradio.routes

from rnnlab.operating import line
from rnnlab.validation import InvalidInput, echo

MIB = 2**20
MOST_BYTES = 512 * MIB  # of all requests that come now, or came less than KEPT ago
LEAST_BYTES = MIB  # that a request counts for: however small, a file takes room on the disk
KEPT = 300.0  # seconds from the end of a request until its files go
SWEPT_EVERY = 30.0  # seconds

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
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    gradio.routes.DEFAULT_TEMP_DIR = str(folder)  # read when it was imported
    return folder


@dataclass(eq=False)
class Parcel:
    """A request that brings files: what it takes up, and until when; for ever as long as it comes."""

    nbytes: float
    until: float = math.inf


class Inbox:
    """How much may still come. Used by the server's event loop alone, so it needs no lock.

    `known`: the paths that were uploaded; they leave it with their files. Only a `folder` that is ours alone is swept.
    """

    def __init__(
        self,
        folder: Path | None = None,
        known: set[str] | None = None,
        most: int = MOST_BYTES,
        clock: Callable[[], float] = time.time,  # as the files' times
    ) -> None:
        self.folder, self.most = folder, most
        self._known, self._clock = set() if known is None else known, clock
        self._parcels: list[Parcel] = []
        self._swept = -math.inf

    @contextmanager
    def taking(self, nbytes: float, came: Callable[[], int]) -> Iterator[bool]:
        """Whether a request may come that says to have so many bytes; if so, it takes that room while it comes.

        Then it takes what its files need, by the bytes that `came`, for as long as they lie there.
        """
        now = self._clock()
        self._parcels = [parcel for parcel in self._parcels if parcel.until > now]
        parcel = Parcel(max(nbytes, LEAST_BYTES))
        if sum(other.nbytes for other in self._parcels) + parcel.nbytes > self.most:
            yield False
            return
        self.sweep()
        self._parcels.append(parcel)
        try:
            yield True
        finally:
            parcel.nbytes, parcel.until = max(came(), LEAST_BYTES), self._clock() + KEPT

    def sweep(self) -> None:
        """Remove the files that have lain there for KEPT, and the folders that are empty; not each time."""
        now = self._clock()
        if self.folder is None or now - self._swept < SWEPT_EVERY:
            return
        self._swept = now
        try:
            for folder, _, files in os.walk(self.folder, topdown=False):
                self._sweep(Path(folder), files, now - KEPT)
        except OSError as error:
            log.warning(line("uploads_not_removed", reason=error.strerror))

    def _sweep(self, folder: Path, files: list[str], until: float) -> None:
        for file in map(folder.joinpath, files):
            if file.lstat().st_mtime < until:
                file.unlink()
                self._known.discard(str(file))
        if folder != self.folder and not any(folder.iterdir()):
            folder.rmdir()
