"""The regressor: a recurrent layer and a linear output from one sequence of numbers to another.

Shapes: B batch, T time, I input, H hidden, O output, L layers.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from rnnlab.recurrent import State, make_layer, materialize


class SequenceRegressor(nn.Module):
    """Map a sequence of numbers to another of the same length: recurrent layer → linear output.

        h_t = recurrent(x_t, h_{t-1})
        y_t = h_t W_out^T + b_out

    Weights are drawn from uniform(±1/√H), as torch.nn does, and from `generator` alone (None is torch's global one):
    the recurrent layer's first, then the output's. One seed gives both implementations the same weights.
    """

    def __init__(
        self,
        model: str,
        implementation: str,
        hidden_size: int,
        *,
        input_size: int = 1,
        output_size: int = 1,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.recurrent = make_layer(model, implementation, input_size, hidden_size, generator=generator)
        # Made on `meta` so that its constructor does not draw from torch's global generator.
        self.output = materialize(nn.Linear(hidden_size, output_size, device="meta"), "cpu")
        bound = 1 / math.sqrt(hidden_size)
        with torch.no_grad():
            for parameter in self.output.parameters():
                parameter.uniform_(-bound, bound, generator=generator)

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Return y (B, T, O) for `x` (B, T, I), and the state after the last step.

        The state is (L, B, H) or the LSTM's pair.
        `state` None starts from zeros.
        """
        hidden, state = self.recurrent(x, state)  # (B, T, H)
        return self.output(hidden), state

    def count_parameters(self) -> int:
        """Return the number of learned values."""
        return sum(parameter.numel() for parameter in self.parameters())
