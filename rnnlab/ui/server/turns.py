"""Turns: work that takes a while, in a few threads for all visitors, and of each visitor one at a time.

    turns = Turns(2, "surprise")
    answer = await turns.take(client_id_of(request), "surprise", lambda turn: measure(turn.check))

The visitors take turns: who has just had one comes last. Of a visitor's requests of one kind the newest alone waits; an
older one is answered with `Superseded`, and one at work learns of it when it calls `turn.check`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, TypeVar

from rnnlab.devices import tune_thread
from rnnlab.limits import MAX_WAITING_TURNS_OF_VISITOR

Result = TypeVar("Result")


class Superseded(Exception):
    """The page wants something newer, or is gone: nobody waits for this."""


class Turn:
    """A piece of work of one visitor, which waits or is at work."""

    def __init__(self, visitor: str, kind: str, work: Callable[[Turn], Any]) -> None:
        self.visitor, self.kind, self.work = visitor, kind, work
        self.result: Future[Any] = Future()
        self.is_over = False

    def check(self) -> None:
        """Raise Superseded where nobody waits for this any more; work that takes long calls it from time to time."""
        if self.is_over:
            raise Superseded

    def end(self) -> None:
        """Have it end: at once if it waits, at its next `check` if it is at work."""
        self.is_over = True


class Turns:
    """Threads that do the work of all visitors. They start with the first piece of work."""

    def __init__(self, threads: int, name: str) -> None:
        self._threads = ThreadPoolExecutor(threads, name, initializer=tune_thread)
        self._free = threads
        self._waiting: dict[str, dict[str, Turn]] = {}  # by visitor, whose turn is next first; then by kind
        self._at_work: dict[str, Turn] = {}  # by visitor
        self._lock = Lock()

    async def take(self, visitor: str, kind: str, work: Callable[[Turn], Result]) -> Result:
        """Return what `work` returns, in a thread. Raises Superseded, and what `work` raises.

        visitor: as `session.client_id.client_id_of` names it. kind: what is asked for; a newer request of the same kind
            takes the place of an older one.
        When the awaiting task is cancelled, the work ends as if a newer one had come.
        """
        turn = Turn(visitor, kind, work)
        self._enter(turn)
        try:
            result: Result = await asyncio.wrap_future(turn.result)
        except asyncio.CancelledError:
            self._leave(turn)
            raise
        return result

    def close(self) -> None:
        """Begin nothing more, and end what is at work at its next check."""
        with self._lock:
            waiting = [turn for mine in self._waiting.values() for turn in mine.values()]
            self._waiting.clear()
            for turn in [*waiting, *self._at_work.values()]:
                turn.end()
        _refuse(waiting)
        self._threads.shutdown(wait=False)

    def _enter(self, turn: Turn) -> None:
        with self._lock:
            mine = self._waiting.setdefault(turn.visitor, {})
            dropped = [mine.pop(turn.kind)] if turn.kind in mine else []
            mine[turn.kind] = turn
            if len(mine) > MAX_WAITING_TURNS_OF_VISITOR:
                dropped.append(mine.pop(next(iter(mine))))
            older = self._at_work.get(turn.visitor)
            if older is not None and older.kind == turn.kind:
                older.end()
            self._begin()
        _refuse(dropped)

    def _leave(self, turn: Turn) -> None:
        with self._lock:
            turn.end()
            mine = self._waiting.get(turn.visitor, {})
            if mine.get(turn.kind) is turn:
                del mine[turn.kind]

    def _begin(self) -> None:
        """Begin the next pieces of work, as far as threads are free."""
        for visitor in list(self._waiting):
            mine = self._waiting[visitor]
            if not mine:
                del self._waiting[visitor]
            elif self._free and visitor not in self._at_work:
                turn = mine.pop(next(iter(mine)))
                self._at_work[visitor] = turn
                self._free -= 1
                self._threads.submit(self._work, turn)

    def _work(self, turn: Turn) -> None:
        try:
            turn.check()
            found, error = turn.work(turn), None
        except BaseException as raised:  # a thread has no caller: who awaits the result gets it
            found, error = None, raised
        with self._lock:
            del self._at_work[turn.visitor]
            self._free += 1
            if turn.visitor in self._waiting:  # comes last now
                self._waiting[turn.visitor] = self._waiting.pop(turn.visitor)
            self._begin()
        if not turn.result.set_running_or_notify_cancel():
            return
        if error is None:
            turn.result.set_result(found)
        else:
            turn.result.set_exception(error)


def _refuse(turns: list[Turn]) -> None:
    for turn in turns:
        turn.end()
        if turn.result.set_running_or_notify_cancel():
            turn.result.set_exception(Superseded())
