"""Generation: characters per second, one song at a time, against the tutorials' loop.

They take turns, and what counts is the processor time of their thread. Both sing greedily and tell nothing but the
characters (ours their probability, too). What neither can do without is reading its weights once per character; beyond
a cache's size that is the limit, so `weights_read` stands beside the speeds.
"""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own abbreviation

from rnnlab.bench.reference_models import GATES, TutorialScratch
from rnnlab.devices import tune_thread
from rnnlab.experiments.language_model import Trainer, preset
from rnnlab.generation import Generation, generate

LENGTH, HIDDEN_SIZE = 200, 256


def measure_generation(repeats: int = 5) -> dict[str, Any]:
    """Characters per second at batch 1 of our scratch and torch models and of the tutorials' loop, and the ratios."""
    tune_thread(1)
    result: dict[str, Any] = {"hidden_size": HIDDEN_SIZE, "length": LENGTH}
    how = Generation(prefix="不分开", length=LENGTH, temperature=0.0)
    for model in GATES:
        singers = {}
        for implementation in ("scratch", "torch"):
            config = preset("gru-torch").config(model=model, implementation=implementation, hidden_size=HIDDEN_SIZE)
            trainer = Trainer(config, device="cpu")
            singers[implementation] = lambda trainer=trainer: list(generate(trainer.model, trainer.vocab, how, 0))
        rival = TutorialScratch(model, len(trainer.vocab), HIDDEN_SIZE)
        prefix = trainer.vocab.encode(how.prefix)
        singers["tutorial"] = lambda rival=rival, prefix=prefix: tutorial_song(rival, prefix, LENGTH)
        seconds: dict[str, list[float]] = {name: [] for name in singers}
        for repeat in range(repeats + 1):
            for name, sing in singers.items():
                began = time.thread_time()
                sing()
                if repeat:  # the first of each warms up
                    seconds[name].append(time.thread_time() - began)
        speeds = {name: LENGTH / median(times) for name, times in seconds.items()}
        values = {"ours": _values_read(model, len(trainer.vocab)), "tutorial": sum(p.numel() for p in rival.parameters)}
        ratios = {f"{name}_over_tutorial": speeds[name] / speeds["tutorial"] for name in ("scratch", "torch")}
        result[model] = {"characters_per_second": speeds, **ratios, "weights_read": values}
    return result


def _values_read(model: str, vocab_size: int) -> int:
    """Weights that ours reads for each character: W_hh and the output's; the input's share is worked out once."""
    return GATES[model] * HIDDEN_SIZE * (HIDDEN_SIZE + 2) + vocab_size * (HIDDEN_SIZE + 1)


def tutorial_song(rival: TutorialScratch, prefix: list[int], length: int) -> list[int]:
    """The tutorials' loop: read the prefix, then feed the likeliest character back; a one-hot vector at each step."""
    h = c = torch.zeros(1, rival.hidden_size)
    song = list(prefix[:1])
    for t in range(len(prefix) + length - 1):
        x = F.one_hot(torch.tensor([song[-1]]), rival.vocab_size).float()
        h, c = rival.step(x, h, c)
        y = h @ rival.out[0] + rival.out[1]
        song.append(prefix[t + 1] if t < len(prefix) - 1 else int(y.argmax(dim=1).item()))
    return song
