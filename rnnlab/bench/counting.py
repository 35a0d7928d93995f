"""Measure the counting of n-grams: its time for long texts, and what it costs a training beside it.

The texts are random characters with the frequencies of a real one, of which nearly all n-grams differ: the most that
a text of that length can take. The training takes turns with and without a counting beside it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import numpy as np

from rnnlab.devices import lower_priority, tune_thread
from rnnlab.experiments.language_model import Config, Step, Trainer
from rnnlab.experiments.language_model.baselines import ORDERS
from rnnlab.models import ngram_perplexities
from rnnlab.resources import shipped_corpus
from rnnlab.text import make_corpus

LENGTHS = (100_000, 1_000_000, 10_000_000)  # characters; a tenth of each is held out
BESIDE = 1_000_000  # characters that are counted beside a training, over and over
STEPS = 30  # minibatches of a turn


def measure_counting(repeats: int = 5) -> dict[str, Any]:
    """Return seconds of one core by length of the text, and milliseconds per minibatch without and with a counting."""
    tune_thread(1)
    corpus = make_corpus(shipped_corpus("lyrics-zh"))
    source, vocab_size = corpus.train_ids.numpy(), len(corpus.vocab)
    random = np.random.default_rng(1)
    seconds = {}
    for length in LENGTHS:
        ids = random.choice(source, length)
        began = time.thread_time()
        ngram_perplexities(ids[: length * 9 // 10], [ids[length * 9 // 10 :]], vocab_size, ORDERS[-1])
        seconds[f"{length:,}"] = time.thread_time() - began
    alone, beside = _training_beside(random.choice(source, BESIDE), vocab_size, repeats)
    return {
        "longest": ORDERS[-1],
        "seconds_by_characters": seconds,
        "milliseconds_per_step": {"alone": alone, "beside_a_counting": beside},
        "ratio": beside / alone,
        "repeats": repeats,
    }


def _training_beside(ids: np.ndarray[Any, Any], vocab_size: int, repeats: int) -> tuple[float, float]:
    """Return the median milliseconds per minibatch of `quick`, without and with a counting beside it."""
    allowed, ended = threading.Event(), threading.Event()

    def count() -> None:
        lower_priority()
        while allowed.wait() and not ended.is_set():
            ngram_perplexities(ids, [], vocab_size, 3)  # half a second, so that it ends soon when a turn has none

    thread = threading.Thread(target=count, daemon=True)
    thread.start()
    steps = _step_times()
    times: dict[bool, list[float]] = {False: [], True: []}
    for repeat in range(repeats + 1):
        for counting in times:
            (allowed.set if counting else allowed.clear)()
            time.sleep(1.5)  # until the counting goes on, or is at its end
            turn = [next(steps) for _ in range(STEPS)]
            if repeat:  # the first turns warm up
                times[counting] += turn
    ended.set()
    allowed.set()
    thread.join()
    return 1000 * median(times[False]), 1000 * median(times[True])


def _step_times() -> Iterator[float]:
    """Yield the seconds of one minibatch after another."""
    events = Trainer(Config(epochs=100_000, sample_every=None), device="cpu").events()
    began = time.perf_counter()
    for event in events:
        if isinstance(event, Step):
            yield time.perf_counter() - began
        began = time.perf_counter()
