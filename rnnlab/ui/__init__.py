"""The page, built with Gradio.

Importing this package does not import Gradio: the command line reads its texts in `i18n`. Whichever module of the page
imports Gradio first, an import hook lets it be imported without its telemetry and without work that the page does not
need:

- `GRADIO_ANALYTICS_ENABLED=False` must be set before the import, or Gradio reports each start to its makers;
- while it makes its classes, Gradio re-reads the source of each of them to write a type stub (`.pyi`) into
  site-packages. That takes more than half of the import (3.5 s → 1.5 s on two cores). Gradio skips the stub of a class
  without a source file, so its stub writer gets the answer that there is none;
- Gradio names folders in the temporary folder, which a container without a writable disk does not have;
- after every event Gradio counts the last 10,000 events in a table, for a page of statistics that is switched off here:
  ten milliseconds of a core per event, and more the longer the server runs. The interval is set to next to never.
"""

import inspect
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**12)  # events between two counts
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"


@contextmanager
def without_stubs() -> Iterator[None]:
    """Switch off Gradio's stub writer for the classes that the block makes, ours included.

    For every other caller `inspect.getfile` stays as it is.
    """
    getfile = inspect.getfile

    def getfile_except_for_stubs(thing: Any) -> str:
        if sys._getframe(1).f_globals.get("__name__") == "gradio.component_meta":
            raise FileNotFoundError("no type stub wanted")
        return getfile(thing)

    inspect.getfile = getfile_except_for_stubs  # type: ignore[assignment]  # typeshed lists what it accepts; Any is more
    try:
        yield
    finally:
        inspect.getfile = getfile


@contextmanager
def with_a_temporary_folder() -> Iterator[None]:
    """Give Gradio a name to build paths from on a machine without a writable temporary folder.

    Gradio writes nothing while it is imported; uploads have a folder of ours (`server/upload_storage.py`).
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


class PreparedLoader(SourceFileLoader):
    """Runs Gradio's module without the stub writer, and on a machine without a temporary folder as well."""

    def exec_module(self, module: ModuleType) -> None:
        with without_stubs(), with_a_temporary_folder():
            super().exec_module(module)


class GradioFinder(MetaPathFinder):
    """Finds the module `gradio` as Python does, and gives it the loader that prepares its import."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname == "gradio" else None
        if spec is None or not isinstance(spec.loader, SourceFileLoader):
            return None  # the other finders look for it
        spec.loader = PreparedLoader(spec.loader.name, spec.loader.path)
        return spec


sys.meta_path.insert(0, GradioFinder())
