"""The runner: keeps runs by id, drives as many as there are places for, and has the others wait."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable

from rnnlab.checkpoints import Checkpoint
from rnnlab.devices import lower_priority, tune_thread
from rnnlab.hosting import line
from rnnlab.runs.driven import log
from rnnlab.runs.run import Run, key_of
from rnnlab.runs.scheduler import Scheduler
from rnnlab.runs.states import ENDED, LESSON, PAUSED, QUEUED, RUNNING, TRAINING, Clock, Snapshot
from rnnlab.runs.store import Store
from rnnlab.runs.supervisor import SAVE_EVERY, Limits, Supervisor
from rnnlab.validation import InvalidInput

MAX_LESSONS = 4  # lessons that compute at once
MOST_MADE = 2  # runs whose texts are read at once: a long one takes seconds, and many times its size meanwhile


class Runner:
    """Keeps runs by id and lets at most `max_running` of them train at once; the others wait, and owners take turns.

    `max_running` None: as many as the machine has cores. Lessons have MAX_LESSONS places of their own. Each run
    computes with `threads` threads (see `tune_thread`) at a lower priority (see `lower_priority`). A run without a
    viewer for `unseen_grace` seconds is paused until it has one; after `kept_for` seconds it ends, and after as many
    more it is forgotten.

    With a `store` runs survive the process: they are saved as they train, and those of an earlier process are here
    again, paused. `skipped` names the files of the store that could not be read, and why.
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
        self.places = Scheduler({TRAINING: max_running or os.cpu_count() or 1, LESSON: MAX_LESSONS})
        self.threads = threads
        self.skipped: tuple[tuple[str, InvalidInput], ...] = ()
        self._clock = clock
        self._runs: dict[str, Run] = {}  # by key; the latest last
        self._closed = False
        self._lock = threading.Lock()
        self._making = threading.BoundedSemaphore(MOST_MADE)
        self._being_made: list[str] = []  # whose they are
        self.supervisor = Supervisor(self, store, Limits(unseen_grace, kept_for, save_every))
        if store is not None:
            self._recover(store)

    # what a visitor asks for

    def make(self, owner: str, make: Callable[[], Run]) -> Run:
        """What `make` makes, to be started, if there is room for one more of `owner`'s now. Raises InvalidInput.

        Only a few are made at once: the others wait, and count as if they were in the queue.
        """
        with self._lock:
            self.places.check_room(owner, also=self._being_made)
            self._being_made.append(owner)
        try:
            with self._making:
                return make()
        finally:
            with self._lock:
                self._being_made.remove(owner)

    def start(self, run: Run) -> Run:
        """Queue `run`; it begins as soon as a place is free. Raises InvalidInput when too many wait.

        How many of one owner may wait, and what is forgotten when there is no room, goes by `run.owner`.
        """
        run.watched(self._clock, self.supervisor.wake)
        try:
            self._queue_up(run)
        except InvalidInput:
            run.stop()
            raise
        log.info(line("run_started", run=run.name, pool=run.pool, **_about(run)))
        return run

    def pause(self, run: Run, why: str = "") -> None:
        """Let `run` give its place to the next in the queue, within a minibatch."""
        before = run.state
        run.pause(why)
        if run.state == PAUSED != before:
            log.info(line("run_paused", run=run.name, why=why or "visitor"))
            self.supervisor.wake()

    def resume(self, run: Run) -> None:
        """Let a paused run go on; it waits at the end of the queue. Raises InvalidInput when too many wait."""
        if run.state == PAUSED and self._queue_up(run, run.resume):
            log.info(line("run_resumed", run=run.name))

    def stop(self, run: Run) -> None:
        """End `run`; what it has learned stays usable. Its place is free as soon as its minibatch is done."""
        if run.stop():  # it had no thread that would tell
            self._after(run)

    def go_on(self, run: Run, epochs: int) -> None:
        """Let an ended or paused run train for `epochs` more, or a running one end that much later.

        Raises InvalidInput.
        """
        if self._queue_up(run, lambda: run.extend(epochs)):
            log.info(line("run_extended", run=run.name, epochs=epochs))

    def change(self, run: Run, *, learning_rate: float) -> None:
        """Train with another learning rate from the next minibatch on. Raises InvalidInput."""
        run.change(learning_rate)
        log.info(line("run_changed", run=run.name, learning_rate=learning_rate))
        self.supervisor.wake()

    def forget(self, run: Run, only_if_over: bool = False) -> None:
        """Stop `run` and keep it no longer, in the store neither: nobody will ask for it again."""
        with self._lock:  # so that nobody lets it go on between the two
            if only_if_over and not run.over:
                return
            self._runs.pop(run.key, None)
            over = run.stop()
        if over:
            self._after(run)
        self.supervisor.drop(run)

    # what is so

    def get(self, run_id: str | None) -> Run | None:
        """The run with this id. Asking for it counts as a visit."""
        if not isinstance(run_id, str) or not run_id:
            return None
        run = self._runs.get(key_of(run_id))
        if run is not None:
            run.id = run_id  # one that was read from the store does not know it
            run.visit()
        return run

    def latest(self, run: Run) -> Checkpoint | None:
        """`run.latest`. Where nothing has been learned yet it is made for whoever asks, as few at once as runs are."""
        if getattr(run.experiment, "epoch", 0):
            return run.latest
        with self._making:
            return run.latest

    def runs(self) -> tuple[Run, ...]:
        """The runs that are kept, the latest last."""
        with self._lock:
            return tuple(self._runs.values())

    def ids(self) -> tuple[str, ...]:
        """The ids of the runs that are kept, the latest last, as far as they are known here."""
        return tuple(run.id for run in self.runs() if run.id)

    def follow(self, run: Run, cursor: int = 0) -> Snapshot:
        """`run.since(cursor)` with the run's place in the queue."""
        with self._lock:
            queue = self.places.line(run.pool)
        return run.since(cursor, queue.index(run) + 1 if run in queue else 0)

    def census(self) -> dict[str, int]:
        """How many runs are running, waiting, paused, ended, and kept in all.

        A run that was paused or stopped counts as that at once, though it has its place for a minibatch more.
        """
        states = Counter(run.state for run in self.runs())
        ended = sum(states[state] for state in ENDED)
        known = {"running": states[RUNNING], "waiting": states[QUEUED], "paused": states[PAUSED], "ended": ended}
        return {**known, "kept": states.total()}

    # the end, and the beginning after it

    def close(self, timeout: float = 5.0) -> None:
        """Save every run that has not ended, then stop all of them; wait at most `timeout` seconds in all.

        Later ones are stopped at once. The next process finds what was saved here.
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
                log.info(
                    line("run_kept" if self.supervisor.has_saved(run) else "run_ended", run=run.name, **_about(run))
                )
            run.stop()
        for run in runs:
            run.wait(max(0.0, until - time.monotonic()))

    def _recover(self, store: Store) -> None:
        """Take over what an earlier process has left in the store."""
        runs, skipped = store.load()
        self.skipped = tuple(skipped)
        for name, error in skipped:
            log.warning(line("store_skipped", file=name, reason=error.code))
        for run in runs:
            run.watched(self._clock, self.supervisor.wake)
            self._runs[run.key] = run
            log.info(line("run_found", run=run.name, state=run.state, **_about(run)))
        self.supervisor.found(runs)

    # the queue

    def _queue_up(self, run: Run, ask: Callable[[], bool] | None = None) -> bool:
        """Put `run` at the end of the queue, if it still needs a place when it was asked; whether it was asked.

        What is forgotten stays so, and what is paused for the next process, too. Raises InvalidInput.
        """
        with self._lock:
            if ask is not None and (self._closed or run.key not in self._runs):
                return False
            has_place = run.driven or (run.state == QUEUED and run.key in self._runs)  # in the queue, at least
            if not (self._closed or has_place):
                self.places.check_room(run.owner, run)
            if ask is not None and not ask():
                return True
            if self._closed:
                run.stop()
            self._runs.pop(run.key, None)
            self._runs[run.key] = run
            self.places.join(run)
            self.places.fill(self._start_thread)
        self.supervisor.wake()
        return True

    def _start_thread(self, run: Run) -> bool:
        """Drive `run` in a thread, which waits for the lock before it ends; whether the machine had one to spare."""
        try:
            threading.Thread(target=self._drive, args=(run,), name=f"run-{run.name}", daemon=True).start()
        except RuntimeError:
            log.exception(line("no_thread", run=run.name))
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
                self.places.leave(run)
                self.places.fill(self._start_thread)
            self._after(run)

    def _after(self, run: Run) -> None:
        """A run has let go of its place, or has ended without one."""
        if run.over:
            log.info(line("run_ended", run=run.name, state=run.state, **_about(run)))
        self.supervisor.wake()


def _about(run: Run) -> dict[str, object]:
    """A run's settings for the server's log; nothing that a visitor has written."""
    config, about = getattr(run.experiment, "config", None), {}
    if hasattr(config, "lesson"):
        about["experiment"] = config.lesson or "train"
    about |= {name: getattr(config, name) for name in ("model", "hidden_size", "epochs") if hasattr(config, name)}
    epoch = getattr(run.experiment, "epoch", None)
    return about if epoch is None else {**about, "epoch": epoch}
