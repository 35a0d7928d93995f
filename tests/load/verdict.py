"""The results of the load test: the numbers of the report, and the promises that failed."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Promise:
    """What must hold, besides no failed request and no run left behind."""

    visitors: int  # are in at once
    trainers: int  # have trained a run each, at least
    epochs: int  # are in each of their curves
    light_p95: float = 1.5  # seconds: of a hundred light actions five may take longer
    growth: float = 32.0  # MiB of resident memory: 175 short runs that stayed would weigh several times as much


def p95(waits: Iterable[float]) -> float | None:
    """Return the wait that at least 95% do not exceed; None without waits."""
    ordered = sorted(waits)
    return ordered[math.ceil(0.95 * len(ordered)) - 1] if ordered else None


def about_waits(waits: Sequence[float]) -> dict[str, float]:
    """Summarise waits in seconds."""
    numbers = {"median": statistics.median(waits), "p95": p95(waits), "most": max(waits)}
    return {"count": len(waits), **{name: round(value, 3) for name, value in numbers.items()}}


def about_memory(samples: Sequence[float]) -> dict[str, Any]:
    """Compare the resident memory after the first short runs with that after the last ones, in MiB.

    Allocators take and give back in large pieces, so no single sample counts: it is the median of the second sixth of
    the runs (51 to 100 of 300) against that of the last third (201 to 300).
    """
    count = len(samples)
    warm, last = samples[count // 6 : count // 3], samples[2 * count // 3 :]
    if not (warm and last):
        return {"runs": count, "growth": None}
    early, late = statistics.median(warm), statistics.median(last)
    numbers = {"warm": early, "last": late, "most": max(samples), "growth": late - early}
    return {"runs": count, **{name: round(value, 1) for name, value in numbers.items()}}


def about_curves(trained: Sequence[Sequence[int]], curves: Sequence[Sequence[int]], epochs: int) -> dict[str, Any]:
    """Count the runs trained and the curves followed to the end, and list the curves that are wrong."""
    whole = list(range(1, epochs + 1))
    broken = [[int(epoch) for epoch in curve] for curve in (*trained, *curves) if list(curve) != whole]
    return {"trained": len(trained), "followed": len(curves), "broken": broken}


def missed(found: Mapping[str, Any], promise: Promise) -> list[str]:
    """Return a line for each promise that failed."""
    curves, memory, light = found["curves"], found["memory_mib"], found["waits"].get("light", {"p95": math.inf})
    left = {state: count for state, count in found["runs_left_behind"].items() if count}
    growth = math.inf if memory["growth"] is None else memory["growth"]
    wrong = {
        f"{len(found['failures'])} request(s) failed": found["failures"],
        f"of {promise.visitors} visitors {found['visitors']} were in at once": found["visitors"] < promise.visitors,
        f"light actions: p95 is {light['p95']} s, not below {promise.light_p95} s": light["p95"] >= promise.light_p95,
        f"curves with epochs missing or doubled: {curves['broken']}": curves["broken"],
        f"{curves['trained']} runs trained by {promise.trainers} trainers, {curves['followed']} followed to the end": (
            curves["trained"] < promise.trainers or curves["followed"] != curves["trained"]
        ),
        f"memory grew by {growth} MiB, more than {promise.growth} MiB": growth > promise.growth,
        f"runs left behind: {left}": left,
    }
    return [said for said, so in wrong.items() if so]
