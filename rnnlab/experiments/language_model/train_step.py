"""One minibatch of training: forward, loss, backward (truncated BPTT), clip, step.

`cuda_graph.py` does the same faster on a GPU; `tests/experiments/test_train_step.py` holds the two equal.
"""

from __future__ import annotations

import math

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

    def __init__(
        self, model: LanguageModel, optimizer: Optimizer, *, clip_by: str = "norm", trained: str = "all"
    ) -> None:
        """Make the step. With `trained` "output" all weights of the model but the output's stay as they are."""
        self.model, self.optimizer, self.clip_by = model, optimizer, clip_by
        if trained != "all":
            optimizer.kept(list(model.parameters()))  # of all weights, as a checkpoint has them
        for name, parameter in model.named_parameters():
            parameter.requires_grad_(trained == "all" or name.startswith("output."))

    def __call__(self, x: Tensor, y: Tensor, state: State | None, limit: float) -> tuple[float, float, bool, State]:
        """Train on one minibatch.

        x, y: characters and the ones that follow them, (B, T), on the model's device.
        state: before the first character; None for zeros.
        limit: the gradient is clipped to this norm; with `clip_by` "value", each number of it to ±limit.
        Returns the mean NLL in nats, the gradient's norm before clipping, whether it was clipped, and the state after
        the last character.
        """
        numbers, state = self.train(x, y, state, limit)
        nll, norm, size = numbers.tolist()
        return nll, norm, size > limit, state

    def train(self, x: Tensor, y: Tensor, state: State | None, limit: float) -> tuple[Tensor, State]:
        """Do the same without waiting for the device; return NLL, norm and the clipped size as a tensor (3,).

        No branch in here may depend on a tensor's value: a CUDA graph would repeat the branch that it captured.
        """
        loss, state = self.model.mean_nll(x, y, state)
        self.optimizer.zero_grad()
        loss.backward()
        norm, size = self._clip(limit)
        self.optimizer.step()
        return torch.stack((loss.detach(), norm, size)), detach_state(state)  # the state is carried, not its gradient

    def _clip(self, limit: float) -> tuple[Tensor, Tensor]:
        """Clip the gradient; return its norm before, and that which `limit` is for: the norm or the largest |g_i|.

        By norm: g ← g · min(1, limit / ‖g‖), Pascanu, Mikolov & Bengio 2013. By value: g_i ← max(-limit, min(limit,
        g_i)), as Mikolov 2012 and char-rnn do.
        """
        parameters = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        if self.clip_by == "norm":
            norm = nn.utils.clip_grad_norm_(parameters, limit, foreach=True)
            return norm, norm
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        norm = nn.utils.get_total_norm(gradients, foreach=True)
        largest = nn.utils.get_total_norm(gradients, math.inf, foreach=True)
        nn.utils.clip_grad_value_(parameters, limit, foreach=True)
        return norm, largest
