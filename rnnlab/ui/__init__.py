"""The page: everything a visitor sees, built with Gradio on top of the floors below.

Importing this package imports Gradio, privately and quickly:

- `GRADIO_ANALYTICS_ENABLED=False` must be said before, or Gradio reports each start to its makers;
- while its classes are made, Gradio re-reads the source of each of them to write a type stub (`.pyi`) into
  site-packages. That takes more than half of the import (3.5 s → 1.5 s on two cores) and gives the page nothing.
  Gradio leaves the stub out where a class has no source file, so that is what its stub writer is told;
- Gradio names folders in the temporary one, which a container without a writable disk does not have;
- after every event Gradio counts up the last 10,000 in a table, for a page of statistics that is switched off here:
  ten milliseconds of a core per event, and more the longer the server runs. It is told to do so next to never.
"""

import inspect
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**12)  # events between two counts
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"


@contextmanager
def without_stubs() -> Iterator[None]:
    """Let Gradio's classes be made, ours included, without its stub writer.

    For every other caller `inspect.getfile` stays as it is.
    """
    getfile = inspect.getfile

    def getfile_except_for_stubs(thing: Any) -> str:
        if sys._getframe(1).f_globals.get("__name__") == "gradio.component_meta":
            raise FileNotFoundError("no type stub wanted")
        return getfile(thing)

    inspect.getfile = getfile_except_for_stubs
    try:
        yield
    finally:
        inspect.getfile = getfile


@contextmanager
def with_a_temporary_folder() -> Iterator[None]:
    """Give Gradio a name to put together paths with, where a machine has no temporary folder that can be written to.

    It writes nothing while it is imported; uploads have a folder of ours (`inbox.py`).
    """
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        tempfile.tempdir = os.devnull
    try:
        yield
    finally:
        if tempfile.tempdir == os.devnull:
            tempfile.tempdir = None


with without_stubs(), with_a_temporary_folder():
    import gradio  # noqa: F401
