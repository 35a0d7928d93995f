"""Show what max_norm, norm_type and scale_grad_by_freq of an embedding do, with its numbers.

Shapes: B batch, T time, V rows of the embedding, E its columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import nn

from rnnlab.inspection.matrix_identities import IDS
from rnnlab.validation import Config, Integer, Real, Switch, setting


@dataclass(frozen=True)
class EmbeddingConfig(Config):
    """Settings: an embedding and how many ids are looked up. The defaults are a tutorial's `nn.Embedding(10, 3)`."""

    lesson: ClassVar[str] = "layers"

    batch_size: int = setting(2, Integer(1, 2), "B: sequences of ids")
    num_steps: int = setting(4, Integer(1, 4), "T: ids in each sequence")
    input_size: int = setting(10, Integer(1, 10), "I: rows of W, one for each id")
    hidden_size: int = setting(3, Integer(1, 3), "H: numbers in each row of W")
    max_norm: float | None = setting(
        None, Real(1e-3, 1e6, optional=True), "looked-up rows with a larger norm are shortened to it; empty: none"
    )
    norm_type: float = setting(2.0, Real(0.5, 100.0), "p of the p-norm that max_norm bounds")
    scale_grad_by_freq: bool = setting(
        False, Switch(), "divide a row's gradient by the number of times that its id occurs in the batch"
    )
    seed: int = setting(1, Integer(0, 2**31 - 1), "of everything that is drawn at random")

    @property
    def ids(self) -> tuple[tuple[int, ...], ...]:
        """The ids: the first of a tutorial's, modulo the number of rows, so that a smaller table has them all."""
        return tuple(
            tuple(number % self.input_size for number in row[: self.num_steps]) for row in IDS[: self.batch_size]
        )


@dataclass(frozen=True, eq=False)
class EmbeddingOptions:
    """An embedding's weight before and after a lookup with these options, and its gradient."""

    ids: np.ndarray  # (B, T)
    before: np.ndarray  # W (V, E)
    norms_before: np.ndarray  # the p-norm of each row (V,)
    after: np.ndarray  # (V, E): max_norm changes W itself, in the rows that were looked up
    norms_after: np.ndarray  # (V,)
    occurrences: np.ndarray  # (V,): how often each id occurs
    gradient: np.ndarray  # (V, E) of the sum of all looked-up numbers


def embedding_options(config: EmbeddingConfig) -> EmbeddingOptions:
    """Look ids up in an `nn.Embedding` with these options, and run one backward pass."""
    ids = torch.tensor(config.ids)
    shape = (config.input_size, config.hidden_size)
    before = torch.randn(shape, generator=torch.Generator().manual_seed(config.seed))
    embedding = nn.Embedding.from_pretrained(
        before.clone(),
        freeze=False,
        max_norm=config.max_norm,
        norm_type=config.norm_type,
        scale_grad_by_freq=config.scale_grad_by_freq,
    )
    (gradient,) = torch.autograd.grad(embedding(ids).sum(), embedding.weight)
    after = embedding.weight.detach()
    norms_before, norms_after = (weight.norm(config.norm_type, dim=1).numpy() for weight in (before, after))
    occurrences = torch.bincount(ids.flatten(), minlength=config.input_size).numpy()
    return EmbeddingOptions(
        ids.numpy(), before.numpy(), norms_before, after.numpy(), norms_after, occurrences, gradient.numpy()
    )
