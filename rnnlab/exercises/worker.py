"""Run a student's function in a process of its own: `python worker.py FILE FUNCTION FOLDER BYTES`.

It reads FOLDER/cases.pt, a list of tuples of arguments, and writes FOLDER/result.pt: {"outputs": a list per case} and,
where the file failed, {"error": kind, "type", "message", "line", "case"}. Before it runs the file it writes
FOLDER/ready, from which on the time limit counts. It imports nothing of this package.
"""

from __future__ import annotations

import copy
import importlib.machinery
import sys
import traceback
import types
from pathlib import Path
from typing import Any

import torch


def run(file: Path, function: str, cases: list[tuple[Any, ...]]) -> dict[str, Any]:
    """Import the file and call the function with the arguments of each case."""
    found: dict[str, Any] = {"outputs": []}
    case = 0
    try:
        loader = importlib.machinery.SourceFileLoader("student", str(file))
        module = types.ModuleType("student")
        module.__file__ = str(file)
        sys.modules["student"] = module
        loader.exec_module(module)
        called = getattr(module, function, None)
        if not callable(called):
            return {"error": "no_function"}
        for case, arguments in enumerate(cases, 1):  # noqa: B007 - an error is told with its case
            own = [copy.deepcopy(argument) for argument in arguments]  # no two share memory: it may write into them
            found["outputs"].append(plain(called(*own)))
    except BaseException as error:  # also SystemExit: the file may end the process
        return {"error": "raised", "case": case, **told(error, file)}
    return found


def plain(value: Any) -> Any:
    """Return tensors without their gradient, and lists of them, numbers and texts as they are; else the type's name."""
    if isinstance(value, torch.Tensor) and value.is_complex():
        return {"type": str(value.dtype)}
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().contiguous().clone()
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    if type(value).__module__.split(".")[0] == "numpy":  # first: a numpy.float64 is a float as well
        return torch.as_tensor(value).clone()
    if isinstance(value, bool | int | float):
        return value if type(value) in (bool, int, float) else float(value)
    return {"type": type(value).__name__}


def told(error: BaseException, file: Path) -> dict[str, Any]:
    """Return the type and the message of an error, and the line of the file at which it happened; 0 if elsewhere."""
    line = 0
    if isinstance(error, SyntaxError) and error.filename == str(file):
        line = error.lineno or 0
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == str(file):
            line = frame.lineno or 0
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return {"type": type(error).__name__, "message": message, "line": line}


def limit_files(size: int) -> None:
    """Bound each file that the process writes to `size` bytes, what it prints included, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def main() -> None:
    """Run the file that the command line names."""
    file, function, folder = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    cases = torch.load(folder / "cases.pt", weights_only=True)
    torch.set_num_threads(1)
    limit_files(int(sys.argv[4]))
    sys.path[0] = str(file.parent)
    (folder / "ready").touch()
    torch.save(run(file, function, cases), folder / "partial.pt")
    (folder / "partial.pt").replace(folder / "result.pt")


if __name__ == "__main__":
    main()
