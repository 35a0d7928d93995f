"""Grade a student's file: run its function in a process of its own, and compare what it gives with ours."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from rnnlab.exercises.comparing import Difference, Outputs, first_difference, mistake_in
from rnnlab.exercises.exercise import Exercise, as_outputs
from rnnlab.limits import (
    MAX_EXERCISE_FILE_BYTES,
    MAX_EXERCISE_PRINTED,
    MAX_EXERCISE_SECONDS,
    MAX_EXERCISE_START_SECONDS,
)

WORKER = Path(__file__).with_name("worker.py")
INTERVAL = 0.02  # seconds between two looks at the process


@dataclass(frozen=True)
class Grade:
    """What came of a student's file.

    verdict: "passed", "differs" (`difference`, and `mistake` if a typical one explains it), "raised" an error (`error`,
        `message`, `line`), "no_function", "not_numbers" (`error` is the type that it returned), "timeout", "exited".
    case: the call that it is about, from 1; 0 while the file itself was read.
    printed: what the file printed, cut.
    """

    exercise: str
    verdict: str
    cases: int
    case: int = 0
    difference: Difference | None = None
    mistake: str = ""
    error: str = ""
    message: str = ""
    line: int = 0
    printed: str = ""

    @property
    def passed(self) -> bool:
        return self.verdict == "passed"

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {**asdict(self), "passed": self.passed}


def grade_file(exercise: Exercise, file: Path, seconds: float = MAX_EXERCISE_SECONDS) -> Grade:
    """Run `exercise.name` of a Python file on the cases of the exercise, for at most `seconds`, and grade it.

    Raises FileNotFoundError for a file that is not there.
    """
    file = file.resolve(strict=True)
    with TemporaryDirectory(prefix="rnnlab-exercise-") as name:
        folder = Path(name)
        cases = exercise.cases()
        torch.save(cases, folder / "cases.pt")
        in_time = _run(exercise, file, folder, seconds)
        with (folder / "printed").open("rb") as output:
            printed = output.read(MAX_EXERCISE_PRINTED).decode("utf-8", "replace")
        if not in_time:
            return Grade(exercise.name, "timeout", len(cases), printed=printed)
        if not (folder / "result.pt").exists():
            return Grade(exercise.name, "exited", len(cases), printed=printed)
        found = torch.load(folder / "result.pt", weights_only=True)
    if verdict := found.pop("error", ""):
        facts = {"case": found.get("case", 0), "error": found.get("type", ""), "message": found.get("message", "")}
        return Grade(exercise.name, verdict, len(cases), **facts, line=found.get("line", 0), printed=printed)
    return grade_outputs(exercise, found["outputs"], printed)


def grade_outputs(exercise: Exercise, given: list[Any], printed: str = "") -> Grade:
    """Grade what a function gave in each case: tensors, numbers, or lists of them."""
    outputs: list[Outputs] = []
    for case, value in enumerate(given, 1):
        numbers = as_outputs(value)
        if numbers is None:
            kind = value["type"] if isinstance(value, dict) else type(value).__name__
            return Grade(exercise.name, "not_numbers", len(given), case, error=kind, printed=printed)
        outputs.append(numbers)
    difference = first_difference(exercise, outputs)
    if difference is None:
        return Grade(exercise.name, "passed", len(given), printed=printed)
    mistake = mistake_in(exercise, outputs)
    return Grade(exercise.name, "differs", len(given), difference.case, difference, mistake, printed=printed)


def _run(exercise: Exercise, file: Path, folder: Path, seconds: float) -> bool:
    """Run the worker; return whether it ended in time. The time of importing PyTorch is not counted."""
    command = [sys.executable, str(WORKER), str(file), exercise.name, str(folder), str(MAX_EXERCISE_FILE_BYTES)]
    with (folder / "printed").open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=file.parent, start_new_session=True
        )
        try:
            if not _until(process, seconds=MAX_EXERCISE_START_SECONDS, ready=folder / "ready"):
                return False
            return _until(process, seconds=seconds)
        finally:
            _end(process)


def _until(process: subprocess.Popen[bytes], seconds: float, ready: Path | None = None) -> bool:
    """Wait until the process has ended, or until the file `ready` is there; return False after `seconds`."""
    end = time.monotonic() + seconds
    while process.poll() is None and not (ready and ready.exists()):
        if time.monotonic() > end:
            return False
        time.sleep(INTERVAL)
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and what it has started."""
    if hasattr(os, "killpg"):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            process.poll()  # all of them have ended
    else:
        process.kill()
    process.wait()
