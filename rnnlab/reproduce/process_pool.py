"""Train the rows over several seeds in a process pool, and compute medians."""

from __future__ import annotations

import os
import queue
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from statistics import median
from typing import Any

from rnnlab.devices import tune_thread
from rnnlab.experiments.event import plain
from rnnlab.reproduce.corpora import is_shipped
from rnnlab.reproduce.published_results import TABLE_ROWS, TableRow
from rnnlab.reproduce.verdicts import ANOTHER_TEXT, UNPUBLISHED, verdict
from rnnlab.text.tutorial_lyrics import is_tutorial_lyrics
from rnnlab.validation import InvalidInput

PROGRESS_INTERVAL = 0.5  # seconds


@dataclass(frozen=True)
class Task:
    """One training: a row (by name, because functions cannot always be pickled) with one seed."""

    row: str
    seed: int
    epochs: tuple[int, ...]  # to report, ascending
    text: str | None  # None: the shipped lyrics


@dataclass(frozen=True)
class Result:
    """The result of one row over all its seeds."""

    row: str
    what: str
    published: dict[int, float]  # {epoch: value}
    ours: dict[int, tuple[float, float, float]]  # {epoch: (median, minimum, maximum)}
    verdict: str
    seeds: int
    seconds: float  # processor seconds of one training, the median
    shipped: bool  # trained on a shipped text

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain data for JSON."""
        ours = {epoch: dict(zip(("median", "low", "high"), spread, strict=True)) for epoch, spread in self.ours.items()}
        return plain({**vars(self), "ours": ours})


def tasks_of(rows: Sequence[TableRow], text: str | None, quick: bool) -> list[Task]:
    """Return all trainings of the rows, the longest first, so that none of them runs alone at the end."""
    tasks = [
        Task(row.name, seed, row.epochs_to_report(quick), text)
        for row in rows
        for seed in range(1, row.seeds(quick) + 1)
    ]  # fmt: skip
    return sorted(tasks, key=lambda task: task.epochs[-1], reverse=True)


def train(task: Task, ticks: Any = None, stopped: Any = None) -> tuple[dict[int, float], float]:
    """Do one training in this process; return {epoch: value} and the processor seconds.

    ticks: a queue that gets a 1 after every epoch.
    stopped: an event that ends the training. It also ends with the parent process.

    An epoch that was not reached because the training diverged has the worst value.
    """
    tune_thread(1)
    row = next(row for row in TABLE_ROWS if row.name == task.row)
    began, values = time.thread_time(), dict.fromkeys(task.epochs, row.worst)
    parent = parent_process()  # None outside a pool
    for epoch, value in row.train(task.seed, task.epochs[-1], task.text):
        if parent is not None and not parent.is_alive():
            os._exit(1)  # SystemExit would be caught by the pool, which would wait for another task for ever
        if stopped is not None and stopped.is_set():
            raise SystemExit("the command was stopped")
        if epoch in task.epochs:
            values[epoch] = value
        if ticks is not None:
            ticks.put(1)
    return values, time.thread_time() - began


def reproduce(
    rows: Sequence[TableRow],
    text: str | None = None,
    quick: bool = False,
    progress: Callable[[int], None] = lambda epochs: None,
    workers: int | None = None,
) -> Iterator[Result]:
    """Yield the result of each row when its last seed has ended.

    progress: called with the number of epochs since its last call.
    workers: processes; None is one for each core.

    Raises InvalidInput from any worker process (such as for a text too short to train on), and if one is killed.
    """
    tasks = tasks_of(rows, text, quick)
    if not tasks:
        return
    context = get_context("spawn")  # a process forked after torch has started its threads may hang
    ignore = (signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is handled by this process, which ends the others
    pool = ProcessPoolExecutor(workers or os.cpu_count(), context, initializer=signal.signal, initargs=ignore)
    with context.Manager() as manager:
        ticks, stopped = manager.Queue(), manager.Event()
        done: dict[str, list[tuple[dict[int, float], float]]] = {row.name: [] for row in rows}
        try:
            open_tasks: dict[Future[Any], Task] = {pool.submit(train, task, ticks, stopped): task for task in tasks}
            while open_tasks:
                ended, _ = wait(open_tasks, timeout=PROGRESS_INTERVAL, return_when=FIRST_COMPLETED)
                progress(_count(ticks))
                for future in ended:
                    name = open_tasks.pop(future).row
                    done[name].append(result_of(future))
                    if all(task.row != name for task in open_tasks.values()):
                        row = next(row for row in rows if row.name == name)
                        yield summary(row, done[name], text)
        finally:  # after an interruption: waiting tasks are cancelled, running ones end after their epoch
            stopped.set()
            pool.shutdown(cancel_futures=True)


def result_of(future: Future[Any]) -> Any:
    """Return the result of a training; raise its InvalidInput, or one if its process was killed."""
    try:
        return future.result()
    except BrokenProcessPool:
        raise InvalidInput("worker_lost", "workers") from None


def _count(ticks: Any) -> int:
    """Empty the queue and return the number of its items."""
    count = 0
    while True:
        try:
            count += ticks.get_nowait()
        except queue.Empty:
            return count


def summary(row: TableRow, trainings: Sequence[tuple[dict[int, float], float]], text: str | None) -> Result:
    """Compute medians and ranges over the seeds; only results on the tutorials' text have a verdict."""
    by_seed = [values for values, _ in trainings]
    epochs = [epoch for epoch in row.epochs if all(epoch in values for values in by_seed)]
    ours = {epoch: _spread([values[epoch] for values in by_seed]) for epoch in epochs}
    judged = verdict(row.published, ours, row.smaller_is_better)
    comparable = not row.depends_on_text or judged == UNPUBLISHED or is_tutorial_lyrics(text)
    return Result(
        row=row.name,
        what=row.what,
        published=dict(row.published),
        ours=ours,
        verdict=judged if comparable else ANOTHER_TEXT,
        seeds=len(trainings),
        seconds=median(seconds for _, seconds in trainings),
        shipped=row.depends_on_text and is_shipped(text),
    )


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    """Return median, minimum and maximum."""
    return median(values), min(values), max(values)
