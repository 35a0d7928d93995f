"""Follow a run from an endpoint that streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from rnnlab.runs import Run, Runner, Snapshot


async def snapshots(runner: Runner, run: Run, interval: float) -> AsyncIterator[Snapshot]:
    """Yield a snapshot of `run` every `interval` seconds, with the new rows, until the run is over."""
    cursor = 0
    while True:
        snapshot = runner.follow(run, cursor)
        cursor = snapshot.cursor
        yield snapshot
        if snapshot.over:
            return
        await asyncio.sleep(interval)
