"""Python processes of their own, for what a warm one would measure too kindly."""

from __future__ import annotations

import os
from pathlib import Path

import rnnlab


def environment() -> dict[str, str]:
    """This one, and a place to find the package in from anywhere."""
    home = str(Path(rnnlab.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))}
