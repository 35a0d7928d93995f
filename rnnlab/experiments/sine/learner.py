"""Train one network on windows of a wave, with one of three memories between them."""

from __future__ import annotations

import math
from collections import deque

import numpy as np
import torch
from torch import Tensor, nn

from rnnlab.experiments.divergence import NotFinite
from rnnlab.experiments.optimizers import Adam
from rnnlab.experiments.sine.config import Config
from rnnlab.models import SequenceRegressor
from rnnlab.recurrent import State, detach_state

MAX_FREE_INPUT = 10.0  # the input of a free run is clipped to ±10: errors could grow without end


class Learner:
    """A network, its optimizer, and the state between windows.

    The three memories differ in two things only. `carries`: does a window begin in the state in which the earlier one
    ended? `depth`: through how many windows, the newest included, does the gradient run back?

        reset     h_0 = 0                        gradient within the window
        carried   h_0 = h_T of the last one      gradient within the window (the state is detached)
        bptt      h_0 = h_T of the last one      gradient through the last `depth` windows

    The last is truncated backpropagation through time, BPTT(h; h') of Williams & Peng (1990, "An efficient
    gradient-based algorithm for on-line training of recurrent network trajectories"), with h = depth·T steps back
    for every h' = T steps forward; Sutskever (2013, "Training recurrent neural networks", ch. 2.8.6) calls them k2
    and k1. Weights have changed since the earlier windows were read, so each update reads the last `depth` windows
    again, from the detached state at their beginning, and compares only the newest with its target. With depth 1 it
    is `carried`.
    """

    def __init__(self, config: Config, *, carries: bool, depth: int) -> None:
        generator = torch.Generator().manual_seed(config.seed)
        self.model = SequenceRegressor(config.model, config.implementation, config.hidden_size, generator=generator)
        self.optimizer = Adam(self.model.parameters(), lr=config.learning_rate)
        self.carries = carries
        self.inputs: deque[Tensor] = deque(maxlen=depth)  # of the last windows, each (1, T, 1)
        self.before: State | None = None  # the state in which the oldest of these windows begins; None is zeros
        self.after_oldest: State | None = None  # the state in which it ends
        self.now: State | None = None  # the state after the newest window
        self.phase, self.last_input = config.phase, 0.0

    def learn(self, input: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, float]:
        """Update the weights on a window `input`, `target` (T,); return the prediction (T,) and its loss.

        Both are from before the update. Raises NotFinite.
        """
        prediction = self.read(input)
        loss = nn.functional.mse_loss(prediction, as_sequence(target))
        self.optimizer.zero_grad()
        loss.backward()
        gradients = [parameter.grad for parameter in self.model.parameters() if parameter.grad is not None]
        if not (loss.isfinite() and all(gradient.isfinite().all() for gradient in gradients)):
            raise NotFinite
        self.optimizer.step()
        return prediction.detach().flatten().numpy(), loss.item()

    def read(self, input: np.ndarray) -> Tensor:
        """Read a window (T,); return its prediction (1, T, 1), differentiable through `depth` windows."""
        if len(self.inputs) == self.inputs.maxlen:  # the oldest window is dropped: the next one begins where it ended
            self.before = self.after_oldest if self.carries else None
        self.inputs.append(as_sequence(input))
        state, ends = self.before, list[State]()
        for x in self.inputs:
            prediction, state = self.model(x, state)
            ends.append(detach_state(state))
        self.after_oldest, self.now, self.last_input = ends[0], ends[-1], float(input[-1])
        return prediction

    @torch.no_grad()
    def free_run(self, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predict a window at times `t` (T,) without its input; return inputs and predictions (T,).

        The first input is the last one once more: a window begins where the one before it ended. After that the inputs
        follow from the network's predictions y = cos(t + φ). The rotation by Δ = t_{k+1} - t_k is

            sin(t + Δ) = sin t · cos Δ + cos t · sin Δ      with      cos t = (y + sin t · sin φ) / cos φ

        With φ = 0 that is ŝ_{k+1} = ŝ_k cos Δ + ŷ_k sin Δ. Errors of a prediction enter the next input.
        """
        inputs, predictions = [], []
        state = self.now if self.carries else None
        for step in [*np.diff(t), 0.0]:
            y, state = self.model(torch.tensor([[[self.last_input]]]), state)
            inputs.append(self.last_input)
            predictions.append(y.item())
            cosine = (predictions[-1] + self.last_input * math.sin(self.phase)) / math.cos(self.phase)
            rotated = self.last_input * math.cos(step) + cosine * math.sin(step)
            self.last_input = max(-MAX_FREE_INPUT, min(MAX_FREE_INPUT, rotated))
        self.now = state
        return np.array(inputs), np.array(predictions)


def make_learner(config: Config, memory: str) -> Learner:
    """Make the network for one of MEMORIES; the seed alone decides its initial weights."""
    return Learner(config, carries=memory != "reset", depth=config.depth(memory))


def as_sequence(values: np.ndarray) -> Tensor:
    """Return `values` (T,) as the network's input (1, T, 1), in single precision."""
    return torch.tensor(values, dtype=torch.float32).view(1, -1, 1)
