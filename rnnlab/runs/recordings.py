"""The recordings of trainings: a folder each, beside the saved runs, in the room that these leave.

The thread that trains writes them, without waiting for the disk. They are dropped first when there is no more room,
those of the oldest runs before others; such a run says so, and its curve, its songs and its model stay.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from rnnlab import limits
from rnnlab.experiments.language_model.recording import Recording
from rnnlab.experiments.language_model.recording.files import Folder
from rnnlab.hosting import line, restore_folder
from rnnlab.runs import eviction
from rnnlab.runs.logger import logger
from rnnlab.runs.run import Run
from rnnlab.runs.training import Training

KEY = re.compile(r"[0-9a-f]{64}")  # of a run
ENDED = "recording_ended"  # the kind of the row of a run whose recording the disk did not take
DROPPED = {"kind": "recording_dropped"}  # the row of a run whose recording had to go


class Recordings:
    """The recordings in `folder`, by the keys of their runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, Recording] = {}

    def attach(self, run: Run) -> None:
        """Let a training record into its folder, and find what it recorded there before."""
        if isinstance(run.experiment, Training) and run.experiment.recording is None:
            files = Folder(self.folder / run.key, self._prepare)
            self._known[run.key] = run.experiment.recording = recording = Recording(files)
            recording.on_end = lambda reason: run.note({"kind": ENDED, "reason": reason})

    def drop(self, key: str) -> None:
        """Remove the recording of a run that is forgotten."""
        if (recording := self._known.pop(key, None)) is not None:
            recording.remove()

    def remove_others(self, runs: Iterable[Run]) -> None:
        """Remove what is in the folder and belongs to none of `runs`: an earlier process has left it."""
        keys = {run.key for run in runs}
        with suppress(OSError):
            for path in self.folder.iterdir():
                if KEY.fullmatch(path.name) and path.is_dir() and not path.is_symlink() and path.name not in keys:
                    shutil.rmtree(path, ignore_errors=True)

    def _prepare(self) -> None:
        """Make the folder of all recordings, which only this account can read. Raises OSError."""
        restore_folder(self.folder.parent)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def nbytes(self) -> int:
        """Return the bytes of all recordings."""
        return sum(recording.nbytes for recording in list(self._known.values()))

    def make_room(self, runs: Iterable[Run], most: float) -> None:
        """Drop recordings of `runs`, the oldest first, until all take `most` bytes; none that is being written.

        Those of the owner go first whose recordings take the most.
        """
        surplus, sizes = self.nbytes - most, {key: recording.nbytes for key, recording in self._known.items()}
        still = [run for run in runs if not run.driven and sizes.get(run.key)]
        kept = sum(sizes[run.key] for run in still) - surplus
        for run in eviction.beyond(still, kept, lambda run: sizes[run.key], limits.MIB) if surplus > 0 else ():
            logger.info(line("recording_dropped", run=run.name, bytes=sizes[run.key]))
            self._known[run.key].remove()
            run.note(dict(DROPPED))
