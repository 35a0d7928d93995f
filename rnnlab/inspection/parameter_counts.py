"""The settings of a recurrent layer, and its number of parameters by the formula, without making it.

Shapes: B batch, T time, I input, H hidden, L layers, D directions (1 or 2), G gates (RNN 1, GRU 3, LSTM 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rnnlab.limits import MAX_LAYER_PARAMETERS, MAX_LAYER_PRODUCTS
from rnnlab.recurrent import IMPLEMENTATIONS, MODELS, cell_spec, check_cell
from rnnlab.validation import Choice, Config, Integer, InvalidInput, Real, Switch, setting


@dataclass(frozen=True)
class LayersConfig(Config):
    """Settings: a layer and its input. The defaults are a tutorial's `nn.LSTM(10, 20, 2)` on (5, 3, 10)."""

    lesson: ClassVar[str] = "layers"

    model: str = setting("lstm", Choice(MODELS), "which recurrent network")
    implementation: str = setting("torch", Choice(IMPLEMENTATIONS), "torch.nn, or the one written out in this project")
    input_size: int = setting(10, Integer(1, 4096), "I: numbers in one element of the sequence")
    hidden_size: int = setting(20, Integer(1, 512), "H: numbers in the hidden state")
    num_layers: int = setting(2, Integer(1, 8), "L: layers on top of each other")
    bidirectional: bool = setting(False, Switch(), "read the sequence from both ends (D = 2)")
    batch_first: bool = setting(False, Switch(), "input and output as (B, T, …) instead of (T, B, …)")
    bias: bool = setting(True, Switch(), "add b_ih and b_hh")
    batch_size: int = setting(3, Integer(1, 64), "B: sequences side by side")
    num_steps: int = setting(5, Integer(1, 100), "T: elements in each sequence")
    seed: int = setting(1, Integer(0, 2**31 - 1), "of everything that is drawn at random")
    nonlinearity: str = setting("tanh", Choice(("tanh", "relu")), "of the plain RNN; GRU and LSTM have their own")
    dropout: float = setting(0.0, Real(0.0, 1.0), "share of the numbers zeroed between layers, while training")
    one_generator: bool = setting(
        False, Switch(), "draw input and states after the weights, as a script does after torch.manual_seed"
    )

    def check_together(self) -> None:
        """Raise InvalidInput for a layer that does not exist or takes too long."""
        check_cell(self.model, self.implementation, self.nonlinearity)
        parameters = count_parameters(self)
        if parameters > MAX_LAYER_PARAMETERS:
            shown, high = f"{parameters:,}", f"{MAX_LAYER_PARAMETERS:,}"
            raise InvalidInput("layer_too_many_parameters", "hidden_size", parameters=shown, high=high)
        products = parameters * self.batch_size * self.num_steps
        if products > MAX_LAYER_PRODUCTS:
            raise InvalidInput("layer_too_large", "hidden_size", products=products, high=MAX_LAYER_PRODUCTS)

    @property
    def gates(self) -> int:
        """G: blocks of H rows in each weight."""
        return len(cell_spec(self.model).gates)

    @property
    def num_directions(self) -> int:
        """D: 1, or 2 for a bidirectional layer."""
        return 2 if self.bidirectional else 1


@dataclass(frozen=True)
class CountTerm:
    """The parameters of some layers of equal size: copies · G·H · (width + H + biases)."""

    first: int  # layer of this term
    last: int
    copies: int  # layers times directions
    gates: int
    hidden_size: int
    width: int  # of the input: I for layer 0, D·H above
    biases: int  # per row: b_ih and b_hh, or none

    @property
    def values(self) -> int:
        """The number of parameters."""
        return self.copies * self.gates * self.hidden_size * (self.width + self.hidden_size + self.biases)

    @property
    def text(self) -> str:
        """The product as text: `2 · 4·20 · (10 + 20 + 2)`."""
        copies = f"{self.copies} · " if self.copies > 1 else ""
        rows = f"{self.gates}·{self.hidden_size}" if self.gates > 1 else f"{self.hidden_size}"
        biases = f" + {self.biases}" if self.biases else ""
        return f"{copies}{rows} · ({self.width} + {self.hidden_size}{biases})"


def count_terms(config: LayersConfig) -> tuple[CountTerm, ...]:
    """Count by the formula: the input of layer 0 has I numbers, that of all layers above D·H.

    D · G·H · (I + H + 2)  +  (L-1) · D · G·H · (D·H + H + 2), without the 2 where there is no bias.
    """
    directions, hidden_size = config.num_directions, config.hidden_size
    same = {"gates": config.gates, "hidden_size": hidden_size, "biases": 2 if config.bias else 0}
    above = config.num_layers - 1
    terms = [CountTerm(0, 0, directions, width=config.input_size, **same)]
    if above:
        terms.append(CountTerm(1, above, above * directions, width=directions * hidden_size, **same))
    return tuple(terms)


def count_parameters(config: LayersConfig) -> int:
    """Return the number of parameters, without making the module."""
    return sum(term.values for term in count_terms(config))


def counts_by_model(config: LayersConfig) -> dict[str, int]:
    """Return the count of each model with these sizes: a GRU has three times an RNN's, an LSTM four."""
    per_gate = count_parameters(config) // config.gates
    return {model: len(cell_spec(model).gates) * per_gate for model in MODELS}
