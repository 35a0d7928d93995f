"""What every test shares: where the optional corpora lie, and how to skip without them."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
import torch
from xdist.scheduler import LoadFileScheduling

torch.set_num_threads(1)  # two threads that wait for each other crawl on a machine that is busy otherwise

SHARED = Path(__file__).resolve().parents[2] / "shared"  # beside the checkout; absent on most machines


BROWSER = Path(__file__).parent / "browser"


class FilesTogether(LoadFileScheduling):
    """Keeps the tests of a file on one worker, for they share what is slow to make; all browser tests, too.

    One browser at a time: some tests look at how fast the page redraws. (The marks of `--dist loadgroup` would say the
    same, but pytest-xdist 3.8 writes them where pytest 9 does not read them.)
    """

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> FilesTogether:
    return FilesTogether(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's tests first, for they take longest: the other workers do everything else meanwhile."""
    items.sort(key=lambda item: BROWSER not in item.path.parents)


@pytest.fixture(autouse=True)
def untuned():
    """Undo what a program under test has tuned for its whole thread or process (`rnnlab.devices`)."""
    yield
    torch.set_num_threads(1)
    torch.set_flush_denormal(False)
    torch.set_float32_matmul_precision("highest")


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
