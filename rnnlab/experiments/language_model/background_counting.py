"""Count the n-grams of a long text in the background, so that its training begins at once.

A text of at most MAX_TOKENS_COUNTED_FIRST tokens is counted before the first minibatch. A longer one is counted by a
thread of its own, one text at a time in a process, and its result is kept: another run of the same text, or one that
is resumed, has it from the beginning. The threads do not keep the process alive.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Generator, Hashable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from rnnlab import limits
from rnnlab.devices import lower_priority
from rnnlab.experiments.event import Event
from rnnlab.experiments.language_model.baselines import frequency_baselines, ngram_baselines, not_counted
from rnnlab.experiments.language_model.events import Baselines, Started
from rnnlab.hosting import line
from rnnlab.text import Corpus

logger = logging.getLogger(__name__)


@dataclass(eq=False)
class Job:
    """A text that is being counted or waits for its turn."""

    corpus: Corpus | None  # None: no run wants it any more, or it is being counted
    users: int = 0  # runs that wait for the result
    done: bool = False
    result: dict[str, Any] | None = None  # of `ngram_baselines`; None if it failed, which is in the log


class BackgroundCounter:
    """Counts one text after another and keeps the latest results. All methods may be called from any thread."""

    def __init__(self) -> None:
        self._results: OrderedDict[Hashable, dict[str, Any]] = OrderedDict()  # the latest last
        self._jobs: dict[Hashable, Job] = {}
        self._lock = threading.Lock()  # guards both
        self._turn = threading.Lock()  # held while a text is counted

    def known(self, corpus: Corpus) -> dict[str, Any] | None:
        """Return the result for that text, if it has been counted."""
        with self._lock:
            return self._results.get(_key(corpus))

    @contextmanager
    def counting(self, corpus: Corpus) -> Iterator[Job]:
        """Have the text counted, and return the job that will have the result.

        A job that has not begun when its last user leaves is dropped.
        """
        job = self._join(corpus)
        try:
            yield job
        finally:
            with self._lock:
                job.users -= 1
                if not job.users:
                    job.corpus = None

    def _join(self, corpus: Corpus) -> Job:
        key = _key(corpus)
        with self._lock:
            if key in self._results:
                return Job(None, 1, True, self._results[key])
            job = self._jobs.get(key)
            if job is None:
                job = self._jobs[key] = Job(corpus)
                threading.Thread(target=self._count, args=(key, job), name="ngram-counting", daemon=True).start()
            elif not job.users:
                job.corpus = corpus  # the thread drops it again if the counting has begun
            job.users += 1
            return job

    def _count(self, key: Hashable, job: Job) -> None:
        """Count the text of `job` when its turn comes, unless no run wants it any more."""
        lower_priority()
        with self._turn:
            with self._lock:
                corpus = job.corpus
                if corpus is None:
                    del self._jobs[key]
                    return
            try:
                job.result = ngram_baselines(corpus)
            except Exception:  # a thread has no caller to raise to; the run goes on without the n-grams
                logger.exception(line("ngrams_not_counted", tokens=len(corpus.train_ids)))
            with self._lock:
                job.corpus, job.done = None, True
                del self._jobs[key]
                if job.result is not None:
                    self._results[key] = job.result
                if len(self._results) > limits.MAX_REMEMBERED_COUNTS:
                    self._results.popitem(last=False)


COUNTER = BackgroundCounter()  # of this process


def known_baselines(corpus: Corpus) -> dict[str, Any]:
    """Return the baselines by their names in `Started`, those of a long text's n-grams only if it has been counted."""
    tokens = len(corpus.train_ids) + len(corpus.held_out_ids)
    if tokens <= limits.MAX_TOKENS_COUNTED_FIRST:
        return frequency_baselines(corpus) | ngram_baselines(corpus)
    return frequency_baselines(corpus) | (COUNTER.known(corpus) or not_counted())


def with_baselines(events: Generator[Event, None, None], corpus: Corpus) -> Generator[Event, None, None]:
    """Yield `events`; if they start without n-grams, count these meanwhile, and yield Baselines when it is done.

    Baselines comes before another event, so never after the last, and nothing waits for it.
    """
    with closing(events):
        started = next(events)
        yield started
        if not isinstance(started, Started) or started.counted_tokens:
            yield from events
            return
        with COUNTER.counting(corpus) as job:
            waiting = True
            for event in events:
                if waiting and job.done:
                    waiting = False
                    if job.result is not None:
                        yield Baselines(**job.result)
                yield event


def _key(corpus: Corpus) -> Hashable:
    """Return what determines the tokens of a corpus."""
    return corpus.text_digest, corpus.tokenizer, corpus.vocab, len(corpus.train_ids), len(corpus.held_out_ids)
