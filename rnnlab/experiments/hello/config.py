"""The settings of the hello lesson, and the recipe of each module."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rnnlab import validation
from rnnlab.experiments.presets import Preset, find_preset
from rnnlab.limits import MAX_HELLO_HIDDEN_SIZE
from rnnlab.recurrent import IMPLEMENTATIONS, Equations, cell_equations, check_cell
from rnnlab.validation import Choice, Integer, InvalidInput, Real, Switch, Text, echo, setting

MODELS = {"RNNCell": "rnn", "RNN": "rnn", "GRUCell": "gru", "LSTMCell": "lstm"}  # module → its name in the registry
MODULES = tuple(MODELS)
OUTPUTS = ("hidden", "linear")
OPTIMIZERS = ("adam", "sgd")
WORD = Text(1, 12)


@dataclass(frozen=True)
class Config(validation.Config):
    """The settings of one run. The defaults are the `RNNCell` preset."""

    lesson: ClassVar[str] = "hello"

    source: str = setting("hello", WORD, "the word that goes in, one character at a time")
    target: str = setting("ohlol", WORD, "the word to learn, as long as the other: one answer per character")
    module: str = setting("RNNCell", Choice(MODULES), "a cell takes a step per call; RNN takes the whole word at once")
    implementation: str = setting("scratch", Choice(IMPLEMENTATIONS), "from its equation, or PyTorch's own")
    loss: str = setting("sum", Choice(("sum", "mean")), "of the cross-entropies of the steps, in nats")
    learning_rate: float = setting(0.01, Real(0.0, 10.0), "step size of the optimizer")
    epochs: int = setting(100, Integer(1, 1000), "times that the word is read; each ends with an update")
    seed: int = setting(3, Integer(0, 2**31 - 1), "of the initial weights")
    output: str = setting(
        "hidden", Choice(OUTPUTS), "hidden: h itself is the scores, as in the tutorial; linear: W_out h + b_out"
    )
    hidden_size: int = setting(
        4, Integer(1, MAX_HELLO_HIDDEN_SIZE), "units of a network with a linear output; else one per character"
    )
    reset_after: bool = setting(True, Switch(), "GRU: reset after the product (torch.nn) or before it (the tutorials)")
    optimizer: str = setting("adam", Choice(OPTIMIZERS), "adam as in the tutorial, or sgd: rate times gradient")

    def check_together(self) -> None:
        """Check that the words are equally long, and that the cell exists. Raises InvalidInput."""
        if len(self.source) != len(self.target):
            raise InvalidInput(
                "unequal_words",
                "target",
                length=len(self.target),
                source_length=len(self.source),
                source=echo(self.source),
            )
        check_cell(self.model, self.implementation, reset_after=self.reset_after)

    @property
    def model(self) -> str:
        """Return the name of the module's cell in `recurrent.registry`."""
        return MODELS[self.module]

    @property
    def equations(self) -> Equations:
        """Return the equations of the module's cell."""
        return cell_equations(self.model, reset_after=self.reset_after)

    @property
    def units(self) -> int:
        """Return H, the units of the hidden state: without an output layer one per character of the vocabulary."""
        return self.hidden_size if self.output == "linear" else len(self.vocabulary)

    @property
    def loss_scale(self) -> float:
        """Return what each step's cross-entropy is multiplied by in the loss: 1, or 1 / T for the mean."""
        return 1.0 if self.loss == "sum" else 1 / len(self.source)

    @property
    def vocabulary(self) -> str:
        """Return the characters of both words, sorted; a character's number is its index: in ehlo, h is 1."""
        return "".join(sorted(set(self.source + self.target)))

    def ids(self, word: str) -> tuple[int, ...]:
        """Return the numbers of a word's characters."""
        return tuple(self.vocabulary.index(character) for character in word)


# How the tutorial trains each module. GRU and LSTM are not in the tutorial; see `tests/experiments/test_hello.py`.
GATED = {"loss": "sum", "learning_rate": 0.05, "epochs": 100, "output": "linear"}
PRESETS: Mapping[str, Preset[Config]] = {
    "RNNCell": Preset(Config, {"module": "RNNCell", "loss": "sum", "learning_rate": 0.01, "epochs": 100}, {}, "004"),
    "RNN": Preset(Config, {"module": "RNN", "loss": "mean", "learning_rate": 0.05, "epochs": 20}, {}, "004"),
    "GRUCell": Preset(Config, {"module": "GRUCell", **GATED}),
    "LSTMCell": Preset(Config, {"module": "LSTMCell", **GATED}),
}


def preset(module: str) -> Preset[Config]:
    """Return the recipe for `module`, one of MODULES. Raises InvalidInput."""
    return find_preset(PRESETS, module, "module")


def pytorch_line(config: Config, position: int) -> str:
    """Return the line of Python that computes h_t at step `position`, from 1; Python counts from 0."""
    if config.module == "RNN":
        return f"output, hidden = rnn(x)  # h_t is output[{position - 1}]"
    state = "hidden, cell_state" if config.model == "lstm" else "hidden"
    given = "(hidden, cell_state)" if config.model == "lstm" else "hidden"
    return f"{state} = cell(x[{position - 1}], {given})"


def smallest_loss(config: Config) -> float:
    """Return the lower bound of the loss: 0 with a linear output, whose scores have no bound.

    Without one h_t is the logits, which every cell keeps in (-1, 1); at best the right one is 1 and all others -1:

        p = e / (e + (V - 1) e⁻¹), so a step's loss is at least -ln p = ln(1 + (V - 1) e⁻²)

    With four characters p is at most 0.711, and five steps cost at least 5 · 0.341 = 1.70 nats.
    """
    if config.output == "linear":
        return 0.0
    step = math.log1p((len(config.vocabulary) - 1) * math.exp(-2))
    return step * (len(config.source) if config.loss == "sum" else 1)
