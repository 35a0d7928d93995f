"""The runner: keep runs by id, drive as many as there are places for, and queue the others."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from rnnlab import limits
from rnnlab.checkpoints import Checkpoint
from rnnlab.devices import lower_priority, tune_thread
from rnnlab.hosting import line
from rnnlab.runs.logger import log_fields, logger
from rnnlab.runs.protocols import HasEpoch
from rnnlab.runs.run import Run
from rnnlab.runs.scheduler import Scheduler
from rnnlab.runs.states import ENDED, LESSON, PAUSED, QUEUED, RUNNING, TRAINING, Snapshot, key_of
from rnnlab.runs.store import Store
from rnnlab.runs.supervisor import SAVE_EVERY, Supervisor, Timeouts
from rnnlab.runs.viewers import Clock
from rnnlab.validation import InvalidInput

T = TypeVar("T")


class Runner:
    """Holds runs by id and drives as many as there are places for; the others wait, and owners take turns.

    `max_running` trainings run at once (None: as many as the machine has cores); lessons have places of their own.
    Each run computes with `threads` threads (see `tune_thread`). After `unseen_grace` seconds without a viewer a run is
    paused until it has one; after `kept_for` seconds it ends, and after as many more it is forgotten.

    With a `store`, trainings are saved as they train, and those of an earlier process are loaded, paused; `skipped`
    lists the files that could not be read, and why.
    """

    def __init__(
        self,
        max_running: int | None = None,
        threads: int = 1,
        store: Store | None = None,
        clock: Clock = time.monotonic,
        unseen_grace: float = 60.0,
        kept_for: float = 3600.0,
        save_every: float = SAVE_EVERY,
    ) -> None:
        places = {TRAINING: max_running or os.cpu_count() or 1, LESSON: limits.MAX_RUNNING_LESSONS}
        self.scheduler = Scheduler(places)
        self.threads = threads
        self.skipped: tuple[tuple[str, InvalidInput], ...] = ()
        self._clock, self._store = clock, store
        self._runs: dict[str, Run] = {}  # by key; the latest last
        self._closed = False
        self._lock = threading.Lock()
        self._preparing = threading.BoundedSemaphore(limits.MAX_PREPARED_RUNS)
        self._owners_preparing: list[str] = []
        self.supervisor = Supervisor(self, store, Timeouts(unseen_grace, kept_for, save_every))
        if store is not None:
            self._recover(store)

    def make(self, owner: str, make: Callable[[], T]) -> T:
        """Return the run or lesson of `make`, not started yet, if one more of `owner` may wait. Raises InvalidInput.

        Only a few are made at once: the other calls wait, and count as if their runs were in the queue.
        """
        with self._lock:
            self.scheduler.check_room(owner, also=self._owners_preparing)
            self._owners_preparing.append(owner)
        try:
            with self._preparing:
                return make()
        finally:
            with self._lock:
                self._owners_preparing.remove(owner)

    def start(self, run: Run) -> Run:
        """Queue `run`, which begins as soon as a place is free. Raises InvalidInput when too many runs wait."""
        run.attach(self._clock, self.supervisor.wake)
        if self._store is not None:
            self._store.recordings.attach(run)
        try:
            self._enqueue(run)
        except InvalidInput:
            run.stop()
            raise
        logger.info(line("run_started", run=run.name, pool=run.pool, **log_fields(run.experiment)))
        return run

    def pause(self, run: Run, why: str = "") -> None:
        """Pause `run`; its place is free for the next run in the queue within a minibatch."""
        before = run.state
        run.pause(why)
        if run.state == PAUSED != before:
            logger.info(line("run_paused", run=run.name, why=why or "visitor"))
            self.supervisor.wake()

    def resume(self, run: Run) -> None:
        """Put a paused run at the end of the queue. Raises InvalidInput when too many runs wait."""
        if run.state == PAUSED and self._enqueue(run, run.resume):
            logger.info(line("run_resumed", run=run.name))

    def stop(self, run: Run) -> None:
        """End `run`; what it has learned stays usable. Its place is free within a minibatch."""
        if run.stop():  # at once: no thread will call _note_end
            self._note_end(run)

    def go_on(self, run: Run, epochs: int) -> None:
        """Train an ended or paused run for `epochs` more, or let a running one end later. Raises InvalidInput."""
        if self._enqueue(run, lambda: run.extend(epochs)):
            logger.info(line("run_extended", run=run.name, epochs=epochs))

    def change(self, run: Run, *, learning_rate: float) -> None:
        """Train with another learning rate from the next minibatch on. Raises InvalidInput."""
        run.change(learning_rate)
        logger.info(line("run_changed", run=run.name, learning_rate=learning_rate))
        self.supervisor.wake()

    def forget(self, run: Run, only_if_over: bool = False) -> None:
        """Stop `run`, and remove it from memory and from the store."""
        with self._lock:  # so that nobody resumes it between the check and the removal
            if only_if_over and not run.over:
                return
            self._runs.pop(run.key, None)
            over = run.stop()
        if over:
            self._note_end(run)
        self.supervisor.autosave.drop(run)

    def get(self, run_id: str | None) -> Run | None:
        """Return the run with this id, if it is kept. This counts as a visit."""
        run = self.find(run_id)
        if run is not None:
            run.viewers.visit()
        return run

    def find(self, run_id: str | None) -> Run | None:
        """Return the run with this id, if it is kept. This does not count as a visit."""
        if not isinstance(run_id, str) or not run_id:
            return None
        run = self._runs.get(key_of(run_id))
        if run is not None:
            run.id = run_id  # a run that was loaded from the store does not know its id
        return run

    def latest(self, run: Run) -> Checkpoint | None:
        """Return `run.latest`. Before the first epoch that makes a model: a few calls at a time."""
        if isinstance(run.experiment, HasEpoch) and run.experiment.epoch:
            return run.latest
        with self._preparing:
            return run.latest

    def runs(self) -> tuple[Run, ...]:
        """Return the runs that are kept, the latest last."""
        with self._lock:
            return tuple(self._runs.values())

    def ids(self) -> tuple[str, ...]:
        """Return the known ids of the runs that are kept, the latest last."""
        return tuple(run.id for run in self.runs() if run.id)

    def follow(self, run: Run, cursor: int = 0) -> Snapshot:
        """Return `run.since(cursor)` with the run's place in the queue."""
        with self._lock:
            queue = self.scheduler.queue(run.pool)
        return run.since(cursor, queue.index(run) + 1 if run in queue else 0)

    def census(self) -> dict[str, int]:
        """Count the runs by their (requested) states: running, waiting, paused, ended, and all that are kept."""
        states = Counter(run.state for run in self.runs())
        ended, kept = sum(states[state] for state in ENDED), states.total()
        counts = {"running": states[RUNNING], "waiting": states[QUEUED], "paused": states[PAUSED]}
        return {**counts, "ended": ended, "kept": kept}

    def close(self, timeout: float = 5.0) -> None:
        """Save every run that has not ended, then stop all of them; wait at most `timeout` seconds in all.

        Runs that are started later are stopped at once. The next process finds what was saved here.
        """
        until = time.monotonic() + timeout
        with self._lock:
            self._closed = True
            runs = list(self._runs.values())
        for run in runs:
            run.pause()
        for run in runs:
            run.wait_until_still(max(0.0, until - time.monotonic()))
        self.supervisor.close(max(0.0, until - time.monotonic()))
        for run in runs:
            if not run.over:
                event = "run_kept" if self.supervisor.autosave.has_saved(run) else "run_ended"
                logger.info(line(event, run=run.name, **log_fields(run.experiment)))
            run.stop()
        for run in runs:
            run.wait(max(0.0, until - time.monotonic()))

    def _recover(self, store: Store) -> None:
        """Load the runs that an earlier process has saved."""
        runs, skipped = store.load()
        self.skipped = tuple(skipped)
        for name, error in skipped:
            logger.warning(line("store_skipped", file=name, reason=error.code))
        for run in runs:
            run.attach(self._clock, self.supervisor.wake)
            store.recordings.attach(run)
            self._runs[run.key] = run
            logger.info(line("run_found", run=run.name, state=run.state, **log_fields(run.experiment)))
        store.recordings.remove_others(runs)
        self.supervisor.add_loaded(runs)

    def _enqueue(self, run: Run, request: Callable[[], bool] | None = None) -> bool:
        """Change `run` by `request`, and queue it if it then needs a place; return whether it was changed.

        `request` changes the run and returns whether it must be queued; None for a new run, which must. Runs that were
        forgotten, or paused by `close`, are not changed. Raises InvalidInput.
        """
        with self._lock:
            if request is not None and (self._closed or run.key not in self._runs):
                return False
            counted = run.driven or (run.state == QUEUED and run.key in self._runs)
            if not (self._closed or counted):
                self.scheduler.check_room(run.owner, run)
            if request is not None and not request():
                return True
            if self._closed:
                run.stop()
            self._runs.pop(run.key, None)
            self._runs[run.key] = run
            self.scheduler.join(run)
            self.scheduler.fill(self._start_thread)
        self.supervisor.wake()
        return True

    def _start_thread(self, run: Run) -> bool:
        """Drive `run` in a new thread; return whether the system had one to spare."""
        try:
            threading.Thread(target=self._drive, args=(run,), name=f"run-{run.name}", daemon=True).start()
        except RuntimeError:
            logger.exception(line("no_thread", run=run.name))
            return False
        return True

    def _drive(self, run: Run) -> None:
        tune_thread(self.threads)
        if run.pool == TRAINING:
            lower_priority()
        try:
            run.drive()
        finally:
            with self._lock:
                self.scheduler.leave(run)
                self.scheduler.fill(self._start_thread)
            self._note_end(run)

    def _note_end(self, run: Run) -> None:
        """Log the end of a run that has ended, and have the supervisor check it."""
        if run.over:
            logger.info(line("run_ended", run=run.name, state=run.state, **log_fields(run.experiment)))
        self.supervisor.wake()
