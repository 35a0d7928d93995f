"""The recordings of trainings: a folder each, beside the saved runs, in the room that these leave.

The thread that trains writes them, without waiting for the disk. They are dropped first when there is no more room,
those of the oldest runs before others; such a run says so, and its curve, its songs and its model stay.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from rnnlab.experiments.language_model.recording import Recording
from rnnlab.hosting import line
from rnnlab.runs.logger import logger
from rnnlab.runs.run import Run
from rnnlab.runs.training import Training

DROPPED = {"kind": "recording_dropped"}  # the row of a run whose recording had to go


class Recordings:
    """The recordings in `folder`, by the keys of their runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, Recording] = {}

    def attach(self, run: Run) -> None:
        """Let a training record into its folder, and find what it recorded there before."""
        if isinstance(run.experiment, Training) and run.experiment.recording is None:
            self._known[run.key] = run.experiment.recording = Recording(self.folder / run.key)

    def drop(self, key: str) -> None:
        """Remove the recording of a run that is forgotten."""
        if (recording := self._known.pop(key, None)) is not None:
            recording.remove()

    def remove_others(self, runs: Iterable[Run]) -> None:
        """Remove what is in the folder and belongs to none of `runs`: an earlier process has left it."""
        keys = {run.key for run in runs}
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.is_dir() and not path.is_symlink() and path.name not in keys:
                shutil.rmtree(path, ignore_errors=True)

    @property
    def nbytes(self) -> int:
        """Return the bytes of all recordings."""
        return sum(recording.nbytes for recording in list(self._known.values()))

    def make_room(self, runs: Iterable[Run], most: float) -> None:
        """Drop recordings of `runs`, the oldest first and none that is being written, until all take `most` bytes."""
        for run in runs:
            if self.nbytes <= most:
                return
            recording = self._known.get(run.key)
            if recording is not None and recording.nbytes and not run.driven:
                logger.info(line("recording_dropped", run=run.name, bytes=recording.nbytes))
                recording.remove()
                run.note(dict(DROPPED))
