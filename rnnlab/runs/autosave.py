"""Save trainings as they train, and evict saved runs when the disk has no more room for all."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from rnnlab import limits
from rnnlab.hosting import line
from rnnlab.runs import eviction
from rnnlab.runs.logger import logger
from rnnlab.runs.protocols import Storable
from rnnlab.runs.resume_point import Place
from rnnlab.runs.run import Run
from rnnlab.runs.states import PAUSED
from rnnlab.runs.store import Store
from rnnlab.runs.training import Training, training_of
from rnnlab.validation import InvalidInput

PARTIAL_EVERY = 10.0  # seconds after a save until a run within a long epoch is saved again
SAVING_SHARE = 0.1  # of the time at most: large models are saved less often
RETRY_AFTER = 10.0  # seconds after a save that failed
MISSING_EVERY = 5.0  # seconds between two checks for files that somebody has removed
SUSPEND_AFTER = 60.0  # seconds of a pause after which a run keeps only its resume point


class RunControl(Protocol):
    """What saving needs of the runner."""

    def runs(self) -> tuple[Run, ...]: ...

    def stop(self, run: Run) -> None: ...

    def forget(self, run: Run, only_if_over: bool = False) -> None: ...


@dataclass(frozen=True)
class Saved:
    """The last try to save a run."""

    stamp: tuple[object, ...] | None  # of the saved state, see `_stamp`; None: the try failed
    at: float  # when that was, in time.monotonic's seconds
    next: float  # when the run may be saved again, in the same seconds


class Autosave:
    """Saves the runs of `runner`; without a store it only frees memory. Used by one thread at a time."""

    def __init__(self, runner: RunControl, store: Store | None, save_every: float) -> None:
        """`save_every`: seconds at least between two saves of a run."""
        self.runner, self.store, self.save_every = runner, store, save_every
        self.closing = self.closed = False  # closing: save everything at once; closed: save nothing more
        self._saved: dict[str, Saved] = {}
        self._missing_checked = -math.inf  # when files were last found to be there or missing

    def add_loaded(self, runs: Iterable[Run]) -> None:
        """Note that runs are saved already: they were just loaded from the store."""
        self._saved |= {run.key: Saved(_stamp(run), 0.0, 0.0) for run in runs}

    def has_saved(self, run: Run) -> bool:
        """Return whether the next process will find this run, as it was when it was last saved."""
        last = self._saved.get(run.key)
        return last is not None and last.stamp is not None

    def settled(self, run: Run) -> bool:
        """Return whether the run is saved in its current state, or is of a kind that is never saved."""
        if self.store is None or not is_stored(run):
            return True
        last = self._saved.get(run.key)
        return last is not None and last.stamp == _stamp(run)

    def drop(self, run: Run) -> None:
        """Remove the files of a run that was forgotten."""
        self._saved.pop(run.key, None)
        if self.store is not None:
            self.store.forget(run.key)
            self.store.recordings.drop(run.key)

    def save(self, run: Run) -> None:
        """Save the run if that is due, and free memory that the run does not need any more."""
        if self.store is None or not is_stored(run):
            if run.ended:
                run.release()
            elif isinstance(run.experiment, Training) and _is_long_paused(run):
                run.suspend()
            return
        now = time.monotonic()
        last = self._saved.get(run.key, Saved(None, now, 0.0))
        training = run.experiment if isinstance(run.experiment, Training) else None
        place, stamp = None if training is None else training.place, _stamp(run)
        if training is not None and stamp == last.stamp and _is_long_paused(run):
            run.suspend(partial(self.store.read, run.key), place)
        if training is not None and run.driven and now - last.at > PARTIAL_EVERY:
            training.request_partial()  # a later call saves it
        at_once = self.closing or (last.stamp is not None and not run.driven)
        if self.closed or stamp == last.stamp or (now < last.next and not at_once):
            return
        try:
            self._write(run, self.store)
        except InvalidInput as error:  # the run was suspended, and somebody has removed its files
            logger.warning(line("run_lost", run=run.name, reason=error.code))
            self._saved[run.key] = Saved(stamp, now, math.inf)
            return
        except Exception as error:
            self._note_failure(run, error)
            return
        self._note_saved(run, stamp, place, time.monotonic() - now)
        run.release(partial(self.store.read, run.key), place)
        if run not in self.runner.runs():  # forgotten while it was written
            self.drop(run)

    def _note_saved(self, run: Run, stamp: tuple[object, ...], place: Place | None, seconds: float) -> None:
        """Note that the run was saved, which took `seconds`."""
        pause, now = max(self.save_every, seconds / SAVING_SHARE), time.monotonic()
        at = {} if place is None else {"epoch": place[0], "step": place[1]}
        logger.debug(line("run_saved", run=run.name, seconds=f"{seconds:.3f}", **at))
        if run.not_saved:
            run.not_saved = ""
            run.note({"kind": "saved"})
        self._saved[run.key] = Saved(stamp, now, now + pause)  # last: from here on the run is `settled`

    def _write(self, run: Run, store: Store) -> None:
        """Save the run; when the store has no room, evict others and try once more."""
        try:
            store.save(run)
        except OSError:
            if self.closing or store.surplus <= 0:
                raise
            self.evict()
            store.save(run)

    def _note_failure(self, run: Run, error: Exception) -> None:
        """Tell the viewers once that the run could not be saved, and try again later; training goes on."""
        reason = (isinstance(error, OSError) and error.strerror) or type(error).__name__
        if not isinstance(error, OSError):
            logger.exception(line("run_not_saved", run=run.name))
        elif not run.not_saved:
            logger.warning(line("run_not_saved", run=run.name, reason=reason))
        if not run.not_saved:
            run.note({"kind": "not_saved", "reason": reason})
        run.not_saved = reason
        self._saved[run.key] = Saved(None, time.monotonic(), time.monotonic() + RETRY_AFTER)
        if run not in self.runner.runs():  # it was evicted itself
            self.drop(run)

    def check_missing(self) -> None:
        """Save runs anew whose files somebody has removed."""
        if self.store is None or time.monotonic() - self._missing_checked < MISSING_EVERY:
            return
        self._missing_checked = time.monotonic()
        for key in self.store.missing():
            self._saved.pop(key, None)

    def evict(self) -> None:
        """Drop recordings, then forget runs, until the store has room again.

        Of an owner, ended runs go first, then paused ones, then waiting ones.
        """
        store = self.store
        if store is None:
            return
        store.recordings.make_room(self.runner.runs(), store.room_beside)
        if (surplus := store.surplus) <= 0:
            return
        runs = [run for run in self.runner.runs() if not run.driven and self.has_saved(run)]
        runs.sort(key=lambda run: (not run.ended, run.state != PAUSED))
        sizes = {run.key: store.size_of(run.key) for run in runs}
        for run in eviction.beyond(runs, sum(sizes.values()) - surplus, lambda run: sizes[run.key], limits.MIB):
            self.runner.stop(run)
            self.runner.forget(run, only_if_over=True)  # unless it has just begun to train


def _is_long_paused(run: Run) -> bool:
    """Return whether the run has been paused for so long that its memory is better used by others."""
    return run.state == PAUSED and not run.driven and run.paused_for > SUSPEND_AFTER


def _stamp(run: Run) -> tuple[object, ...]:
    """Summarize what of a training is saved: the run is saved again when its stamp has changed."""
    how = run.state if run.ended else "", run.over
    if isinstance(run.experiment, Storable):  # of one that has ended nothing changes any more but what it has released
        return None if run.ended else run.experiment.stamp, *how
    training = training_of(run)
    return training.place, training.config, *how


def is_stored(run: Run) -> bool:
    """Return whether a run survives the process: a training, or a lesson of a kind that does."""
    return isinstance(run.experiment, Training | Storable)
