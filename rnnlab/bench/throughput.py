"""Training throughput: ours against the tutorials' formulation and PyTorch's example, on minibatches of the same size.

The contestants take turns, one minibatch each, so that whatever else the machine does hits them alike, and what is
counted is the processor time of the one thread that trains: on an idle machine it is the clock on the wall, and on a
busy one it leaves out the time that others had the core.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import cycle
from statistics import median
from typing import Any

from torch import Tensor

from rnnlab.bench.reference_models import (
    TutorialScratch,
    TutorialTorch,
    WordLanguageModel,
    flops_per_token,
    product_rate,
)
from rnnlab.devices import tune_thread
from rnnlab.experiments.language_model import Config, Step, Trainer, preset
from rnnlab.recurrent import MODELS
from rnnlab.resources import shipped_corpus
from rnnlab.text import make_corpus, sequential_batches

HIDDEN_SIZE, BATCH_SIZE, NUM_STEPS, CHARACTERS = 256, 32, 35, 10_000
MINIBATCHES = 6  # of each contestant per repeat


def measure_throughput(repeats: int = 5) -> dict[str, Any]:
    """Tokens per second of each contestant for each model, the ratios, and the fraction of what the machine could do.

    Ours in five forms: `scratch` is the tutorials' network, which reads one-hot characters by lookup instead of a
    product; `torch` is a learned embedding before torch.nn; `scratch one-hot` and `torch one-hot`, `scratch embedding`
    and `torch` are the same network twice. (Of the GRU there are two: in the tutorials' the reset gate comes before
    the product, in torch.nn's after it.)

    The limit is the floating-point operations that the model must do over the measured rate of one large product.
    """
    tune_thread(1)
    corpus = make_corpus(shipped_corpus("lyrics-zh"), tokenizer="raw", max_tokens=CHARACTERS)
    batches = list(sequential_batches(corpus.train_ids, BATCH_SIZE, NUM_STEPS))
    result: dict[str, Any] = {"hidden_size": HIDDEN_SIZE, "batch_size": BATCH_SIZE, "num_steps": NUM_STEPS}
    for model in MODELS:
        speeds = _race(model, len(corpus.vocab), batches, repeats)
        limit = product_rate() / flops_per_token(model, HIDDEN_SIZE, len(corpus.vocab))
        result[model] = {
            "tokens_per_second": speeds,
            "scratch_over_tutorial_scratch": speeds["scratch"] / speeds["tutorial scratch"],
            "torch_over_tutorial_torch": speeds["torch"] / speeds["tutorial torch"],
            "torch_over_word_language_model": speeds["torch"] / speeds["word_language_model"],
            "scratch_over_torch_one_hot": speeds["scratch one-hot"] / speeds["torch one-hot"],
            "scratch_over_torch_embedding": speeds["scratch embedding"] / speeds["torch"],
            "scratch_over_word_language_model": speeds["scratch embedding"] / speeds["word_language_model"],
            "scratch_share_of_limit": speeds["scratch"] / limit,
        }
    return result


def _race(model: str, vocab_size: int, batches: list[tuple[Tensor, Tensor]], repeats: int) -> dict[str, float]:
    """Tokens per second of each contestant, from the median time of a minibatch."""
    minibatches = cycle(batches)

    def rival(kind: Callable[..., Any]) -> Callable[[], float]:
        train = kind(model, vocab_size, HIDDEN_SIZE)
        return lambda: train(*next(minibatches))

    contestants: dict[str, Callable[[], Any]] = {
        "scratch": _ours(model, implementation="scratch", encoding="one-hot", optimizer="sgd", reset_after=False),
        "scratch one-hot": _ours(model, implementation="scratch", encoding="one-hot", optimizer="sgd"),
        "scratch embedding": _ours(model, implementation="scratch", encoding="embedding", optimizer="adam"),
        "torch": _ours(model, implementation="torch", encoding="embedding", optimizer="adam"),
        "torch one-hot": _ours(model, implementation="torch", encoding="one-hot", optimizer="sgd"),
        "tutorial scratch": rival(TutorialScratch),
        "tutorial torch": rival(TutorialTorch),
        "word_language_model": rival(WordLanguageModel),
    }
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for repeat in range(MINIBATCHES * repeats + 2):
        for name, train in contestants.items():
            began = time.thread_time()
            train()
            if repeat >= 2:  # the first ones warm up
                seconds[name].append(time.thread_time() - began)
    return {name: BATCH_SIZE * NUM_STEPS / median(times) for name, times in seconds.items()}


def _ours(model: str, **settings: Any) -> Callable[[], Step]:
    """The next minibatch of our Trainer, everything included that it does for one."""
    recipe = preset("gru-torch").config(
        model=model, learning_rate=1e-3, grad_clip=0.01, embedding_size=HIDDEN_SIZE, epochs=100_000, sample_every=None,
        **settings,
    )  # fmt: skip
    steps = _steps(recipe)
    return lambda: next(steps)


def _steps(config: Config) -> Iterator[Step]:
    for event in Trainer(config, device="cpu").events():
        if isinstance(event, Step):
            yield event
