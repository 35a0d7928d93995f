"""Training on a GPU: our layers, replayed from a CUDA graph, against the tutorials' formulation and against cuDNN.

All train on minibatches of the same size; each contestant trains an epoch in turn. cuDNN is `torch.nn` inside of our
own training loop, on one-hot characters as the others; *scratch like cuDNN* is the same network (its GRU resets after
the product, the tutorials' before it), and *scratch, no graph* shows what recording brings.
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

CHARACTERS, WARM_UP = 10_000, 2  # epochs; by then the graph is recorded

Contestant = Callable[[], float]  # trains one epoch and returns its seconds


def measure_cuda(repeats: int = 5) -> dict[str, Any]:
    """Milliseconds per epoch of each contestant for each model, and the ratios; without CUDA, why there are none."""
    if not torch.cuda.is_available():
        return {"skipped": "no CUDA device here: run it on a machine with an NVIDIA GPU and a CUDA build of PyTorch"}
    device = torch.device("cuda")
    result: dict[str, Any] = {"device": describe_device(device), "cuda": torch.version.cuda}
    for model in MODELS:
        ms = _race(model, device, repeats)
        result[model] = {
            "ms_per_epoch": ms,
            "scratch_over_tutorial_scratch": ms["tutorial scratch"] / ms["scratch"],
            "scratch_over_no_graph": ms["scratch, no graph"] / ms["scratch"],
            "scratch_time_over_cudnn_time": ms["scratch like cuDNN"] / ms["cuDNN"],
        }
    return result


def _race(model: str, device: torch.device, repeats: int) -> dict[str, float]:
    """Median milliseconds per epoch, the contestants in turns."""
    scratch, plain, like_cudnn, cudnn = (
        _trainer(model, device, implementation=implementation, reset_after=reset_after)
        for implementation, reset_after in [("scratch", False), ("scratch", False), ("scratch", True), ("torch", True)]
    )
    plain.learn = TrainingStep(plain.model, plain.optimizer)
    vocab_size, hidden_size = len(scratch.vocab), scratch.config.hidden_size
    tutorial = TutorialScratch(model, vocab_size, hidden_size)
    tutorial.gates = [tuple(_moved(tensor, device) for tensor in gate) for gate in tutorial.gates]
    tutorial.out = tuple(_moved(tensor, device) for tensor in tutorial.out)
    tutorial.parameters = [tensor for gate in tutorial.gates for tensor in gate] + list(tutorial.out)
    contestants: dict[str, Contestant] = {
        "scratch": _ours(scratch),
        "scratch, no graph": _ours(plain),
        "scratch like cuDNN": _ours(like_cudnn),
        "cuDNN": _ours(cudnn),
        "tutorial scratch": _rivals(tutorial, scratch),
        "tutorial torch": _rivals(TutorialTorch(model, vocab_size, hidden_size).to(device), scratch),
    }
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for repeat in range(WARM_UP + repeats):
        for name, epoch in contestants.items():
            taken = epoch()
            if repeat >= WARM_UP:
                seconds[name].append(taken)
    if trouble := [one.device_trouble for one in (scratch, plain, like_cudnn, cudnn) if one.device_trouble]:
        raise RuntimeError(f"the GPU failed ({trouble[0]}): these would be times of the CPU")
    return {name: 1000 * median(times) for name, times in seconds.items()}


def _trainer(model: str, device: torch.device, **settings: Any) -> Trainer:
    config = preset("gru-torch").config(
        model=model, epochs=100_000, max_tokens=CHARACTERS, sample_every=None, **settings
    )
    return Trainer(config, device=device.type)


def _ours(trainer: Trainer) -> Contestant:
    """An epoch of our Trainer: all that it does for its minibatches, and neither samples nor checkpoints."""
    epochs = (event for event in trainer.events() if isinstance(event, Epoch))
    return lambda: next(epochs).seconds


def _rivals(train: TutorialScratch | nn.Module, trainer: Trainer) -> Contestant:
    """An epoch of a rival on the trainer's minibatches; it waits for the loss of each, as ours does."""
    batches = list(trainer._batches())

    def epoch() -> float:
        began = time.perf_counter()
        for x, y in batches:
            train(x, y)
        return time.perf_counter() - began

    return epoch


def _moved(weight: torch.Tensor, device: torch.device) -> torch.Tensor:
    return weight.detach().to(device).requires_grad_()
