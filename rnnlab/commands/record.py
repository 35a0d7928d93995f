"""`rnnlab train --record FILE`: write a run's memory of itself as one file."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from rnnlab.commands.console import notes
from rnnlab.commands.language import say
from rnnlab.experiments.language_model.recording import Recorder, Recording


class RecordingFile:
    """Records into a folder beside the file, and writes the file at the end, whether the run was interrupted or not.

    Without a path it records nothing.
    """

    def __init__(self, path: Path | None) -> None:
        """Raises OSError if no file can be written there."""
        self.path, self.recorder = path, None
        if path is not None:
            self._folder = TemporaryDirectory(prefix=f".{path.name[:50]}.", dir=path.parent)
            self.recorder = Recorder(Recording(Path(self._folder.name) / "recording"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Write the file. Raises OSError."""
        if self.recorder is None or self.path is None:
            return
        try:
            self.recorder.wait()
            recording = self.recorder.recording
            if recording.epochs:
                recording.save(self.path)
                facts = {
                    "path": self.path,
                    "epochs": len(recording.epochs),
                    "megabytes": self.path.stat().st_size / 1e6,
                }
                notes().print(say("recorded", **facts), markup=False, soft_wrap=True)
        finally:
            self._folder.cleanup()
