"""Train the rows over several seeds, a process for each core, and gather medians."""

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
from rnnlab.reproduce.corpora import is_shipped, is_the_tutorials
from rnnlab.reproduce.rows import ROWS, Row
from rnnlab.reproduce.verdicts import ANOTHER_TEXT, UNPUBLISHED, verdict
from rnnlab.validation import InvalidInput

TICK = 0.5  # seconds between two looks at the progress


@dataclass(frozen=True)
class Task:
    """One training: a row (by name, so that it travels to another process) with one seed."""

    row: str
    seed: int
    epochs: tuple[int, ...]  # at which the figure is wanted, ascending
    text: str | None


@dataclass(frozen=True)
class Result:
    """One row of the table. `ours` {epoch: (median, smallest, largest)} over the seeds."""

    row: str
    what: str
    published: dict[int, float]
    ours: dict[int, tuple[float, float, float]]
    verdict: str
    seeds: int
    seconds: float  # of one training in its processor's time, median
    shipped: bool  # trained on songs that ship with RNN Lab

    def to_dict(self) -> dict[str, Any]:
        ours = {epoch: dict(zip(("median", "low", "high"), spread, strict=True)) for epoch, spread in self.ours.items()}
        return plain({**vars(self), "ours": ours})


def tasks_of(rows: Sequence[Row], text: str | None, quick: bool) -> list[Task]:
    """Every training that the rows need, the longest first, so that no core is left with a long one at the end."""
    tasks = [
        Task(row.name, seed, row.labels(quick), text)
        for row in rows
        for seed in range(1, row.seeds(quick) + 1)
    ]  # fmt: skip
    return sorted(tasks, key=lambda task: task.epochs[-1], reverse=True)


def train(task: Task, ticks: Any = None, stopped: Any = None) -> tuple[dict[int, float], float]:
    """Do one training in this process; returns {epoch: figure} and the processor's seconds.

    An epoch that was not reached, because the training diverged, has the worst figure. `ticks.put(1)` is called per
    epoch; once `stopped.is_set()` it ends. If the process that asked for it is gone, this one ends.
    """
    tune_thread(1)
    row = next(row for row in ROWS if row.name == task.row)
    began, figures = time.thread_time(), dict.fromkeys(task.epochs, row.worst)
    asker = parent_process()  # None outside of a pool
    for epoch, figure in row.train(task.seed, task.epochs[-1], task.text):
        if asker is not None and not asker.is_alive():
            os._exit(1)  # the pool would catch SystemExit, and wait for ever for another task
        if stopped is not None and stopped.is_set():
            raise SystemExit("nobody waits for this any more")
        if epoch in task.epochs:
            figures[epoch] = figure
        if ticks is not None:
            ticks.put(1)
    return figures, time.thread_time() - began


def reproduce(
    rows: Sequence[Row],
    text: str | None = None,
    quick: bool = False,
    progress: Callable[[int], None] = lambda epochs: None,
    workers: int | None = None,
) -> Iterator[Result]:
    """Yield each row's result as its last seed ends. `progress` hears how many epochs were done since it last heard.

    A refusal (such as a text too short to train on) is raised here, wherever it was met; InvalidInput also when a
    process is ended from outside.
    """
    tasks = tasks_of(rows, text, quick)
    if not tasks:
        return
    context = get_context("spawn")  # forked after torch has started its threads, a child may hang
    deaf = (signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for this process, which ends the others
    pool = ProcessPoolExecutor(workers or os.cpu_count(), context, initializer=signal.signal, initargs=deaf)
    with context.Manager() as manager:
        ticks, stopped = manager.Queue(), manager.Event()
        done: dict[str, list[tuple[dict[int, float], float]]] = {row.name: [] for row in rows}
        try:
            open_tasks: dict[Future[Any], Task] = {pool.submit(train, task, ticks, stopped): task for task in tasks}
            while open_tasks:
                ended, _ = wait(open_tasks, timeout=TICK, return_when=FIRST_COMPLETED)
                progress(_count(ticks))
                for future in ended:
                    name = open_tasks.pop(future).row
                    done[name].append(result_of(future))
                    if all(task.row != name for task in open_tasks.values()):
                        row = next(row for row in rows if row.name == name)
                        yield summary(row, done[name], text)
        finally:  # interrupted: what has not begun never will, what has ends with its epoch
            stopped.set()
            pool.shutdown(cancel_futures=True)


def result_of(future: Future[Any]) -> Any:
    """What a training found. Raises InvalidInput, also when its process was killed."""
    try:
        return future.result()
    except BrokenProcessPool:
        raise InvalidInput("worker_lost", "workers") from None


def _count(ticks: Any) -> int:
    count = 0
    while True:
        try:
            count += ticks.get_nowait()
        except queue.Empty:
            return count


def summary(row: Row, trainings: Sequence[tuple[dict[int, float], float]], text: str | None) -> Result:
    """Medians and spreads over the seeds. On another `text` than the tutorials' there is nothing to agree with."""
    figures = [figures for figures, _ in trainings]
    epochs = [epoch for epoch in row.epochs if all(epoch in one for one in figures)]
    ours = {epoch: (median(one[epoch] for one in figures), *_ends([one[epoch] for one in figures])) for epoch in epochs}
    medians = {epoch: spread[0] for epoch, spread in ours.items()}
    judged = verdict(row.published, medians, row.smaller_is_better)
    comparable = not row.of_the_corpus or judged == UNPUBLISHED or is_the_tutorials(text)
    return Result(
        row=row.name,
        what=row.what,
        published=dict(row.published),
        ours=ours,
        verdict=judged if comparable else ANOTHER_TEXT,
        seeds=len(trainings),
        seconds=median(seconds for _, seconds in trainings),
        shipped=row.of_the_corpus and is_shipped(text),
    )


def _ends(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)
