"""The events of the hello lesson. Shapes: V characters of the vocabulary, H hidden, G = blocks · H."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnlab.experiments import event
from rnnlab.experiments.event import Event
from rnnlab.inspection import CellWeights
from rnnlab.inspection.weight_gradient import WEIGHTS


@dataclass(frozen=True)
class Started(event.Started):
    """The run's constants."""

    vocabulary: str  # character k is the prediction where component k of the logits is the largest
    source_ids: tuple[int, ...]
    target_ids: tuple[int, ...]
    smallest_loss: float  # the lower bound of the loss, see `smallest_loss`


@dataclass(frozen=True)
class NetworkState(Event):
    """The network at one moment: its weights, their loss and prediction."""

    epoch: int
    loss: float  # in nats, summed or averaged over the steps
    predicted: str  # from float64 steps: in float32 two large components may both be 1
    weight_ih: np.ndarray  # (G, V)
    weight_hh: np.ndarray  # (G, H)
    bias_ih: np.ndarray  # (G,)
    bias_hh: np.ndarray  # (G,)
    weight_out: np.ndarray  # (V, H), or (0, H) without an output layer
    bias_out: np.ndarray  # (V,), or (0,)

    @property
    def weights(self) -> CellWeights:
        """Return the weights of the cell, for `inspection.walk`."""
        return CellWeights(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """Return all weights by name, for `inspection.trace_word`."""
        return {name: getattr(self, name) for name in WEIGHTS}


@dataclass(frozen=True)
class Epoch(NetworkState):
    """One pass over the word, before the update that ends it, as the tutorial prints it."""

    m: np.ndarray  # (P,): Adam's running mean of the gradient after this epoch; all weights, in the order of WEIGHTS
    v: np.ndarray  # (P,): that of its square; both are empty with SGD


@dataclass(frozen=True)
class Finished(NetworkState):
    """The network after the last update. `epoch` is the number of updates."""
