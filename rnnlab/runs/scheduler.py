"""A fair queue: every pool has a number of places, the other runs wait, and owners take turns."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence

from rnnlab import limits
from rnnlab.hosting import line
from rnnlab.runs.logger import logger
from rnnlab.runs.run import Run
from rnnlab.runs.states import QUEUED
from rnnlab.validation import InvalidInput

ADDRESS = "address "  # prefix of an owner that is only known by its address, which a whole school may share


class Scheduler:
    """Gives `places[pool]` places to the runs of each pool. The caller holds the runner's lock."""

    def __init__(self, places: Mapping[str, int]) -> None:
        self.places = places
        self._driven: list[Run] = []  # by a thread; a run that was just resumed may be in the list twice
        self._waiting: list[Run] = []  # first come, first
        self._served: dict[tuple[str, str], int] = {}  # by pool and owner: the number of the run that began last
        self._begun = 0

    def queue(self, pool: str) -> list[Run]:
        """Return the runs that wait for a place of the pool, the next first."""
        waiting, driven = ((run for run in runs if run.pool == pool) for runs in (self._queued(), self._driven))
        return in_turn(waiting, driven, {owner: begun for (of, owner), begun in self._served.items() if of == pool})

    def check_room(self, owner: str, run: Run | None = None, also: Iterable[str] = ()) -> None:
        """Check that one more run of `owner` may wait. Raises InvalidInput.

        `run`: the run that is to wait, which is not counted; None if it is not made yet.
        `also`: the owners of runs that will be in the queue soon.
        """
        try:
            check_queue([*(other.owner for other in self._queued() if other is not run), *also], owner)
        except InvalidInput as error:
            known = {} if run is None else {"run": run.name}
            logger.info(line("run_refused", **known, why=error.code))
            raise

    def join(self, run: Run) -> None:
        """Put `run` at the end of the queue."""
        self._waiting = [*(other for other in self._queued() if other is not run), run]

    def fill(self, drive: Callable[[Run], bool]) -> None:
        """Give free places to the next runs; `drive` starts a run's thread and returns whether it could."""
        for pool, places in self.places.items():
            free = places - sum(run.pool == pool for run in self._driven)
            for run in self.queue(pool)[: max(0, free)]:
                if drive(run):
                    self._waiting.remove(run)
                    self._driven.append(run)
                    self._begun += 1
                    self._served[pool, run.owner] = self._begun

    def leave(self, run: Run) -> None:
        """Free the place of a run whose thread ends."""
        self._driven.remove(run)
        present = {(run.pool, run.owner) for run in (*self._queued(), *self._driven)}
        self._served = {key: begun for key, begun in self._served.items() if key in present}

    def _queued(self) -> list[Run]:
        """Return the waiting runs without those that were stopped or paused meanwhile."""
        return [run for run in self._waiting if run.state == QUEUED]


def check_queue(waiting: Sequence[str], owner: str) -> None:
    """Check that one more run of `owner` may wait behind those of `waiting` owners. Raises InvalidInput."""
    own = waiting.count(owner)
    if len(waiting) >= limits.MAX_WAITING_RUNS:
        raise InvalidInput("queue_full", "train", high=limits.MAX_WAITING_RUNS)
    if owner.startswith(ADDRESS):
        if own >= limits.MAX_WAITING_RUNS_PER_ADDRESS:
            raise InvalidInput("address_queue_full", "train", high=limits.MAX_WAITING_RUNS_PER_ADDRESS)
    elif own >= limits.MAX_WAITING_RUNS_PER_OWNER:
        raise InvalidInput("own_queue_full", "train", high=limits.MAX_WAITING_RUNS_PER_OWNER)


def in_turn(waiting: Iterable[Run], driven: Iterable[Run], served: Mapping[str, int]) -> list[Run]:
    """Return the order in which `waiting` runs (first come, first) get places: owners take turns.

    The next run belongs to the owner with the fewest runs that are driven or precede it; among those, to the owner who
    was `served` the longest ago or never; among those, the first to come. Of owners A, A, B, where another run of A is
    driven or began last, the run of B is the first.
    """
    own: dict[str, deque[Run]] = {}
    for run in waiting:
        own.setdefault(run.owner, deque()).append(run)
    driven_by_owner = Counter(run.owner for run in driven)
    order: list[Run] = []
    active: list[str] = []  # owners whose turn comes in this round
    rounds = 0
    while own:
        entering = [owner for owner in own if driven_by_owner[owner] == rounds]
        entering.sort(key=lambda owner: served.get(owner, 0))
        active = [*entering, *(owner for owner in active if owner in own)]
        for owner in active:
            order.append(own[owner].popleft())
            if not own[owner]:
                del own[owner]
        rounds += 1
    return order
