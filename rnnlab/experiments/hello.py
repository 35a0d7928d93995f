"""hello → ohlol: the smallest recurrent network that learns something, with every number visible.

The network reads a word one character at a time, and predicts a character of another word after each. There is no
output layer: h_t has one component per character of the vocabulary, and the largest one is the prediction. Hence even
a perfect network cannot be certain: tanh keeps every component in (-1, 1).

for event in run(preset("RNNCell").config()):
    if isinstance(event, Epoch):
        print(event.epoch, event.predicted, event.loss)

Shapes: T characters, V characters of the vocabulary, which is also the hidden size.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own abbreviation
from torch import Tensor, nn

from rnnlab import recurrent, validation
from rnnlab.experiments import event
from rnnlab.experiments.event import Event
from rnnlab.experiments.optimizers import Adam
from rnnlab.experiments.presets import Preset, find_preset
from rnnlab.inspection import CellWeights, walk
from rnnlab.recurrent import IMPLEMENTATIONS, init_uniform, make_layer, materialize
from rnnlab.validation import Choice, Integer, InvalidInput, Real, Text, echo, setting

MODULES = ("RNNCell", "RNN")
WORD = Text(1, 12)


@dataclass(frozen=True)
class Config(validation.Config):
    """The settings of one run. The defaults are the `RNNCell` preset."""

    lesson: ClassVar[str] = "hello"

    source: str = setting("hello", WORD, "the word that goes in, one character at a time")
    target: str = setting("ohlol", WORD, "the word to learn, as long as the other: one answer per character")
    module: str = setting("RNNCell", Choice(MODULES), "RNNCell takes a step per call; RNN takes the whole word at once")
    implementation: str = setting("scratch", Choice(IMPLEMENTATIONS), "from its equation, or PyTorch's own")
    loss: str = setting("sum", Choice(("sum", "mean")), "of the cross-entropies of the steps, in nats")
    learning_rate: float = setting(0.01, Real(0.0, 10.0), "step size of Adam")
    epochs: int = setting(100, Integer(1, 1000), "times that the word is read; each ends with an update")
    seed: int = setting(3, Integer(0, 2**31 - 1), "of the initial weights")

    def check_together(self) -> None:
        """Check that the words are equally long. Raises InvalidInput."""
        if len(self.source) != len(self.target):
            raise InvalidInput(
                "unequal_words",
                "target",
                length=len(self.target),
                source_length=len(self.source),
                source=echo(self.source),
            )

    @property
    def vocabulary(self) -> str:
        """Return the characters of both words, sorted; a character's number is its index: in ehlo, h is 1."""
        return "".join(sorted(set(self.source + self.target)))

    def ids(self, word: str) -> tuple[int, ...]:
        """Return the numbers of a word's characters."""
        return tuple(self.vocabulary.index(character) for character in word)


# How the tutorial trains each module.
PRESETS: Mapping[str, Preset[Config]] = {
    "RNNCell": Preset(Config, {"module": "RNNCell", "loss": "sum", "learning_rate": 0.01, "epochs": 100}, {}, "004"),
    "RNN": Preset(Config, {"module": "RNN", "loss": "mean", "learning_rate": 0.05, "epochs": 20}, {}, "004"),
}


def preset(module: str) -> Preset[Config]:
    """Return the tutorial's preset for `module`, one of MODULES. Raises InvalidInput."""
    return find_preset(PRESETS, module, "module")


def pytorch_line(config: Config, position: int) -> str:
    """Return the line of Python that computes h_t at step `position`, from 1; Python counts from 0."""
    if config.module == "RNNCell":
        return f"hidden = cell(x[{position - 1}], hidden)"
    return f"output, hidden = rnn(x)  # h_t is output[{position - 1}]"


@dataclass(frozen=True)
class Started(event.Started):
    """The run's constants."""

    vocabulary: str  # character k is the prediction where component k of h_t is the largest
    source_ids: tuple[int, ...]
    target_ids: tuple[int, ...]
    smallest_loss: float  # the lower bound of the loss, see `smallest_loss`


