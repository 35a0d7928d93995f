"""Looking after runs while they train: one thread saves them, pauses those that nobody watches, ends and forgets.

Training never waits for the disk, for it is this thread that writes.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from rnnlab.hosting import line
from rnnlab.runs import eviction
from rnnlab.runs.driven import log
from rnnlab.runs.run import Run
from rnnlab.runs.states import PAUSED, QUEUED, RUNNING, UNSEEN
from rnnlab.runs.store import Store
from rnnlab.runs.training import Training
from rnnlab.validation import InvalidInput

if TYPE_CHECKING:
    from rnnlab.runs.runner import Runner

PERIOD = 1.0  # seconds between two looks, when nobody wakes it earlier
SAVE_EVERY = 2.0  # seconds between two saves of a run that trains
SHARE_OF_SAVING = 0.1  # of the time at most: large models are saved less often
RETRY_AFTER = 10.0  # seconds after a save that failed
MISSING_EVERY = 5.0  # seconds between two looks for files that somebody has removed

SLEEP_AFTER = 60.0  # seconds: a run paused for longer keeps no more than what it goes on from


@dataclass(frozen=True)
class Limits:
    """In seconds: unseen for so long a run is paused, for so long it ends; between two saves of a run."""

    unseen_grace: float
    kept_for: float
    save_every: float

    @property
    def period(self) -> float:
        """How often to look, so that none of them is much exceeded."""
        return max(0.01, min(PERIOD, self.unseen_grace / 2, self.kept_for / 2, self.save_every / 2))


@dataclass(frozen=True)
class Saved:
    """The last try to save a run: what it was like, and when the next may be."""

    stamp: tuple[object, ...] | None  # None: it failed
    next: float


class Supervisor:
    """Looks after the runs of `runner`. Its thread lives as long as there are any."""

    def __init__(self, runner: Runner, store: Store | None, limits: Limits) -> None:
        self.runner, self.store, self.limits = runner, store, limits
        self._saved: dict[str, Saved] = {}
        self._missed = -math.inf  # when files that are missing were last looked for
        self._thread: threading.Thread | None = None
        self._closed = self._over = False
        self._active = threading.Event()
        self._lock = threading.Lock()  # guards the thread's coming and going
        self._looking = threading.Lock()  # one look at a time

    def wake(self) -> None:
        """Look soon."""
        with self._lock:
            self._active.set()
            if self._thread is None and not self._closed:
                thread = threading.Thread(target=self._watch, name="run-supervisor", daemon=True)
                with suppress(RuntimeError):  # the machine has none to spare: whoever wakes it next tries again
                    thread.start()
                    self._thread = thread

    def found(self, runs: Iterable[Run]) -> None:
        """These come from the store as they are."""
        self._saved |= {run.key: Saved(_stamp(run), 0.0) for run in runs}
        self.wake()

    def has_saved(self, run: Run) -> bool:
        """Whether the next process will find this run as it was when somebody last saved it."""
        last = self._saved.get(run.key)
        return last is not None and last.stamp is not None

    def settled(self, run: Run) -> bool:
        """Whether nothing is left to do for a run that has ended: it is saved as it is, or is not to be saved."""
        if self.store is None or not isinstance(run.experiment, Training):
            return True
        last = self._saved.get(run.key)
        return last is not None and last.stamp == _stamp(run)

    def drop(self, run: Run) -> None:
        """This run is forgotten."""
        self._saved.pop(run.key, None)
        if self.store is not None:
            self.store.forget(run.key)

    def look(self) -> None:
        """Do once whatever is due."""
        with self._looking:
            for run in self.runner.runs():
                self._safely(self._see_to, run)
            self._safely(self._notice_missing)
            for run in self.runner.runs():
                self._safely(self._save, run)
            if not self._closed:
                self._safely(self._make_room)

    def close(self, timeout: float) -> None:
        """Save what is not saved, and end; after `timeout` seconds at most, and then nothing is saved any more."""
        with self._lock:
            thread, self._closed = self._thread, True
            self._active.set()
        if thread is not None:
            thread.join(timeout)
        self._over = True

    def _watch(self) -> None:
        while True:
            self._active.clear()
            self.look()
            with self._lock:
                if self._closed or (not self.runner.runs() and not self._active.is_set()):
                    self._thread = None
                    break
            self._active.wait(self.limits.period)
        if self._closed:
            self.look()  # at whatever came during the last look

    def _safely(self, do: Callable[..., None], *arguments: Run) -> None:
        """One run that makes trouble must not leave the others unsaved for ever."""
        try:
            do(*arguments)
        except Exception:
            log.exception(line("keeper_failed"))

    def _see_to(self, run: Run) -> None:
        """Pause, end or forget a run that nobody looks at; let one go on that somebody looks at again."""
        unseen = run.unseen_for
        if self._closed:
            return
        if unseen > self.limits.kept_for and run.ended:
            self.runner.forget(run, only_if_over=True)
        elif unseen > self.limits.kept_for:
            self.runner.stop(run)
        elif run.state in (QUEUED, RUNNING) and unseen > self.limits.unseen_grace:
            self.runner.pause(run, UNSEEN)
        elif run.why == UNSEEN and run.seen_again:
            with suppress(InvalidInput):  # the queue is full: at the next look, perhaps
                self.runner.resume(run)

    def _notice_missing(self) -> None:
        """Runs whose files somebody has removed are to be saved anew."""
        if self.store is None or time.monotonic() - self._missed < MISSING_EVERY:
            return
        self._missed = time.monotonic()
        for key in self.store.missing():
            self._saved.pop(key, None)

    def _save(self, run: Run) -> None:
        """Save the run if that is due; one that has ended and is saved lets go of its memory."""
        if self.store is None or not isinstance(run.experiment, Training):
            if run.ended:
                run.release()
            elif isinstance(run.experiment, Training) and _sleeps(run):
                run.sleep()
            return
        last, now = self._saved.get(run.key, Saved(None, 0.0)), time.monotonic()
        stamp = _stamp(run)
        if stamp == last.stamp and _sleeps(run):
            run.sleep(partial(self.store.read, run.key), stamp[0])
        hurries = self._closed or (last.stamp is not None and not run.driven)
        if self._over or stamp == last.stamp or (now < last.next and not hurries):
            return
        try:
            self._write(run, self.store)
        except InvalidInput as error:  # it slept, and what it would go on from was removed
            log.warning(line("run_lost", run=run.name, reason=error.code))
            self._saved[run.key] = Saved(stamp, math.inf)
            return
        except Exception as error:
            self._failed(run, error)
            return
        took = time.monotonic() - now
        pause = max(self.limits.save_every, took / SHARE_OF_SAVING)
        log.debug(line("run_saved", run=run.name, epoch=stamp[0], seconds=f"{took:.3f}"))
        if run.not_saved:
            run.not_saved = ""
            run.note({"kind": "saved"})
        self._saved[run.key] = Saved(stamp, time.monotonic() + pause)  # last: then it is settled
        run.release(partial(self.store.read, run.key), stamp[0])
        if run not in self.runner.runs():  # forgotten while it was written
            self.drop(run)

    def _write(self, run: Run, store: Store) -> None:
        """Save the run; if others must give way to it in the store, they do so first."""
        try:
            store.save(run)
        except OSError:
            if self._closed or store.surplus <= 0:
                raise
            self._make_room_on_disk(store)
            store.save(run)

    def _failed(self, run: Run, error: Exception) -> None:
        """Training goes on; whoever watches is told once, and it is tried again later."""
        reason = (isinstance(error, OSError) and error.strerror) or type(error).__name__
        if not isinstance(error, OSError):
            log.exception(line("run_not_saved", run=run.name))
        elif not run.not_saved:
            log.warning(line("run_not_saved", run=run.name, reason=reason))
        if not run.not_saved:
            run.note({"kind": "not_saved", "reason": reason})
        run.not_saved = reason
        self._saved[run.key] = Saved(None, time.monotonic() + RETRY_AFTER)
        if run not in self.runner.runs():  # it has given way itself
            self.drop(run)

    def _make_room(self) -> None:
        """As far as there are too many, end paused runs, and forget such as have ended."""
        to_end, to_forget = eviction.beyond_memory(self.runner.runs())
        for run in to_end:
            self.runner.stop(run)
        for run in to_forget:
            self.runner.forget(run, only_if_over=True)
        if self.store is not None:
            self._make_room_on_disk(self.store)

    def _make_room_on_disk(self, store: Store) -> None:
        """Forget runs until the store has room again. Those that have not ended end first.

        Of an owner those go first that have ended, then those that are paused, then those that wait.
        """
        if (surplus := store.surplus) <= 0:
            return
        runs = [run for run in self.runner.runs() if not run.driven and self.has_saved(run)]
        runs.sort(key=lambda run: (not run.ended, run.state != PAUSED))
        sizes = {run.key: store.size_of(run.key) for run in runs}
        for run in eviction.beyond(runs, sum(sizes.values()) - surplus, lambda run: sizes[run.key], eviction.MIB):
            self.runner.stop(run)
            self.runner.forget(run, only_if_over=True)  # unless it has just begun to train


def _sleeps(run: Run) -> bool:
    """Whether it has been paused for so long that somebody else may use its memory."""
    return run.state == PAUSED and not run.driven and run.paused_for > SLEEP_AFTER


def _stamp(run: Run) -> tuple[object, ...]:
    """What of a training is saved, in short: another stamp is worth another save."""
    training = run.experiment
    return training.epoch, training.config, run.state if run.ended else "", run.over
