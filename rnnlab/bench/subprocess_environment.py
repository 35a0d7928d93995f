"""Make the environment of new Python processes, in which measurements start without warm caches."""

from __future__ import annotations

import os
from pathlib import Path

import rnnlab


def environment() -> dict[str, str]:
    """Return this process's environment with the folder of the package in PYTHONPATH."""
    folder = str(Path(rnnlab.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH"))))}
