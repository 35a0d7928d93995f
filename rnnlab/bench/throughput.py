"""Measure training throughput: our models, the tutorials' and PyTorch's example, on equal minibatches.

The implementations take turns, one minibatch each, so that other programs affect them equally. The processor time of
the training thread is measured: on an idle machine it equals wall-clock time, and on a busy one it excludes the time of
other programs on the core.
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
MINIBATCHES = 6  # of each implementation per repeat


def measure_throughput(repeats: int = 5) -> dict[str, Any]:
    """Return tokens per second by implementation and model, ratios, and shares of the machine's limit.

    Ours has five forms: `scratch` is the tutorials' network with a lookup instead of a product for one-hot input;
    `torch` is a learned embedding before torch.nn; `scratch one-hot` and `torch one-hot`, and `scratch embedding` and
    `torch`, are pairs of the same network. (The tutorials' GRU applies the reset gate before the product, that of
    torch.nn after it.)

    The limit is the measured rate of a large matrix product over the necessary operations per token.
    """
    tune_thread(1)
    corpus = make_corpus(shipped_corpus("lyrics-zh"), tokenizer="raw", max_tokens=CHARACTERS)
    batches = list(sequential_batches(corpus.train_ids, BATCH_SIZE, NUM_STEPS))
    result: dict[str, Any] = {"hidden_size": HIDDEN_SIZE, "batch_size": BATCH_SIZE, "num_steps": NUM_STEPS}
    for model in MODELS:
        speeds = _tokens_per_second(model, len(corpus.vocab), batches, repeats)
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


def _tokens_per_second(
    model: str, vocab_size: int, batches: list[tuple[Tensor, Tensor]], repeats: int
) -> dict[str, float]:
    """Return the tokens per second of each implementation, from the median time of a minibatch."""
    minibatches = cycle(batches)

    def reference(kind: Callable[..., Any]) -> Callable[[], float]:
        train = kind(model, vocab_size, HIDDEN_SIZE)
        return lambda: train(*next(minibatches))

    implementations: dict[str, Callable[[], Any]] = {
        "scratch": _ours(model, implementation="scratch", encoding="one-hot", optimizer="sgd", reset_after=False),
        "scratch one-hot": _ours(model, implementation="scratch", encoding="one-hot", optimizer="sgd"),
        "scratch embedding": _ours(model, implementation="scratch", encoding="embedding", optimizer="adam"),
        "torch": _ours(model, implementation="torch", encoding="embedding", optimizer="adam"),
        "torch one-hot": _ours(model, implementation="torch", encoding="one-hot", optimizer="sgd"),
        "tutorial scratch": reference(TutorialScratch),
        "tutorial torch": reference(TutorialTorch),
        "word_language_model": reference(WordLanguageModel),
    }
    seconds: dict[str, list[float]] = {name: [] for name in implementations}
    for repeat in range(MINIBATCHES * repeats + 2):
        for name, train in implementations.items():
            began = time.thread_time()
            train()
            if repeat >= 2:  # the first two warm up
                seconds[name].append(time.thread_time() - began)
    return {name: BATCH_SIZE * NUM_STEPS / median(times) for name, times in seconds.items()}


def _ours(model: str, **settings: Any) -> Callable[[], Step]:
    """Return a function that trains our Trainer on its next minibatch."""
    recipe = preset("gru-torch").config(
        model=model, learning_rate=1e-3, grad_clip=0.01, embedding_size=HIDDEN_SIZE, epochs=100_000, sample_every=None,
        **settings,
    )  # fmt: skip
    steps = _steps(recipe)
    return lambda: next(steps)


def _steps(config: Config) -> Iterator[Step]:
    """Yield the events of the minibatches only."""
    for event in Trainer(config, device="cpu").events():
        if isinstance(event, Step):
            yield event
