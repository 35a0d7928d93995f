"""Time to a perplexity of 1.1, from a cold start: ours against the best recipe of the tutorials for each model."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from statistics import median
from typing import Any

from rnnlab.bench.rivals import TutorialTorch
from rnnlab.devices import tune_thread
from rnnlab.perplexity import perplexity
from rnnlab.recurrent import MODELS
from rnnlab.resources import shipped_corpus
from rnnlab.text import make_corpus, sequential_batches

TARGET, PATIENCE = 1.1, 120.0  # seconds after which a recipe has not got there


def measure_time_to(repeats: int = 3) -> dict[str, Any]:
    """Seconds from the start of a process to the first epoch at TARGET, in turns; None: not within PATIENCE."""
    result: dict[str, Any] = {"target_perplexity": TARGET, "patience": PATIENCE}
    for model in MODELS:
        ours, theirs = [], []
        for _ in range(repeats):
            ours.append(_cold(_ours_to_target, model))
            theirs.append(_cold(_tutorial_to_target, model))
        reached = [seconds for seconds in theirs if seconds is not None]
        sooner = None if not reached or None in ours else median(reached) / median(ours)
        result[model] = {"ours": ours, "tutorial": theirs, "times_sooner": sooner}
    return result


def _cold(way: Callable[[str], float | None], model: str) -> float | None:
    """Run `way(model)` in a process of its own; its start and imports count, as a visitor's would."""
    code = f"from rnnlab.bench import time_to; print(time_to.{way.__name__}({model!r}))"
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return None if json.loads(done.stdout) is None else time.perf_counter() - began


def _ours_to_target(model: str) -> str:
    """Our quick recipe with this model."""
    from rnnlab.experiments.language_model import Epoch, Trainer, preset

    tune_thread(1)
    settings = {} if model == "gru" else {"learning_rate": 0.01 if model == "lstm" else 0.005}
    config = preset("quick").config(
        model=model, held_out=0.0, epochs=1000, sample_every=None, target_perplexity=TARGET, **settings
    )
    began = time.perf_counter()
    for event in Trainer(config).events():
        if isinstance(event, Epoch) and time.perf_counter() - began > PATIENCE:
            return "null"
    return "1"


def _tutorial_to_target(model: str) -> str:
    """The tutorials' fastest recipe: `torch.nn` on one-hot vectors, Adam 0.01, clip 0.01, B = 32, T = 35."""
    tune_thread(1)
    corpus = make_corpus(shipped_corpus("lyrics-zh"), max_tokens=10_000)
    train = TutorialTorch(model, len(corpus.vocab), 256)
    began = time.perf_counter()
    for _ in count():
        batches = list(sequential_batches(corpus.train_ids, 32, 35))
        nll = sum(train(x, y) for x, y in batches)
        if perplexity(nll, len(batches)) <= TARGET:
            return "1"
        if time.perf_counter() - began > PATIENCE:
            return "null"
    raise AssertionError("unreachable")