@dataclass(frozen=True)
class NetworkState(Event):
    """The network at one moment: its weights, their loss and prediction."""

    epoch: int
    loss: float  # in nats, summed or averaged over the steps
    predicted: str  # from the float64 steps of `walk`: in float32 two large components may both be 1
    weight_ih: np.ndarray  # (V, V)
    weight_hh: np.ndarray  # (V, V)
    bias_ih: np.ndarray  # (V,)
    bias_hh: np.ndarray  # (V,)

    @property
    def weights(self) -> CellWeights:
        """Return the weights, for `inspection.walk`."""
        return CellWeights(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)


@dataclass(frozen=True)
class Epoch(NetworkState):
    """One pass over the word, before the update that ends it, as the tutorial prints it."""


@dataclass(frozen=True)
class Finished(NetworkState):
    """The network after the last update. `epoch` is the number of updates."""


def run(config: Config) -> Iterator[Event]:
    """Train, one epoch at a time: forward, loss, backward through all steps, step."""
    module = make_module(config)
    optimizer = Adam(module.parameters(), lr=config.learning_rate, fused=False)
    inputs, targets = config.ids(config.source), config.ids(config.target)
    x = F.one_hot(torch.tensor(inputs), len(config.vocabulary)).float()  # (T, V)
    y = torch.tensor(targets)  # (T,)

    yield Started(
        vocabulary=config.vocabulary,
        source_ids=inputs,
        target_ids=targets,
        parameters=sum(parameter.numel() for parameter in module.parameters()),
        smallest_loss=smallest_loss(config),
    )
    for epoch in range(1, config.epochs + 1):
        hidden = read_word(module, x)  # (T, V)
        loss = F.cross_entropy(hidden, y, reduction=config.loss)
        state = _state(config, module, loss)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield Epoch(epoch, **state)
    with torch.no_grad():
        loss = F.cross_entropy(read_word(module, x), y, reduction=config.loss)
    yield Finished(config.epochs, **_state(config, module, loss))


def make_module(config: Config) -> nn.Module:
    """Make the network; a seed gives the same weights to RNNCell and RNN, from scratch and from torch.nn."""
    size = len(config.vocabulary)
    generator = torch.Generator().manual_seed(config.seed)
    if config.module == "RNN":
        return make_layer("rnn", config.implementation, size, size, generator=generator)
    if config.implementation == "scratch":
        return recurrent.RNNCell(size, size, generator=generator)
    # On `meta` the constructor draws nothing; elsewhere it would draw from torch's global random numbers.
    cell = materialize(nn.RNNCell(size, size, device="meta"), "cpu")
    init_uniform(cell, size, generator)
    return cell


def read_word(module: nn.Module, x: Tensor) -> Tensor:
    """Return the hidden states h_1 … h_T (T, V) for one-hot characters `x` (T, V), from h_0 = 0.

    A cell computes one step per call, so the loop is here; a layer has its own loop.
    """
    if not isinstance(module, nn.RNNCell | recurrent.RNNCell):
        output, _ = module(x)
        return output
    hidden, states = x.new_zeros(x.shape[1]), []
    for x_t in x:
        hidden = module(x_t, hidden)
        states.append(hidden)
    return torch.stack(states)


def smallest_loss(config: Config) -> float:
    """Return the lower bound of the loss.

    tanh keeps the logits in (-1, 1), at best the right one at 1 and all others at -1:

        p = e / (e + (V - 1) e⁻¹), so a step's loss is at least -ln p = ln(1 + (V - 1) e⁻²)

    With four characters p is at most 0.711, and five steps cost at least 5 · 0.341 = 1.70 nats.
    """
    step = math.log1p((len(config.vocabulary) - 1) * math.exp(-2))
    return step * (len(config.source) if config.loss == "sum" else 1)


def _state(config: Config, module: nn.Module, loss: Tensor) -> dict[str, Any]:
    """Return the fields of a NetworkState except the epoch."""
    weights = CellWeights.of(module)
    predictions = (trace.predicted for trace in walk(weights, config.ids(config.source)))
    return {"loss": loss.item(), "predicted": "".join(config.vocabulary[k] for k in predictions), **vars(weights)}
