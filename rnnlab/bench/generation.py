"""Measure generation: characters per second at batch size 1, against the tutorials' loop.

The implementations take turns, and the processor time of their thread is measured. All sample greedily and return the
characters (ours with their probabilities). Each must read its weights once per character, which limits the speed of
models larger than the cache; so the result has `weights_read` beside the speeds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own abbreviation

from rnnlab.bench.reference_models import GATES, TutorialScratch
from rnnlab.devices import tune_thread
from rnnlab.experiments.language_model import Trainer, preset
from rnnlab.generation import Generation, generate
from rnnlab.models import LanguageModel
from rnnlab.text import Vocab

LENGTH, HIDDEN_SIZE = 200, 256


def measure_generation(repeats: int = 5) -> dict[str, Any]:
    """Return characters per second of our scratch and torch models and of the tutorials' loop, and ratios."""
    tune_thread(1)
    result: dict[str, Any] = {"hidden_size": HIDDEN_SIZE, "length": LENGTH}
    how = Generation(prefix="不分开", length=LENGTH, temperature=0.0)
    for model in GATES:
        implementations: dict[str, Callable[[], object]] = {}
        for implementation in ("scratch", "torch"):
            config = preset("gru-torch").config(model=model, implementation=implementation, hidden_size=HIDDEN_SIZE)
            trainer = Trainer(config, device="cpu")
            implementations[implementation] = partial(_generate_all, trainer.model, trainer.vocab, how)
        reference = TutorialScratch(model, len(trainer.vocab), HIDDEN_SIZE)
        prefix = trainer.vocab.encode(how.prefix)
        implementations["tutorial"] = partial(tutorial_generate, reference, prefix, LENGTH)
        speeds = {name: LENGTH / time for name, time in _seconds(implementations, repeats).items()}
        weights = {
            "ours": _weights_read(model, len(trainer.vocab)),
            "tutorial": sum(parameter.numel() for parameter in reference.parameters),
        }
        ratios = {f"{name}_over_tutorial": speeds[name] / speeds["tutorial"] for name in ("scratch", "torch")}
        result[model] = {"characters_per_second": speeds, **ratios, "weights_read": weights}
    return result


def _generate_all(model: LanguageModel, vocab: Vocab, how: Generation) -> None:
    """Generate and discard all characters."""
    for _ in generate(model, vocab, how, 0):
        pass


def _seconds(implementations: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Return the median processor seconds of each implementation; they take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in implementations}
    for repeat in range(repeats + 1):
        for name, run in implementations.items():
            began = time.thread_time()
            run()
            if repeat:  # the first call of each warms up
                seconds[name].append(time.thread_time() - began)
    return {name: median(times) for name, times in seconds.items()}


def _weights_read(model: str, vocab_size: int) -> int:
    """Count the weights that ours reads per character: W_hh and the output's; W_ih is applied in advance."""
    return GATES[model] * HIDDEN_SIZE * (HIDDEN_SIZE + 2) + vocab_size * (HIDDEN_SIZE + 1)


def tutorial_generate(reference: TutorialScratch, prefix: list[int], length: int) -> list[int]:
    """Generate greedily as the tutorials do: read the prefix, then feed each character back, one-hot."""
    h = c = torch.zeros(1, reference.hidden_size)
    ids = list(prefix[:1])
    for t in range(len(prefix) + length - 1):
        x = F.one_hot(torch.tensor([ids[-1]]), reference.vocab_size).float()
        h, c = reference.step(x, h, c)
        y = h @ reference.out[0] + reference.out[1]
        ids.append(prefix[t + 1] if t < len(prefix) - 1 else int(y.argmax(dim=1).item()))
    return ids
