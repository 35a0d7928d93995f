"""One network that learns to add, a minibatch at a time."""

from __future__ import annotations

import math
import time

import torch
from torch import Tensor, nn

from rnnlab.experiments.adding.config import Config
from rnnlab.experiments.adding.events import Measured, Step
from rnnlab.experiments.divergence import NotFinite
from rnnlab.experiments.optimizers import Adam
from rnnlab.models import SequenceRegressor
from rnnlab.recurrent import cell_spec
from rnnlab.recurrent.initialization import set_gate_bias


class AddingNetwork:
    """A recurrent layer that reads the row, and a linear output that reads its last state.

        h_t = recurrent((x_t, mark_t), h_{t-1})        answer = h_T W_out^T + b_out

    The seed decides the initial weights, which are the same at every length.
    """

    def __init__(self, config: Config, model: str, length: int) -> None:
        self.name, self.length, self.clip = model, length, config.grad_clip
        generator = torch.Generator().manual_seed(config.seed)
        sizes = (config.implementation, config.hidden_size)
        self.model = SequenceRegressor(model, *sizes, input_size=2, generator=generator)
        gates = cell_spec(model).gates
        if config.forget_bias is not None and "f" in gates:
            with torch.no_grad():
                set_gate_bias(self.model.recurrent, gates.index("f"), config.hidden_size, config.forget_bias)
        self.optimizer = Adam(self.model.parameters(), lr=config.learning_rate)
        self.step, self.seconds, self.error = 0, 0.0, math.inf

    def predict(self, inputs: Tensor) -> Tensor:
        """Return the answers (B, 1) for rows (B, T, 2), from the state after the last number."""
        hidden, _ = self.model.recurrent(inputs)  # (B, T, H)
        return self.model.output(hidden[:, -1])

    def learn(self, inputs: Tensor, sums: Tensor) -> Step:
        """Update the weights on a minibatch (B, T, 2), (B, 1). Raises NotFinite."""
        began = time.thread_time()
        self.step += 1
        loss = nn.functional.mse_loss(self.predict(inputs), sums)
        self.optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.clip, foreach=True)
        value = loss.item()
        if not (math.isfinite(value) and norm.isfinite()):
            raise NotFinite
        self.optimizer.step()
        self.seconds += time.thread_time() - began
        return Step(self.name, self.length, self.step, value, self.seconds)

    @torch.no_grad()
    def test(self, inputs: Tensor, sums: Tensor) -> Measured:
        """Measure the error on the rows of the test (B, T, 2), (B, 1). Raises NotFinite."""
        self.error = nn.functional.mse_loss(self.predict(inputs), sums).item()
        if not math.isfinite(self.error):
            raise NotFinite
        return Measured(self.name, self.length, self.step, self.error, self.seconds)
