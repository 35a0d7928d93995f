"""What every test shares: where the optional corpora lie, and how to skip without them."""

import importlib.util
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import torch

os.environ["RNNLAB_LANG"] = "en"  # of the command line, whatever the locale of the machine is
torch.set_num_threads(1)  # two threads that wait for each other crawl on a machine that is busy otherwise

SHARED = Path(__file__).resolve().parents[2] / "shared"  # beside the checkout; absent on most machines

# Files that take longest, in the order in which they begin; the workers share out the others around them.
LONGEST = ("browser/test_train.py", "load", "browser", "hostile", "data", "runs/test_kills.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that all workers end at about the same time."""
    starts = [str(Path(__file__).parent / name) for name in LONGEST]

    def rank(item: pytest.Item) -> int:
        return next((number for number, start in enumerate(starts) if str(item.path).startswith(start)), len(starts))

    items.sort(key=rank)


@pytest.fixture(autouse=True)
def untuned():
    """Undo what a program under test has tuned for its whole thread or process (`rnnlab.devices`)."""
    yield
    torch.set_num_threads(1)
    torch.set_flush_denormal(False)
    torch.set_float32_matmul_precision("highest")


@pytest.fixture(scope="session")
def slowness() -> Callable[[], float]:
    """How many times longer this machine takes now than the one on which a test's bound was set; at least 1.

    A bound in seconds is multiplied by it. It is there for what hangs or grows without limit, never for a speed, which
    `rnnlab bench` measures side by side. The slowest of five plain loops counts, each of about 24 ms there.
    """

    def loop() -> float:
        began, total = time.perf_counter(), 0
        for number in range(300_000):
            total += number
        return time.perf_counter() - began

    def now() -> float:
        return max(1.0, *(loop() / 0.024 for _ in range(5)))

    before = now()  # a burst of other work may have passed when a test asks
    return lambda: max(before, now())


@pytest.fixture(scope="session")
def tutorial_corpus() -> Path:
    """The zip of the tutorials' lyrics, which may not be redistributed and so is not in the project."""
    path = SHARED / "data" / "jaychou_lyrics.txt.zip"
    if not path.exists():
        pytest.skip("the tutorials' corpus is not here: it is copyrighted and lies outside the project")
    return path


@pytest.fixture(scope="session")
def pseudo_language() -> ModuleType:
    """Load tests/pseudo_language.py, which makes a language out of English."""
    path = Path(__file__).parent / "pseudo_language.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def in_this_process(monkeypatch):
    """Grade files of exercises without a process of their own, which takes seconds to import PyTorch."""
    from rnnlab.exercises import grading, worker

    def run(exercise, file, folder, seconds):
        (folder / "printed").touch()
        cases = torch.load(folder / "cases.pt", weights_only=True)
        torch.save(worker.run(file, exercise.name, cases), folder / "result.pt")
        return True

    monkeypatch.setattr(grading, "_run", run)
