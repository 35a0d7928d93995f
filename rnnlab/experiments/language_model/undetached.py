"""A minibatch whose gradient runs back through all earlier ones of its epoch: what a forgotten `detach` does."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from rnnlab import limits
from rnnlab.experiments.language_model.train_step import TrainingStep
from rnnlab.recurrent import State
from rnnlab.validation import InvalidInput


class UndetachedStep(TrainingStep):
    """Trains on a minibatch like TrainingStep, with the gradient of its loss through the whole epoch so far.

        L_k = mean NLL of minibatch k          ∂L_k/∂θ through h_0 → h_T → … → h_kT, not from h_{(k-1)T} on only

    The weights have changed since the earlier minibatches were read, so each step reads all of them again, from zeros:
    the graph, its memory and its time grow by one minibatch with each. `__call__` raises InvalidInput at the first
    minibatch that would take the gradient over more than `limits.MAX_UNDETACHED_STEPS` steps.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._earlier: list[Tensor] = []  # the minibatches of this epoch before the present one, each (B, T)

    def begin_epoch(self) -> None:
        """Forget the minibatches of the epoch before."""
        self._earlier = []

    def skip(self, x: Tensor) -> None:
        """Note a minibatch of this epoch, x (B, T), on which an interrupted run has trained."""
        self._earlier.append(x)

    def train(self, x: Tensor, y: Tensor, state: State | None, limit: float) -> tuple[Tensor, State]:
        """Train on one minibatch; see TrainingStep. `state` is computed anew."""
        if x.shape[1] * (len(self._earlier) + 1) > limits.MAX_UNDETACHED_STEPS:
            minibatches = len(self._earlier)
            raise InvalidInput("gradient_limit", "detach", minibatches=minibatches, steps=minibatches * x.shape[1])
        if self._earlier:
            _, state = self.model.read(torch.cat(self._earlier, dim=1))
        numbers, state = super().train(x, y, state, limit)
        self._earlier.append(x)
        return numbers, state


def max_undetached(num_steps: int) -> int:
    """Return the minibatches of an epoch through which the gradient may run, of `num_steps` steps each.

    >>> max_undetached(25)
    80
    """
    return limits.MAX_UNDETACHED_STEPS // num_steps
