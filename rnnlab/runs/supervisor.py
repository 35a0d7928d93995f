"""Supervise the runs from one thread: autosave, idle pause, suspension, expiry, eviction.

Only this thread writes to the disk, so that no training waits for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from rnnlab.hosting import line
from rnnlab.runs import autosave, eviction
from rnnlab.runs.autosave import Autosave
from rnnlab.runs.logger import logger
from rnnlab.runs.run import Run
from rnnlab.runs.states import QUEUED, RUNNING, UNSEEN
from rnnlab.runs.store import Store
from rnnlab.validation import InvalidInput

PERIOD = 1.0  # seconds between two checks, when nobody wakes the thread earlier
SAVE_EVERY = 2.0  # seconds between two saves of a running run


class RunControl(autosave.RunControl, Protocol):
    """What supervision needs of the runner."""

    def pause(self, run: Run, why: str = "") -> None: ...

    def resume(self, run: Run) -> None: ...


@dataclass(frozen=True)
class Timeouts:
    """How long a run may be without a viewer, and how often it is saved. In seconds."""

    unseen_grace: float  # without a viewer, until a run is paused
    kept_for: float  # without a viewer, until a run ends; and again, until it is forgotten
    save_every: float  # between two saves of a run

    @property
    def period(self) -> float:
        """Return the seconds between two checks, so that no timeout is exceeded by much."""
        return max(0.01, min(PERIOD, self.unseen_grace / 2, self.kept_for / 2, self.save_every / 2))


class Supervisor:
    """The thread that supervises the runs of `runner`; it lives as long as there are any."""

    def __init__(self, runner: RunControl, store: Store | None, timeouts: Timeouts) -> None:
        self.runner, self.timeouts = runner, timeouts
        self.autosave = Autosave(runner, store, timeouts.save_every)
        self._thread: threading.Thread | None = None
        self._closed = False
        self._woken = threading.Event()
        self._lock = threading.Lock()  # guards the start and the end of the thread
        self._checking = threading.Lock()  # one check at a time

    def wake(self) -> None:
        """Check soon."""
        with self._lock:
            self._woken.set()
            if self._thread is None and not self._closed:
                thread = threading.Thread(target=self._loop, name="run-supervisor", daemon=True)
                with suppress(RuntimeError):  # the system has none to spare: the next call tries again
                    thread.start()
                    self._thread = thread

    def add_loaded(self, runs: Iterable[Run]) -> None:
        """Supervise runs that were just loaded from the store, and so are saved already."""
        self.autosave.add_loaded(runs)
        self.wake()

    def check(self) -> None:
        """Do once everything that is due."""
        with self._checking:
            for run in self.runner.runs():
                self._safely(self._check_viewers, run)
            self._safely(self.autosave.check_missing)
            for run in self.runner.runs():
                self._safely(self.autosave.save, run)
            if not self._closed:
                self._safely(self._evict)

    def close(self, timeout: float) -> None:
        """Save what is not saved yet, for `timeout` seconds at most, and end."""
        with self._lock:
            thread = self._thread
            self._closed = self.autosave.closing = True
            self._woken.set()
        if thread is not None:
            thread.join(timeout)
        self.autosave.closed = True

    def _loop(self) -> None:
        while True:
            self._woken.clear()
            self.check()
            with self._lock:
                if self._closed or (not self.runner.runs() and not self._woken.is_set()):
                    self._thread = None
                    break
            self._woken.wait(self.timeouts.period)
        if self._closed:
            self.check()  # what came during the last check

    def _safely(self, do: Callable[..., None], *arguments: Run) -> None:
        """Call `do` and log an exception: a run that fails here must not keep the others from being saved."""
        try:
            do(*arguments)
        except Exception:
            logger.exception(line("supervisor_failed"))

    def _check_viewers(self, run: Run) -> None:
        """Pause, end or forget a run without a viewer; resume an UNSEEN one that has a viewer again."""
        unseen = run.viewers.unseen_for
        if self._closed:
            return
        if unseen > self.timeouts.kept_for and run.ended:
            self.runner.forget(run, only_if_over=True)
        elif unseen > self.timeouts.kept_for:
            self.runner.stop(run)
        elif run.state in (QUEUED, RUNNING) and unseen > self.timeouts.unseen_grace:
            self.runner.pause(run, UNSEEN)
        elif run.why == UNSEEN and run.viewers.seen_since(run.paused_at):
            with suppress(InvalidInput):  # the queue is full: try again at the next check
                self.runner.resume(run)

    def _evict(self) -> None:
        """End paused runs and forget ended ones, as far as there are too many."""
        to_end, to_forget = eviction.beyond_memory(self.runner.runs())
        for run in to_end:
            self.runner.stop(run)
        for run in to_forget:
            self.runner.forget(run, only_if_over=True)
        self.autosave.evict()
