"""Store trainings in a folder, so that they survive the process.

<key>.safetensors   the checkpoint; in its header also the rows of the curve, and how it ended
                    (at the beginning no tensors: the header has the configuration, and its seed suffices)
<key>.zip           a lesson that survives the process, see `stored_lessons`
<key>.txt           the visitor's own text, if the run learns one; written before the other file and never changed

The key is a hash of the run's id; the id is a secret and is not written anywhere. Only the server's account can read
the files. Each is written as a whole or not at all, so after a crash the folder holds the run at one
moment.
"""

from __future__ import annotations

import errno
import json
import os
import re
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from rnnlab import checkpoints, limits
from rnnlab.checkpoints import FORMAT
from rnnlab.checkpoints.files import is_config, open_file, read_header, without_tensors, write_file
from rnnlab.experiments.language_model import Config, CurveRows
from rnnlab.experiments.language_model.data import prefixes_of
from rnnlab.experiments.language_model.evaluation import readable_prefixes
from rnnlab.hosting import line, restore_folder
from rnnlab.resources import CORPORA
from rnnlab.runs.logger import logger
from rnnlab.runs.protocols import Storable
from rnnlab.runs.recordings import Recordings
from rnnlab.runs.resume_point import ResumePoint
from rnnlab.runs.run import Run
from rnnlab.runs.serialization import from_stored, to_stored
from rnnlab.runs.states import ENDED, PAUSED, RESTARTED
from rnnlab.runs.stored_lessons import Restore, from_zip, to_zip
from rnnlab.runs.stored_text import read_stored_text
from rnnlab.runs.training import Training, training_of
from rnnlab.text.corpus import digest_of
from rnnlab.validation import InvalidInput, echo

RUN_FILE = re.compile(r"([0-9a-f]{64})\.(safetensors|txt|zip)")
KINDS = ("safetensors", "txt", "zip")
TEMPORARY = ".*.tmp"  # of a save that was cut short

# Errors that a damaged or hostile file may cause beyond the checks: they must not end the start or lose other runs.
UNFORESEEN = (ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RuntimeError, TypeError, ValueError)

Skipped = tuple[str, InvalidInput]  # a file's name, and what is wrong with it


