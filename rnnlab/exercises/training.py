"""Exercises on training: the loss, its exponential, clipping, Adam, and the surprise at each character."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from rnnlab import perplexity as library
from rnnlab.exercises.exercise import Arguments, Draw, Exercise


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean negative log-likelihood of the targets, in nats."""
    return torch.nn.functional.cross_entropy(logits, targets)


def _picked(log_probabilities: Tensor, targets: Tensor) -> Tensor:
    return log_probabilities[torch.arange(len(targets)), targets]


def _log_softmax(logits: Tensor) -> Tensor:
    return logits.log_softmax(1)


def _scored_texts() -> list[Arguments]:
    draw = Draw(21)
    first = torch.tensor([[2.0, 0.0, 1.0], [0.0, 1.0, 0.0]], dtype=torch.float64)
    return [
        (first, torch.tensor([0, 2])),
        (draw.normal(6, 5, scale=2), draw.integers(5, 6)),
        (draw.normal(9, 4, scale=3), draw.integers(4, 9)),
    ]


def perplexity(nlls: Tensor) -> float:
    """Return e to the mean of the negative log-likelihoods (nats) of N tokens."""
    return library.perplexity(float(nlls.sum()), len(nlls))


def _losses() -> list[Arguments]:
    draw = Draw(22)
    return [
        (torch.full((3,), math.log(4), dtype=torch.float64),),
        (draw.normal(8).abs(),),
        (draw.normal(20).abs() * 2,),
    ]


def clip_gradients(gradients: list[Tensor], max_norm: float) -> list[Tensor]:
    """Scale all gradients by one number, so that their common norm is at most `max_norm`."""
    norm = torch.stack([gradient.norm() for gradient in gradients]).norm()
    return [gradient * min(1.0, max_norm / float(norm)) for gradient in gradients]


def _norm(gradients: list[Tensor]) -> float:
    return float(torch.stack([gradient.norm() for gradient in gradients]).norm())


def _gradients() -> list[Arguments]:
    draw = Draw(23)
    first = [torch.tensor([3.0, 0.0], dtype=torch.float64), torch.tensor([[0.0], [4.0]], dtype=torch.float64)]
    return [(first, 1.0), ([draw.normal(2, 3), draw.normal(3)], 0.5), ([draw.normal(2, 2, scale=0.1)], 5.0)]


