"""Time to a perplexity of 1.1, from a cold start: ours against the best recipe of the tutorials for each model.

Each training has a process of its own, and the clock on the wall runs from the process's start. A recipe of the
tutorials that takes GIVE_UP times as long as ours is stopped there: its plain RNN never arrives.
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

TARGET, GIVE_UP = 1.1, 8.0
OUR_PATIENCE = 300.0  # seconds after which even ours has not got there


def measure_time_to(repeats: int = 3) -> dict[str, Any]:
    """Seconds from the start of a process to the first epoch at TARGET, in turns; None: given up.

    `times_sooner` is the ratio of the medians; where the tutorials' recipe was given up, it is at least that.
    """
    result: dict[str, Any] = {"target_perplexity": TARGET, "give_up_at": GIVE_UP}
    for model in MODELS:
        ours, theirs = [], []
        for _ in range(repeats):
            ours.append(_cold(_ours_to_target, model, OUR_PATIENCE))
            if ours[-1] is None:
                raise RuntimeError(f"our {model} did not reach {TARGET} within {OUR_PATIENCE:.0f} s")
            theirs.append(_cold(_tutorial_to_target, model, GIVE_UP * ours[-1]))
        waited = [GIVE_UP * mine if one is None else one for one, mine in zip(theirs, ours, strict=True)]
        sooner = median(waited) / median(ours)
        result[model] = {
            "ours": ours, "tutorial": theirs, "our_median": median(ours), "times_sooner": sooner,
            "given_up": None in theirs,
        }  # fmt: skip
    return result


def _cold(way: Callable[[str], None], model: str, patience: float) -> float | None:
    """Seconds of `way(model)` in a process of its own; its start and imports count. None: not within `patience`."""
    code = f"from rnnlab.bench import time_to; time_to.{way.__name__}({model!r})"
    began = time.perf_counter()
    try:
        subprocess.run([sys.executable, "-c", code], timeout=patience, check=True, env=environment())
    except subprocess.TimeoutExpired:
        return None
    return time.perf_counter() - began


def _ours_to_target(model: str) -> None:
    """Our quick recipe with this model."""
    from rnnlab.experiments.language_model import Trainer, preset

    tune_thread(1)
    settings = {} if model == "gru" else {"learning_rate": 0.01 if model == "lstm" else 0.005}
    config = preset("quick").config(
        model=model, held_out=0.0, epochs=1000, sample_every=None, target_perplexity=TARGET, **settings
    )
    for _ in Trainer(config, device="cpu").events():
        pass


def _tutorial_to_target(model: str) -> None:
    """The tutorials' fastest recipe: `torch.nn` on one-hot vectors, Adam 0.01, nothing clipped, B = 32, T = 35."""
    tune_thread(1)
    corpus = make_corpus(shipped_corpus("lyrics-zh"), tokenizer="raw", max_tokens=10_000)
    train, reached = TutorialTorch(model, len(corpus.vocab), 256), math.inf
    while reached > TARGET:
        batches = list(sequential_batches(corpus.train_ids, 32, 35))
        reached = perplexity(sum(train(x, y) for x, y in batches), len(batches))
