"""What survives the process: a folder with a file for each run.

<key>.safetensors   the checkpoint of the last whole epoch; in its header also the rows of the curve, and how it ended
                    (before the first epoch no tensors: the header has the configuration, and the seed says the rest)
<key>.txt           the visitor's own text, if it learns one; written before the other file and never changed

The key is a hash of the run's id, which is a secret and stands nowhere. Only the owner can read the files. Each is
written whole or not at all, so whenever the process dies the folder holds the run as it was at some whole epoch.
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

from rnnlab import checkpoints
from rnnlab.checkpoints import FORMAT
from rnnlab.checkpoints.files import is_config, open_file, read_header, without_tensors, write_file
from rnnlab.experiments.language_model import Config, CurveRows
from rnnlab.experiments.language_model.data import prefixes_of
from rnnlab.hosting import line, restore_folder
from rnnlab.limits import MAX_TEXT_CHARACTERS
from rnnlab.resources import SHIPPED_CORPORA
from rnnlab.runs.driven import log
from rnnlab.runs.run import Run
from rnnlab.runs.serialization import settled, whole_rows
from rnnlab.runs.states import ENDED, PAUSED, RESTARTED
from rnnlab.runs.training import Kept, Training
from rnnlab.text.corpus import digest_of
from rnnlab.validation import InvalidInput, echo

MAX_BYTES = 2 * 2**30  # of all files together
RUN_FILE = re.compile(r"([0-9a-f]{64})\.(safetensors|txt)")
KINDS = ("safetensors", "txt")
TEMPORARY = ".*.tmp"  # of a save that was cut short

# What somebody's file may bring about that no check has thought of: neither the start nor another run is lost by it.
UNFORESEEN = (ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RuntimeError, TypeError, ValueError)

Skipped = tuple[str, InvalidInput]  # a file's name, and what is wrong with it


class Store:
    """Runs in `folder`, which is made when it is not there; their files take at most `max_bytes` together."""

    def __init__(self, folder: str | Path, max_bytes: int = MAX_BYTES) -> None:
        self.folder, self.max_bytes = Path(folder), max_bytes
        self._sizes: dict[Path, int] = {}
        self._refused: tuple[Path, int] | None = None  # the last file for which there was no room, and its size
        self._lock = threading.Lock()  # guards both

    def save(self, run: Run) -> None:
        """Write the run as it stands. Raises OSError when the disk will not take it; the old file is then untouched."""
        state = run.state  # before the rest, which may only be younger; and once, for the run may go on meanwhile
        state = state if state in ENDED else None
        kept, text = run.experiment.kept(), self._path(run.key, "txt")
        about = {"state": state, "rows": settled(run.since(0).rows, kept.epoch, state is not None)}
        self._make_folder()
        if kept.text is not None and not text.exists():
            self._put(text, kept.text.encode("utf-8"))
        if kept.epoch:
            content = checkpoints.to_bytes(kept.checkpoint, {"run": json.dumps(about)})
        else:
            about |= {
                "config": run.config.to_strings(),
                "text_digest": "" if kept.text is None else digest_of(kept.text),
            }
            content = without_tensors(FORMAT, {"run": json.dumps(about)})
        self._put(self._path(run.key), content)

    def read(self, key: str) -> Kept:
        """What the run goes on from. Raises InvalidInput when it is not there any more, or damaged."""
        return self._kept(self._path(key), self._about(self._path(key)))

    def missing(self) -> set[str]:
        """The keys of runs whose files somebody has removed, once each. Raises OSError when it cannot be seen."""
        try:
            there = set(os.listdir(self.folder))
        except FileNotFoundError:
            there = set()
        with self._lock:
            gone = [path for path in self._sizes if path.name not in there and not path.exists()]
            for path in gone:
                del self._sizes[path]
        return {path.stem for path in gone}

    def forget(self, key: str) -> None:
        """Remove the run's files. What cannot be removed is found again at the next start."""
        for kind in KINDS:
            path = self._path(key, kind)
            try:
                path.unlink(missing_ok=True)
            except OSError:
                continue
            with self._lock:
                self._sizes.pop(path, None)
                self._has_its_room(path)

    @property
    def surplus(self) -> float:
        """Bytes of runs that must be forgotten so that others can be saved: beyond nine tenths, or for the last one."""
        with self._lock:
            used = sum(self._sizes.values())
            surplus = max(0.0, used - 0.9 * self.max_bytes)
            if self._refused is not None:
                path, size = self._refused
                surplus = max(surplus, used - self._sizes.get(path, 0) + size - self.max_bytes)
            return surplus

    def size_of(self, key: str) -> int:
        """Bytes of the run's files."""
        with self._lock:
            return sum(self._sizes.get(self._path(key, kind), 0) for kind in KINDS)

    def load(self) -> tuple[list[Run], list[Skipped]]:
        """All runs, those that had not ended as paused, the latest last; and the files that are none.

        Nothing is taken on trust, for the folder may hold anything. Raises OSError if it cannot be used at all.
        """
        self._make_folder()
        for temporary in self.folder.glob(TEMPORARY):
            with suppress(OSError):  # a folder of that name, say: it is skipped and named below
                temporary.unlink()
        runs, skipped = [], []
        for path in sorted(self.folder.iterdir(), key=lambda path: (path.lstat().st_mtime_ns, path.name)):
            try:
                run = self._load(path)
            except InvalidInput as error:
                skipped.append((path.name, error))
            except UNFORESEEN as error:
                log.warning(line("store_file_trouble", file=path.name, error=type(error).__name__))
                skipped.append((path.name, InvalidInput("stored_run", echo(path.name, 80))))
            else:
                runs += [] if run is None else [run]
        return runs, skipped

    def _load(self, path: Path) -> Run | None:
        """The run in this file; None for a text, which belongs to a run. Raises InvalidInput."""
        name = RUN_FILE.fullmatch(path.name)
        if name is None or path.is_symlink() or not path.is_file():
            raise InvalidInput("stored_run", echo(path.name, 80))
        key, kind = name.groups()
        if kind == "txt":
            if not self._path(key).exists():  # the process ended before the other file, or while forgetting
                path.unlink(missing_ok=True)
            return None
        about = self._about(path)
        kept = self._kept(path, about)
        begun = kept.checkpoint
        config = Config.from_strings(about["config"] if begun is None else begun.config)
        rows = whole_rows(about.get("rows"), () if begun is None else begun.history, path.name)
        state, why = (about["state"], "") if about["state"] in ENDED else (PAUSED, RESTARTED)
        prefixes = prefixes_of(config, "" if kept.text is None else kept.text)
        training = Training.suspended(config, kept.epoch, prefixes, partial(self.read, key))
        self._sizes |= {file: file.stat().st_size for file in (path, self._path(key, "txt")) if file.exists()}
        return Run(training, CurveRows(config.epochs), rows, key=key, state=state, why=why)

    def _about(self, path: Path) -> dict[str, Any]:
        """What stands in the header besides the checkpoint."""
        with open_file(path, path.name) as file:
            header = read_header(file, FORMAT, path.name)
        try:
            about = json.loads(header.metadata["run"])
        except (KeyError, TypeError, ValueError, RecursionError):
            raise InvalidInput("stored_run", path.name) from None
        if not isinstance(about, dict) or about.get("state", "") not in (*ENDED, None):
            raise InvalidInput("stored_run", path.name)
        if "config" in about and not is_config(about["config"]):
            raise InvalidInput("stored_run", path.name)
        return about

    def _kept(self, path: Path, about: Mapping[str, Any]) -> Kept:
        """The checkpoint, if there is one yet, with the text that it learns, which must be the very same."""
        if "config" in about:
            checkpoint, settings, expected = None, about["config"], about.get("text_digest")
        else:
            checkpoint = checkpoints.load(path, path.name)
            settings, expected = checkpoint.config, checkpoint.text_digest
        if settings.get("corpus") in SHIPPED_CORPORA:
            return Kept(checkpoint, None)
        text = _text(path.with_suffix(".txt"), path.name)
        if not text.strip() or digest_of(text) != expected:
            raise InvalidInput("stored_text", path.name)
        return Kept(checkpoint, text)

    def _put(self, path: Path, content: bytes) -> None:
        with self._lock:
            others = sum(size for other, size in self._sizes.items() if other != path)
            if others + len(content) > self.max_bytes:
                if len(content) < 0.9 * self.max_bytes:  # others may give way to it
                    self._refused = path, len(content)
                raise OSError(errno.ENOSPC, "The folder of saved runs is full")
        write_file(path, content, 0o600)
        with self._lock:
            self._sizes[path] = len(content)
            self._has_its_room(path)

    def _has_its_room(self, path: Path) -> None:
        """Nobody needs to give way to it any more."""
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


def _text(path: Path, field: str) -> str:
    """A run's own text. Raises InvalidInput."""
    if not path.is_file():  # or a pipe, which might never end
        raise InvalidInput("stored_text", field)
    try:
        with path.open("rb") as file:
            return file.read(4 * MAX_TEXT_CHARACTERS + 1).decode("utf-8")
    except (OSError, ValueError):
        raise InvalidInput("stored_text", field) from None