class Store:
    """The saved runs in `folder`, made if it is missing; their files take at most `max_bytes` together."""

    def __init__(
        self,
        folder: str | Path,
        max_bytes: int = limits.MAX_STORED_RUNS_BYTES,
        lessons: Mapping[str, Restore] | None = None,
    ) -> None:
        """`lessons`: what restores the lessons that survive the process, by their kind."""
        self._lessons = lessons or {}
        self.folder, self.max_bytes = Path(folder), max_bytes
        self._sizes: dict[Path, int] = {}
        self._refused: tuple[Path, int] | None = None  # the last file that did not fit, and its size
        self._lock = threading.Lock()  # guards both
        self.recordings = Recordings(self.folder.parent / "recordings")

    def save(self, run: Run) -> None:
        """Write the run as it is now. Raises OSError if the disk does not take it; the old file then stays."""
        if isinstance(run.experiment, Storable):
            ended = run.ended  # before the rest, as below
            content, own = to_zip(run), run.experiment.own_text()
            self._make_folder()
            self._write_text(run.key, None if ended else own)
            self._write(self._path(run.key, "zip"), content)
            if ended:  # it goes on from nothing
                self._unlink(self._path(run.key, "txt"))
            return
        state = run.state  # before the rest, which may only be younger; and once, for the run may go on meanwhile
        ended = state in ENDED
        point = training_of(run).resume_point()
        header: dict[str, Any] = {"state": state if ended else None}
        header["rows"] = to_stored(run.since(0).rows, point.place, ended)
        self._make_folder()
        self._write_text(run.key, point.text)
        if point.checkpoint is not None and any(point.place):
            content = checkpoints.to_bytes(point.checkpoint, {"run": json.dumps(header)})
        else:
            header["config"] = run.config.to_strings()
            header["text_digest"] = "" if point.text is None else digest_of(point.text)
            content = without_tensors(FORMAT, {"run": json.dumps(header)})
        self._write(self._path(run.key), content)

    def read(self, key: str) -> ResumePoint:
        """Return the run's resume point. Raises InvalidInput if its files are missing or damaged."""
        return self._resume_point(self._path(key), self._header(self._path(key)))

    def missing(self) -> set[str]:
        """Return the keys of runs whose files somebody has removed, once each. Raises OSError."""
        try:
            present = set(os.listdir(self.folder))
        except FileNotFoundError:
            present = set()
        with self._lock:
            gone = [path for path in self._sizes if path.name not in present and not path.exists()]
            for path in gone:
                del self._sizes[path]
        return {path.stem for path in gone}

    def forget(self, key: str) -> None:
        """Remove the run's files. A file that cannot be removed is loaded again at the next start."""
        for kind in KINDS:
            self._unlink(self._path(key, kind))

    def _unlink(self, path: Path) -> None:
        with suppress(OSError):
            path.unlink(missing_ok=True)
            with self._lock:
                self._sizes.pop(path, None)
                self._clear_refused(path)

    @property
    def surplus(self) -> float:
        """Return the bytes to free: those beyond 0.9 · `max_bytes`, or as many as the refused file needs."""
        with self._lock:
            used = sum(self._sizes.values())
            surplus = max(0.0, used - 0.9 * self.max_bytes)
            if self._refused is not None:
                path, size = self._refused
                surplus = max(surplus, used - self._sizes.get(path, 0) + size - self.max_bytes)
            return surplus

    @property
    def room_beside(self) -> float:
        """Return the bytes that the saved runs leave to other files: of 0.9 · `max_bytes`, so that runs can grow."""
        with self._lock:
            return max(0.0, 0.9 * self.max_bytes - sum(self._sizes.values()))

    def size_of(self, key: str) -> int:
        """Return the bytes of the run's files."""
        with self._lock:
            return sum(self._sizes.get(self._path(key, kind), 0) for kind in KINDS)

    def load(self) -> tuple[list[Run], list[Skipped]]:
        """Return all runs, the latest last, and the files that hold none. Runs that had not ended are paused.

        Every file is checked, for the folder may hold anything. Raises OSError if the folder cannot be used.
        """
        self._make_folder()
        for temporary in self.folder.glob(TEMPORARY):
            with suppress(OSError):  # it may be a folder: the loop below then skips and names it
                temporary.unlink()
        runs: list[Run] = []
        skipped: list[Skipped] = []
        for path in sorted(self.folder.iterdir(), key=lambda path: (path.lstat().st_mtime_ns, path.name)):
            try:
                run = self._load(path)
            except InvalidInput as error:
                skipped.append((path.name, error))
            except UNFORESEEN as error:
                logger.warning(line("store_file_trouble", file=path.name, error=type(error).__name__))
                skipped.append((path.name, InvalidInput("stored_run", echo(path.name, 80))))
            else:
                runs += [] if run is None else [run]
        return runs, skipped

    def _load(self, path: Path) -> Run | None:
        """Load the run of this file; return None for a text, which belongs to a run. Raises InvalidInput."""
        name = RUN_FILE.fullmatch(path.name)
        if name is None or path.is_symlink() or not path.is_file():
            raise InvalidInput("stored_run", echo(path.name, 80))
        key, kind = name.groups()
        if kind == "txt":
            owners = (self._path(key, other) for other in KINDS if other != kind)
            if not any(owner.exists() for owner in owners):  # the process ended before the other file, or forgetting
                path.unlink(missing_ok=True)
            return None
        if kind == "zip":
            run = from_zip(path, key, self._lessons)
            self._note_sizes(path)
            return run
        header = self._header(path)
        point = self._resume_point(path, header)
        checkpoint = point.checkpoint
        config = Config.from_strings(header["config"] if checkpoint is None else checkpoint.config)
        rows = from_stored(header.get("rows"), () if checkpoint is None else checkpoint.history, path.name)
        state, why = (header["state"], "") if header["state"] in ENDED else (PAUSED, RESTARTED)
        vocab = None if checkpoint is None else checkpoint.vocab
        prefixes = prefixes_of(config, point.text or "", vocab)
        if vocab is not None:
            prefixes = tuple(readable_prefixes(config, vocab, prefixes))
        training = Training.from_store(config, point.place, prefixes, partial(self.read, key))
        self._note_sizes(path)
        return Run(training, CurveRows(config.epochs), rows, key=key, state=state, why=why)

    def _header(self, path: Path) -> dict[str, Any]:
        """Return what the file's header says besides the checkpoint. Raises InvalidInput."""
        with open_file(path, path.name) as file:
            metadata = read_header(file, FORMAT, path.name).metadata
        try:
            header = json.loads(metadata["run"])
        except (KeyError, TypeError, ValueError, RecursionError):
            raise InvalidInput("stored_run", path.name) from None
        if not isinstance(header, dict) or header.get("state", "") not in (*ENDED, None):
            raise InvalidInput("stored_run", path.name)
        if "config" in header and not is_config(header["config"]):
            raise InvalidInput("stored_run", path.name)
        return header

    def _resume_point(self, path: Path, header: Mapping[str, Any]) -> ResumePoint:
        """Return the checkpoint, if there is one, and the text, if its digest matches. Raises InvalidInput."""
        if "config" in header:
            checkpoint, settings, expected = None, header["config"], header.get("text_digest")
        else:
            checkpoint = checkpoints.load(path, path.name)
            settings, expected = checkpoint.config, checkpoint.text_digest
        if settings.get("corpus") in CORPORA:
            return ResumePoint(checkpoint, None)
        return ResumePoint(checkpoint, read_stored_text(path.with_suffix(".txt"), expected, path.name))

    def _note_sizes(self, path: Path) -> None:
        """Note the sizes of a run's file and of its text."""
        self._sizes |= {file: file.stat().st_size for file in (path, path.with_suffix(".txt")) if file.exists()}

    def _write_text(self, key: str, text: str | None) -> None:
        """Write the visitor's own text of a run, unless it has none or it is there already. Raises OSError."""
        path = self._path(key, "txt")
        if text is not None and not path.exists():
            self._write(path, text.encode("utf-8"))

    def _write(self, path: Path, content: bytes) -> None:
        with self._lock:
            others = sum(size for other, size in self._sizes.items() if other != path)
            if others + len(content) > self.max_bytes:
                if len(content) < 0.9 * self.max_bytes:  # evicting other runs can make room for it
                    self._refused = path, len(content)
                raise OSError(errno.ENOSPC, "The folder of saved runs is full")
        write_file(path, content, 0o600)
        with self._lock:
            self._sizes[path] = len(content)
            self._clear_refused(path)

    def _clear_refused(self, path: Path) -> None:
        """Forget that this file did not fit: no run needs to be evicted for it any more."""
        if self._refused is not None and self._refused[0] == path:
            self._refused = None

    def _make_folder(self) -> None:
        restore_folder(self.folder.parent)
        if not self.folder.is_dir():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.folder.stat().st_mode & 0o077:
            self.folder.chmod(0o700)

    def _path(self, key: str, kind: str = "safetensors") -> Path:
        return self.folder / f"{key}.{kind}"
