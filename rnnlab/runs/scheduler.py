"""Who trains and who waits: so many places, and a line for the others, in which nobody takes up more than a share."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence

from rnnlab.hosting import line
from rnnlab.runs.driven import log
from rnnlab.runs.run import Run
from rnnlab.runs.states import QUEUED
from rnnlab.validation import InvalidInput

MAX_WAITING = 100  # runs in the line
MAX_WAITING_OF_ONE = 10  # of them of one owner
MAX_WAITING_OF_ADDRESS = 40  # of them of one address
ADDRESS = "address "  # so begins an owner of whom no more is known: a whole school may share it


class Scheduler:
    """`most` runs of each pool at once. It keeps no lock of its own: whoever calls it holds the runner's."""

    def __init__(self, most: dict[str, int]) -> None:
        self.most = most
        self._driven: list[Run] = []  # by a thread; a run that was resumed in the very moment may be in it twice
        self._waiting: list[Run] = []  # as they came
        self._served: dict[tuple[str, str], int] = {}  # in which pool and whose a run began when, as far as it matters
        self._begun = 0

    def line(self, pool: str) -> list[Run]:
        """The runs that wait for a place of the pool, the next first."""
        waiting, driven = ((run for run in runs if run.pool == pool) for runs in (self._in_line(), self._driven))
        return in_turn(waiting, driven, {owner: begun for (of, owner), begun in self._served.items() if of == pool})

    def check_room(self, owner: str, run: Run | None = None, also: Iterable[str] = ()) -> None:
        """Raises InvalidInput when too many wait besides `run`, or too many of its owner; None: it is not made yet.

        `also` are the owners of those that will be in the queue soon.
        """
        try:
            check_line([*(other.owner for other in self._in_line() if other is not run), *also], owner)
        except InvalidInput as error:
            known = {} if run is None else {"run": run.name}
            log.info(line("run_refused", **known, why=error.code))
            raise

    def join(self, run: Run) -> None:
        """Wait at the end."""
        self._waiting = [*(other for other in self._in_line() if other is not run), run]

    def fill(self, drive: Callable[[Run], bool]) -> None:
        """Give the free places to the next in line; `drive` says whether it could begin with one."""
        for pool, most in self.most.items():
            free = most - sum(run.pool == pool for run in self._driven)
            for run in self.line(pool)[: max(0, free)]:
                if drive(run):
                    self._waiting.remove(run)
                    self._driven.append(run)
                    self._begun += 1
                    self._served[pool, run.owner] = self._begun

    def leave(self, run: Run) -> None:
        """Its thread ends."""
        self._driven.remove(run)
        there = {(run.pool, run.owner) for run in (*self._in_line(), *self._driven)}
        self._served = {whose: begun for whose, begun in self._served.items() if whose in there}

    def _in_line(self) -> list[Run]:
        """Those that wait, as they came, without those that were stopped or paused meanwhile."""
        return [run for run in self._waiting if run.state == QUEUED]


def check_line(waiting: Sequence[str], owner: str) -> None:
    """Raises InvalidInput when behind those who wait, by their owners, there is no room for one more of this owner."""
    own = waiting.count(owner)
    if len(waiting) >= MAX_WAITING:
        raise InvalidInput("queue_full", "train", high=MAX_WAITING)
    if owner.startswith(ADDRESS):
        if own >= MAX_WAITING_OF_ADDRESS:
            raise InvalidInput("address_queue_full", "train", high=MAX_WAITING_OF_ADDRESS)
    elif own >= MAX_WAITING_OF_ONE:
        raise InvalidInput("own_queue_full", "train", high=MAX_WAITING_OF_ONE)


def in_turn(waiting: Iterable[Run], driven: Iterable[Run], served: Mapping[str, int]) -> list[Run]:
    """The order in which those who wait, first come first, get places: owners take turns.

    Next is whose owner has the fewest that train or stand before; among those, who was `served` the longest ago, or
    never; among those, who came first. Of A, A, B, where another one of A's trains or did so last, B is the first.
    """
    own: dict[str, deque[Run]] = {}
    for run in waiting:
        own.setdefault(run.owner, deque()).append(run)
    has, going, order = Counter(run.owner for run in driven), [], []
    rounds = 0
    while own:
        coming = sorted((owner for owner in own if has[owner] == rounds), key=lambda owner: served.get(owner, 0))
        going = [*coming, *(owner for owner in going if owner in own)]
        for owner in going:
            order.append(own[owner].popleft())
            if not own[owner]:
                del own[owner]
        rounds += 1
    return order
