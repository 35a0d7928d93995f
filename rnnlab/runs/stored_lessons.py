"""Lessons that survive the process: a zip file each, with what the experiment itself writes, and its rows.

run.json    which lesson it is, how it ended, and its rows
others      what the experiment goes on from; none where it has ended

A text of the visitor's own is a file beside the zip (`stored_text`), so that it is not written at every save.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnlab import limits
from rnnlab.runs.history import EventToRow, Row
from rnnlab.runs.protocols import Experiment, Storable
from rnnlab.runs.run import Run
from rnnlab.runs.states import ENDED, PAUSED, RESTARTED, TRAINING
from rnnlab.runs.stored_text import KIND as TEXT
from rnnlab.runs.stored_text import read_stored_text
from rnnlab.validation import InvalidInput, echo

RUN = "run.json"
DATE = (1980, 1, 1, 0, 0, 0)
MAX_DEPTH = 5  # of lists and dicts in a row
DAMAGED = (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, RuntimeError, KeyError, RecursionError)


@dataclass(frozen=True)
class StoredFiles:
    """The files of a lesson of an earlier process. Reading raises InvalidInput for what is damaged or missing."""

    path: Path  # of the zip

    def read(self, name: str) -> bytes:
        """Return a file of the zip."""
        try:
            with zipfile.ZipFile(self.path) as archive:
                entry = archive.getinfo(name)
                if entry.compress_type != zipfile.ZIP_STORED:  # so that no file is larger than the disk says
                    raise ValueError("compressed")
                with archive.open(entry) as file:
                    return file.read(limits.MAX_STORED_RUNS_BYTES)
        except (OSError, *DAMAGED):
            raise InvalidInput("stored_run", echo(self.path.name, 80)) from None

    def text(self, digest: str) -> str:
        """Return the visitor's own text, which has that digest."""
        return read_stored_text(self.path.with_suffix(f".{TEXT}"), digest, echo(self.path.name, 80))


@dataclass(frozen=True)
class StoredLesson:
    """What a lesson makes of its files: an experiment that goes on, and what turns its events into rows."""

    experiment: Experiment
    record: EventToRow
    pool: str = TRAINING


# Of each lesson that survives, by its kind: makes it of its files and its rows. Raises InvalidInput.
Restore = Callable[[StoredFiles, list[Row]], StoredLesson]


def to_zip(run: Run) -> bytes:
    """Return the file of a run whose experiment is Storable. Raises InvalidInput if its state was lost."""
    experiment = run.experiment
    assert isinstance(experiment, Storable)
    ended = run.state in ENDED  # before the rest, which may only be younger
    files, rows = experiment.to_store(lambda: run.since(0).rows, ended)
    about = {"kind": experiment.kind, "state": run.state if ended else None, "rows": rows}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, data in ({RUN: json.dumps(about).encode(), **files}).items():
            archive.writestr(zipfile.ZipInfo(name, DATE), data)
    return content.getvalue()


def from_zip(path: Path, key: str, restore: Mapping[str, Restore]) -> Run:
    """Return the run in a file of `to_zip`, paused if it had not ended. Raises InvalidInput."""
    files = StoredFiles(path)
    try:
        about = json.loads(files.read(RUN))
        kind, state, rows = about["kind"], about["state"], about["rows"]
    except (TypeError, *DAMAGED):
        raise InvalidInput("stored_run", path.name) from None
    valid = kind in restore and state in (*ENDED, None) and isinstance(rows, list) and all(map(_is_row, rows))
    if not valid:
        raise InvalidInput("stored_run", path.name)
    lesson = restore[kind](files, rows)
    now, why = (PAUSED, RESTARTED) if state is None else (state, "")
    return Run(lesson.experiment, lesson.record, rows, lesson.pool, key=key, state=now, why=why)


def _is_row(row: Any) -> bool:
    return isinstance(row, dict) and isinstance(row.get("kind"), str) and _is_plain(row, MAX_DEPTH)


def _is_plain(value: Any, depth: int) -> bool:
    if isinstance(value, dict):
        return depth > 0 and all(_is_plain(item, depth - 1) for item in value.values())
    if isinstance(value, list):
        return depth > 0 and all(_is_plain(item, depth - 1) for item in value)
    return value is None or isinstance(value, str | int | float)
