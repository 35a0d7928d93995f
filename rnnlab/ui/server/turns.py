"""A few threads that answer requests for pictures; visitors take turns, so that none of them holds all threads.

Of one visitor one request is computed at a time, and a few wait; of several visitors the next is the one who has
waited longest since the last turn.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, TypeVar

from rnnlab.devices import tune_thread
from rnnlab.limits import MAX_WAITING_PICTURES

Answer = TypeVar("Answer")
Job = tuple[Future[Any], Callable[[], Any]]


class TooMany(Exception):
    """A visitor has as many requests waiting as one may have."""


class Turns:
    """Threads, started with the first request. `submit` is thread-safe."""

    def __init__(self, threads: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(threads, name, initializer=tune_thread)
        self._waiting: OrderedDict[str, deque[Job]] = OrderedDict()  # by visitor, the next turn first
        self._busy: set[str] = set()  # visitors with a request in a thread
        self._lock = Lock()

    def submit(self, visitor: str, work: Callable[[], Answer]) -> Future[Answer]:
        """Compute `work` when it is this visitor's turn. Raises TooMany."""
        future: Future[Answer] = Future()
        with self._lock:
            jobs = self._waiting.setdefault(visitor, deque())
            if len(jobs) >= MAX_WAITING_PICTURES:
                raise TooMany
            jobs.append((future, work))
        self._pool.submit(self._take_turn)
        return future

    def _take_turn(self) -> None:
        """Compute the next request, if there is one whose visitor has none in another thread."""
        with self._lock:
            visitor = next((each for each, jobs in self._waiting.items() if jobs and each not in self._busy), None)
            if visitor is None:  # a thread that is busy with this visitor's request before it goes on with this one
                return
            future, work = self._waiting[visitor].popleft()
            self._busy.add(visitor)
            self._waiting.move_to_end(visitor)
        try:
            if future.set_running_or_notify_cancel():
                future.set_result(work())
        except BaseException as error:  # the one who waits gets it
            future.set_exception(error)
        with self._lock:
            self._busy.discard(visitor)
            again = bool(self._waiting[visitor])
            if not again:
                del self._waiting[visitor]
        if again:
            self._pool.submit(self._take_turn)
