"""The page: everything a visitor sees, built with Gradio on top of the floors below.

Importing this package imports Gradio, privately and quickly:

- `GRADIO_ANALYTICS_ENABLED=False` must be said before, or Gradio reports each start to its makers;
- while its classes are made, Gradio re-reads the source of each of them to write a type stub (`.pyi`) into
  site-packages. That takes more than half of the import (3.5 s → 1.5 s on two cores) and gives the page nothing.
  Gradio leaves the stub out where a class has no source file, so that is what its stub writer is told.
"""

import inspect
import os
import sys
from types import ModuleType
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"


def _import_gradio() -> ModuleType:
    """Import Gradio without its stub writer; for every other caller `inspect.getfile` stays as it is."""
    getfile = inspect.getfile

    def getfile_except_for_stubs(thing: Any) -> str:
        if sys._getframe(1).f_globals.get("__name__") == "gradio.component_meta":
            raise FileNotFoundError("no type stub wanted")
        return getfile(thing)

    inspect.getfile = getfile_except_for_stubs
    try:
        import gradio
    finally:
        inspect.getfile = getfile
    return gradio


_import_gradio()
