"""Measure training on a GPU: our layers in a CUDA graph, the tutorials' formulation, and cuDNN.

All train on minibatches of the same size, one epoch each in turn. "cuDNN" is `torch.nn` inside our own training loop,
on one-hot characters as the others; "scratch like cuDNN" is the same network (its GRU resets after the product, the
tutorials' before it), and "scratch, no graph" shows the effect of the CUDA graph.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import torch
from torch import nn

from rnnlab.bench.reference_models import TutorialScratch, TutorialTorch
from rnnlab.devices import describe_device
from rnnlab.experiments.language_model import Epoch, Trainer, preset
from rnnlab.experiments.language_model.train_step import TrainingStep
from rnnlab.recurrent import MODELS

CHARACTERS = 10_000
WARM_UP_EPOCHS = 2  # after which the graph has been captured

TrainEpoch = Callable[[], float]  # trains one epoch and returns its seconds


def measure_cuda(repeats: int = 5) -> dict[str, Any]:
    """Return milliseconds per epoch by implementation and model, and ratios; or a reason without CUDA."""
    if not torch.cuda.is_available():
        return {"skipped": "no CUDA device here: run it on a machine with an NVIDIA GPU and a CUDA build of PyTorch"}
    device = torch.device("cuda")
    result: dict[str, Any] = {"device": describe_device(device), "cuda": torch.version.cuda}
    for model in MODELS:
        ms = _milliseconds(model, device, repeats)
        result[model] = {
            "ms_per_epoch": ms,
            "scratch_over_tutorial_scratch": ms["tutorial scratch"] / ms["scratch"],
            "scratch_over_no_graph": ms["scratch, no graph"] / ms["scratch"],
            "scratch_time_over_cudnn_time": ms["scratch like cuDNN"] / ms["cuDNN"],
        }
    return result


def _milliseconds(model: str, device: torch.device, repeats: int) -> dict[str, float]:
    """Return the median milliseconds per epoch of each implementation; they train in turns."""
    scratch, plain, like_cudnn, cudnn = (
        _trainer(model, device, implementation=implementation, reset_after=reset_after)
        for implementation, reset_after in [("scratch", False), ("scratch", False), ("scratch", True), ("torch", True)]
    )
    plain.learn = TrainingStep(plain.model, plain.optimizer)
    vocab_size, hidden_size = len(scratch.vocab), scratch.config.hidden_size
    implementations: dict[str, TrainEpoch] = {
        "scratch": _ours(scratch),
        "scratch, no graph": _ours(plain),
        "scratch like cuDNN": _ours(like_cudnn),
        "cuDNN": _ours(cudnn),
        "tutorial scratch": _reference(TutorialScratch(model, vocab_size, hidden_size).to(device), scratch),
        "tutorial torch": _reference(TutorialTorch(model, vocab_size, hidden_size).to(device), scratch),
    }
    seconds: dict[str, list[float]] = {name: [] for name in implementations}
    for repeat in range(WARM_UP_EPOCHS + repeats):
        for name, train_epoch in implementations.items():
            taken = train_epoch()
            if repeat >= WARM_UP_EPOCHS:
                seconds[name].append(taken)
    if trouble := [one.device_trouble for one in (scratch, plain, like_cudnn, cudnn) if one.device_trouble]:
        raise RuntimeError(f"the GPU failed ({trouble[0]}), so the epochs were trained on the CPU")
    return {name: 1000 * median(times) for name, times in seconds.items()}


def _trainer(model: str, device: torch.device, **settings: Any) -> Trainer:
    config = preset("gru-torch").config(
        model=model, epochs=100_000, max_tokens=CHARACTERS, sample_every=None, **settings
    )
    return Trainer(config, device=device.type)


def _ours(trainer: Trainer) -> TrainEpoch:
    """Return a function that trains one epoch with our Trainer, without samples and checkpoints."""
    epochs = (event for event in trainer.events() if isinstance(event, Epoch))
    return lambda: next(epochs).seconds


def _reference(train: TutorialScratch | nn.Module, trainer: Trainer) -> TrainEpoch:
    """Return a function that trains a reference model for one epoch on the trainer's minibatches.

    Like our Trainer, it waits for the loss of each minibatch.
    """
    batches = list(trainer._batches())

    def epoch() -> float:
        began = time.perf_counter()
        for x, y in batches:
            train(x, y)
        return time.perf_counter() - began

    return epoch
