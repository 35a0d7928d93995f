"""Choose the runs that must go when there are too many: the owner who has the most loses runs first.

Running runs are bounded by the scheduler and evict nobody. Lessons do not evict trainings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rnnlab import limits
from rnnlab.runs.run import Run
from rnnlab.runs.states import LESSON, PAUSED, TRAINING


def beyond_memory(runs: Sequence[Run]) -> tuple[list[Run], list[Run]]:
    """Return which of `runs`, the oldest first, must end, and which to forget. Paused ones end first."""
    idle = [run for run in runs if not run.driven]
    surplus = _nbytes(idle) - limits.MAX_IDLE_RUNS_BYTES
    paused, ended = [run for run in idle if run.state == PAUSED], [run for run in idle if run.ended]
    to_end = beyond(paused, limits.MAX_PAUSED_RUNS)
    to_end += _beyond_bytes(paused, to_end, surplus)
    pools = ([run for run in ended if run.pool == pool] for pool in (TRAINING, LESSON))
    to_forget = [run for pool in pools for run in beyond(pool, limits.MAX_ENDED_RUNS)]
    to_forget += _beyond_bytes(ended, to_forget, surplus - _nbytes(to_end))
    return to_end, to_forget


def beyond(
    runs: Iterable[Run], high: float, weigh: Callable[[Run], float] = lambda run: 1, grain: int = 1
) -> list[Run]:
    """Return which of `runs`, the oldest first, must go so that the others weigh `high` at most.

    Each time the oldest run goes of the owner whose runs weigh the most, in whole `grain`s; among owners with equal
    weights, the oldest run of all.
    """
    by_owner: dict[str, list[tuple[int, float, Run]]] = {}  # the oldest last
    for number, run in reversed(list(enumerate(runs))):
        by_owner.setdefault(run.owner, []).append((number, weigh(run), run))
    weights = {owner: sum(weight for _, weight, _ in own) for owner, own in by_owner.items()}
    surplus, gone = sum(weights.values()) - high, []
    while surplus > 0 and by_owner:
        owner = max(by_owner, key=lambda owner: (weights[owner] // grain, -by_owner[owner][-1][0]))
        _, weight, run = by_owner[owner].pop()
        surplus, weights[owner] = surplus - weight, weights[owner] - weight
        gone.append(run)
        if not by_owner[owner]:
            del by_owner[owner]
    return gone


def _beyond_bytes(runs: Sequence[Run], gone: Sequence[Run], surplus: float) -> list[Run]:
    """Return which of `runs` must go, besides those that are `gone`, to free `surplus` bytes."""
    left, surplus = [run for run in runs if run not in gone], surplus - _nbytes(gone)
    return beyond(left, _nbytes(left) - surplus, lambda run: run.nbytes, limits.MIB) if surplus > 0 else []


def _nbytes(runs: Iterable[Run]) -> int:
    return sum(run.nbytes for run in runs)
