"""Measure the time from a cold start to a perplexity of 1.1, for our and the tutorials' recipes.

Each training has its own process, and wall-clock time is measured from the start of the process. The tutorials' recipe
is stopped after MAX_TIME_RATIO times our time: their plain RNN never reaches the target.
"""

from __future__ import annotations

import math
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from rnnlab.bench.reference_models import TutorialTorch
from rnnlab.bench.subprocess_environment import environment
from rnnlab.devices import tune_thread
from rnnlab.perplexity import perplexity
from rnnlab.recurrent import MODELS
from rnnlab.resources import shipped_corpus
from rnnlab.text import make_corpus, sequential_batches

TARGET = 1.1
MAX_TIME_RATIO = 8.0  # of the tutorials' time to ours
MAX_SECONDS = 300.0  # of our training


def measure_time_to_perplexity(repeats: int = 3) -> dict[str, Any]:
    """Return seconds from the start of a process to the first epoch at TARGET, in turns; None if stopped.

    `times_sooner` is the ratio of the medians; it is a lower bound if the tutorials' recipe was stopped. Raises
    RuntimeError if our recipe does not reach the target.
    """
    result: dict[str, Any] = {"target_perplexity": TARGET, "give_up_at": MAX_TIME_RATIO}
    for model in MODELS:
        ours: list[float] = []
        theirs: list[float | None] = []
        for _ in range(repeats):
            seconds = _cold_start(_ours_to_target, model, MAX_SECONDS)
            if seconds is None:
                raise RuntimeError(f"our {model} did not reach {TARGET} within {MAX_SECONDS:.0f} s")
            ours.append(seconds)
            theirs.append(_cold_start(_tutorial_to_target, model, MAX_TIME_RATIO * seconds))
        waited = [MAX_TIME_RATIO * mine if one is None else one for one, mine in zip(theirs, ours, strict=True)]
        sooner = median(waited) / median(ours)
        result[model] = {
            "ours": ours, "tutorial": theirs, "our_median": median(ours), "times_sooner": sooner,
            "given_up": None in theirs,
        }  # fmt: skip
    return result


def _cold_start(train: Callable[[str], None], model: str, timeout: float) -> float | None:
    """Call `train(model)` in a new process; return its seconds with start and imports, None at `timeout`."""
    code = f"from {__name__} import {train.__name__} as train; train({model!r})"
    began = time.perf_counter()
    try:
        subprocess.run([sys.executable, "-c", code], timeout=timeout, check=True, env=environment())
    except subprocess.TimeoutExpired:
        return None
    return time.perf_counter() - began


def _ours_to_target(model: str) -> None:
    """Train our quick recipe with this model to the target."""
    from rnnlab.experiments.language_model import Trainer, preset

    tune_thread(1)
    settings = {} if model == "gru" else {"learning_rate": 0.01 if model == "lstm" else 0.005}
    config = preset("quick").config(
        model=model, held_out=0.0, epochs=1000, sample_every=None, target_perplexity=TARGET, **settings
    )
    for _ in Trainer(config, device="cpu").events():
        pass


def _tutorial_to_target(model: str) -> None:
    """Train the tutorials' fastest recipe to the target: one-hot `torch.nn`, Adam 0.01, no clipping."""
    tune_thread(1)
    corpus = make_corpus(shipped_corpus("lyrics-zh"), tokenizer="raw", max_tokens=10_000)
    train, reached = TutorialTorch(model, len(corpus.vocab), 256), math.inf
    while reached > TARGET:
        batches = list(sequential_batches(corpus.train_ids, 32, 35))
        reached = perplexity(sum(train(x, y) for x, y in batches), len(batches))
