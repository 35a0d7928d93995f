"""What every test shares: where the optional corpora lie, and how to skip without them."""

from pathlib import Path

import pytest
import torch

torch.set_num_threads(1)  # two threads that wait for each other crawl on a machine that is busy otherwise

SHARED = Path(__file__).resolve().parents[2] / "shared"  # beside the checkout; absent on most machines


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file on one worker, for they share what is slow to make; all browser tests, too.

    One browser at a time: some tests look at how fast the page redraws. It comes first, for it takes longest: the other
    workers do everything else meanwhile.
    """
    browser = Path(__file__).parent / "browser"
    items.sort(key=lambda item: browser not in item.path.parents)
    for item in items:
        group = "browser" if browser in item.path.parents else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


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
