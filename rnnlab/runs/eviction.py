"""Room for what is kept: who has the most gives way first, so that nobody pushes out what another visitor has.

What trains is bounded by its places, and pushes out nobody; nor do lessons push out trainings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rnnlab.runs.run import Run
from rnnlab.runs.states import LESSON, PAUSED, TRAINING

KEPT_ENDED = 1000  # runs of each pool that have ended and stay readable
KEPT_PAUSED = 400
MIB = 2**20
KEPT_BYTES = 1024 * MIB  # in memory, of all runs that do not train


def beyond_memory(runs: Sequence[Run]) -> tuple[list[Run], list[Run]]:
    """Which of all `runs`, the oldest first, have to end, and which to be forgotten: paused ones end first."""
    runs = [run for run in runs if not run.driven]
    surplus = _weight(runs) - KEPT_BYTES
    paused, ended = [run for run in runs if run.state == PAUSED], [run for run in runs if run.ended]
    to_end = beyond(paused, KEPT_PAUSED)
    to_end += _lighter(paused, to_end, surplus)
    to_forget = [run for pool in (TRAINING, LESSON) for run in beyond((r for r in ended if r.pool == pool), KEPT_ENDED)]
    to_forget += _lighter(ended, to_forget, surplus - _weight(to_end))
    return to_end, to_forget


def beyond(
    runs: Iterable[Run], most: float, weigh: Callable[[Run], float] = lambda run: 1, grain: int = 1
) -> list[Run]:
    """Which of `runs`, the oldest first, must go so that the others weigh `most` at most.

    Each time it is the oldest of the owner who has the most, in whole `grain`s; among equals the oldest of all.
    """
    by_owner: dict[str, list[tuple[int, float, Run]]] = {}  # the oldest last
    for number, run in reversed(list(enumerate(runs))):
        by_owner.setdefault(run.owner, []).append((number, weigh(run), run))
    has = {owner: sum(weight for _, weight, _ in own) for owner, own in by_owner.items()}
    surplus, gone = sum(has.values()) - most, []
    while surplus > 0 and by_owner:
        owner = max(by_owner, key=lambda owner: (has[owner] // grain, -by_owner[owner][-1][0]))
        _, weight, run = by_owner[owner].pop()
        surplus, has[owner] = surplus - weight, has[owner] - weight
        gone.append(run)
        if not by_owner[owner]:
            del by_owner[owner]
    return gone


def _lighter(runs: Sequence[Run], gone: Sequence[Run], surplus: float) -> list[Run]:
    """Which of `runs` must go, besides those that are `gone`, so that they weigh `surplus` bytes less."""
    left, surplus = [run for run in runs if run not in gone], surplus - _weight(gone)
    return beyond(left, _weight(left) - surplus, lambda run: run.nbytes, MIB) if surplus > 0 else []


def _weight(runs: Iterable[Run]) -> int:
    return sum(run.nbytes for run in runs)
