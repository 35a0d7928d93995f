"""One minibatch of training: forward, loss, backward (truncated BPTT), clip, step.

`cuda_graph.py` does the same faster on a GPU; `tests/experiments/test_train_step.py` holds the two equal.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rnnlab.experiments.optimizers import Optimizer
from rnnlab.models import LanguageModel
from rnnlab.recurrent import State, detach_state


class TrainingStep:
    """Trains on one minibatch when called, and updates the weights whatever loss and gradient are.

    The caller goes back to earlier weights when a result is not finite. So nothing waits for the device before the
    whole minibatch has been launched.
    """

    def __init__(self, model: LanguageModel, optimizer: Optimizer) -> None:
        self.model, self.optimizer = model, optimizer

    def __call__(self, x: Tensor, y: Tensor, state: State | None, limit: float) -> tuple[float, float, State]:
        """Train on one minibatch.

        x, y: characters and the ones that follow them, (B, T), on the model's device.
        state: before the first character; None for zeros.
        limit: the gradient is clipped to this norm.
        Returns the mean NLL in nats, the gradient's norm before clipping, and the state after the last character.
        """
        numbers, state = self.train(x, y, state, limit)
        nll, norm = numbers.tolist()
        return nll, norm, state

    def train(self, x: Tensor, y: Tensor, state: State | None, limit: float) -> tuple[Tensor, State]:
        """Do the same without waiting for the device; return NLL and norm as a tensor (2,).

        No branch in here may depend on a tensor's value: a CUDA graph would repeat the branch that it captured.
        """
        loss, state = self.model.mean_nll(x, y, state)
        self.optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), limit, foreach=True)
        self.optimizer.step()
        return torch.stack((loss.detach(), norm)), detach_state(state)  # the state is carried, its gradient is not
