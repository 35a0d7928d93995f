"""The key by which others may watch a run: it opens a view of the run and nothing that changes one.

The key is a hash of the key under which the run is kept, so it needs no storage and is the same after a restart of the
server. Neither the run's id, which grants access to the run, nor the key under which it is kept follows from it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache

from rnnlab.runs.run import Run

WATCH_KEY = re.compile(r"[0-9a-f]{32}")  # 128 bits: not to be guessed


@lru_cache(maxsize=4096)
def watch_key_of(key: str) -> str:
    """Return the key to watch the run that is kept under `key`."""
    return hashlib.sha256(f"watch {key}".encode()).hexdigest()[:32]


def find_watched(runs: Iterable[Run], watch_key: str) -> Run | None:
    """Return the run that `watch_key` lets others watch, if it is one of `runs`. This does not count as a visit."""
    if not WATCH_KEY.fullmatch(watch_key):
        return None
    return next((run for run in runs if watch_key_of(run.key) == watch_key), None)