def adam_step(
    weight: Tensor, gradient: Tensor, mean: Tensor, square: Tensor, step: int, lr: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Take one step of Adam with β₁ = 0.9, β₂ = 0.999, ε = 1e-8; `step` counts from 1."""
    mean = 0.9 * mean + 0.1 * gradient
    square = 0.999 * square + 0.001 * gradient**2
    unbiased, spread = mean / (1 - 0.9**step), square / (1 - 0.999**step)
    return weight - lr * unbiased / (spread.sqrt() + 1e-8), mean, square


def _adam_uncorrected(
    weight: Tensor, gradient: Tensor, mean: Tensor, square: Tensor, step: int, lr: float
) -> tuple[Tensor, Tensor, Tensor]:
    _, mean, square = adam_step(weight, gradient, mean, square, step, lr)
    return weight - lr * mean / (square.sqrt() + 1e-8), mean, square


def _adam_uphill(
    weight: Tensor, gradient: Tensor, mean: Tensor, square: Tensor, step: int, lr: float
) -> tuple[Tensor, Tensor, Tensor]:
    down, mean, square = adam_step(weight, gradient, mean, square, step, lr)
    return 2 * weight - down, mean, square


def _adam_without_momentum(
    weight: Tensor, gradient: Tensor, mean: Tensor, square: Tensor, step: int, lr: float
) -> tuple[Tensor, Tensor, Tensor]:
    _, mean, square = adam_step(weight, gradient, mean, square, step, lr)
    return weight - lr * gradient / ((square / (1 - 0.999**step)).sqrt() + 1e-8), mean, square


def _adam_without_root(
    weight: Tensor, gradient: Tensor, mean: Tensor, square: Tensor, step: int, lr: float
) -> tuple[Tensor, Tensor, Tensor]:
    _, mean, square = adam_step(weight, gradient, mean, square, step, lr)
    return weight - lr * mean / (1 - 0.9**step) / (square / (1 - 0.999**step) + 1e-8), mean, square


def _updates() -> list[Arguments]:
    draw = Draw(24)
    zeros = torch.zeros(2, dtype=torch.float64)
    first = torch.tensor([1.0, -2.0], dtype=torch.float64)
    return [
        (torch.ones(2, dtype=torch.float64), first, zeros, zeros, 1, 0.1),
        (draw.normal(3, 2), draw.normal(3, 2), draw.normal(3, 2), draw.normal(3, 2).abs(), 5, 0.01),
    ]


def surprise(logits: Tensor, targets: Tensor) -> Tensor:
    """Return -log2 of the probability of each target, in bits."""
    return -_picked(_log_softmax(logits), targets) / math.log(2)


CROSS_ENTROPY = Exercise(
    "cross_entropy",
    {"logits": "(N, V)", "targets": "(N,)"},
    {"loss": ""},
    cross_entropy,
    _scored_texts,
    {
        "log_base_two": lambda logits, targets: cross_entropy(logits, targets) / math.log(2),
        "sum_for_mean": lambda logits, targets: cross_entropy(logits, targets) * len(targets),
        "sign": lambda logits, targets: -cross_entropy(logits, targets),
        "wrong_axis": lambda logits, targets: -_picked(logits.log_softmax(0), targets).mean(),
        "no_softmax": lambda logits, targets: -_picked(logits, targets).mean(),
        "no_logarithm": lambda logits, targets: -_picked(logits.softmax(1), targets).mean(),
        "mean_before_logarithm": lambda logits, targets: -_picked(logits.softmax(1), targets).mean().log(),
    },
)
PERPLEXITY = Exercise(
    "perplexity",
    {"nlls": "(N,)"},
    {"perplexity": ""},
    perplexity,
    _losses,
    {
        "two_to_the_nats": lambda nlls: 2 ** nlls.mean(),
        "sum_for_mean": lambda nlls: nlls.sum().exp(),
        "mean_of_exponentials": lambda nlls: nlls.exp().mean(),
        "no_exponential": lambda nlls: nlls.mean(),
        "sign": lambda nlls: (-nlls.mean()).exp(),
    },
)
CLIP_GRADIENTS = Exercise(
    "clip_gradients",
    {"gradients": "list of (…)", "max_norm": "float"},
    {"clipped[]": ""},
    clip_gradients,
    _gradients,
    {
        "each_number_clipped": lambda gradients, high: [gradient.clamp(-high, high) for gradient in gradients],
        "each_norm_alone": lambda gradients, high: [clip_gradients([gradient], high)[0] for gradient in gradients],
        "small_ones_scaled_up": lambda gradients, high: [g * high / _norm(gradients) for g in gradients],
        "norm_without_root": lambda gradients, high: [g * min(1.0, high / _norm(gradients) ** 2) for g in gradients],
    },
)
ADAM_STEP = Exercise(
    "adam_step",
    dict.fromkeys(("weight", "gradient", "mean", "square"), "(…)") | {"step": "int", "lr": "float"},
    {"weight": "", "mean": "", "square": ""},
    adam_step,
    _updates,
    {
        "no_bias_correction": _adam_uncorrected,
        "uphill": _adam_uphill,
        "gradient_for_mean": _adam_without_momentum,
        "no_square_root": _adam_without_root,
    },
)
SURPRISE = Exercise(
    "surprise",
    {"logits": "(N, V)", "targets": "(N,)"},
    {"bits": "N"},
    surprise,
    _scored_texts,
    {
        "nats_for_bits": lambda logits, targets: surprise(logits, targets) * math.log(2),
        "sign": lambda logits, targets: -surprise(logits, targets),
        "no_softmax": lambda logits, targets: -_picked(logits, targets) / math.log(2),
        "no_logarithm": lambda logits, targets: _picked(logits.softmax(1), targets),
        "mean_for_each": lambda logits, targets: surprise(logits, targets).mean(),
    },
)
