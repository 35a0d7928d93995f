"""The settings of the adding problem, and its presets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from rnnlab import limits, validation
from rnnlab.experiments.adding.problem import MIN_LENGTH, NUMBER, check_numbers, check_places
from rnnlab.experiments.presets import Preset, find_preset
from rnnlab.messages import echo
from rnnlab.recurrent import IMPLEMENTATIONS, MODELS, cell_spec, check_cell
from rnnlab.validation import Choice, Integer, InvalidInput, Real, Switch, Text, setting

GROWING = (10, 20, 40, 80, 160)  # the lengths of a run that grows, each twice the one before
# The cost of a run (at most MAX_ADDING_COST), counted in steps of time of one network that are trained. Such a step
# took 0.035 (LSTM), 0.05 (RNN) or 0.13 ms (GRU) of one core with 32 units and 32 rows, of which the products of
# B·H² numbers take a small part; COST_OF_PRODUCTS of them take as long as the rest.
COST_OF_PRODUCTS = 500_000
LENGTH, LENGTH_HELP = Integer(MIN_LENGTH, limits.MAX_ADDING_LENGTH), "T, numbers in a row"


@dataclass(frozen=True)
class Config(validation.Config):
    """The settings of one run."""

    lesson: ClassVar[str] = "adding"

    length: int = setting(50, LENGTH, LENGTH_HELP)
    models: str = setting("rnn, gru, lstm", Text(1, 100), "the networks, with commas between them")
    max_steps: int = setting(1500, Integer(1, 10_000), "minibatches after which a network gives up")
    hidden_size: int = setting(32, Integer(1, 128), "units in the hidden state")
    learning_rate: float = setting(0.01, Real(0.0, 10.0), "step size of Adam")
    batch_size: int = setting(32, Integer(1, 128), "rows in a minibatch")
    forget_bias: float | None = setting(
        None,
        Real(-10.0, 10.0, optional=True),
        "of the LSTM at the start; 1 lets it remember from there on; empty: drawn",
    )
    target_error: float = setting(
        0.02, Real(0.0001, 1.0), "the finish line: a mean squared error on 500 rows that no minibatch has"
    )
    grad_clip: float = setting(1.0, Real(0.001, 1000.0), "largest norm of the gradient")
    grow: bool = setting(
        False, Switch(), "train at 10, 20, 40, 80 and 160 numbers in turn, each network until it gives up"
    )
    ask_numbers: str = setting(
        "", Text(0, 60), "the two marked numbers of the row that is asked at the end; empty: drawn"
    )
    ask_places: str = setting("", Text(0, 60), "their places in that row, from 1; empty: drawn")
    implementation: str = setting("torch", Choice(IMPLEMENTATIONS), "written out here (scratch) or torch.nn (torch)")
    seed: int = setting(1, Integer(0, 2**31 - 1), "of initial weights, rows, and the row that is asked")

    @property
    def lengths(self) -> tuple[int, ...]:
        """Return the lengths that are trained, in their order."""
        return GROWING if self.grow else (self.length,)

    def asked_numbers(self) -> tuple[float, ...]:
        """Return the numbers to ask, two or none. Raises InvalidInput."""
        return check_numbers(_parsed("ask_numbers", self.ask_numbers, NUMBER.parse))

    def asked_places(self) -> tuple[int, ...]:
        """Return their places, two or none. Raises InvalidInput."""
        shortest = min(self.lengths)
        return check_places(_parsed("ask_places", self.ask_places, Integer(1, shortest).parse), shortest)

    def model_names(self) -> tuple[str, ...]:
        """Return the networks in their order. Raises InvalidInput.

        >>> Config(models="lstm,rnn").model_names()
        ('lstm', 'rnn')
        """
        names = [name.strip().lower() for name in self.models.replace("，", ",").split(",") if name.strip()]
        if not 1 <= len(names) <= limits.MAX_RACE_LANES:
            raise InvalidInput("adding_models", "models", given=len(names), high=limits.MAX_RACE_LANES)
        for i, name in enumerate(names):
            Choice(MODELS).check("models", name)
            if name in names[:i]:
                raise InvalidInput("adding_twice", "models", value=echo(name))
        return tuple(names)

    def cost(self) -> float:
        """Return how much there is to compute if no network reaches the finish line: see MAX_ADDING_COST."""
        per_step = 1 + self.batch_size * self.hidden_size**2 / COST_OF_PRODUCTS
        return sum(self.lengths) * self.max_steps * len(self.model_names()) * per_step

    def check_together(self) -> None:
        """Check the networks, the cost of the run and what is asked. Raises InvalidInput."""
        names = self.model_names()
        for name in names:
            check_cell(name, self.implementation)
        if self.forget_bias is not None and not any("f" in cell_spec(name).gates for name in names):
            raise InvalidInput("no_forget_gate", "forget_bias", value=self.forget_bias, model=", ".join(names))
        if (cost := self.cost()) > limits.MAX_ADDING_COST:
            most = max(1, int(self.max_steps * limits.MAX_ADDING_COST / cost))
            raise InvalidInput("adding_too_long", "max_steps", value=self.max_steps, most=most)
        self.asked_numbers()
        self.asked_places()


def _parsed(field: str, text: str, parse: Callable[[str, str], Any]) -> list[Any]:
    """Return the values of a list with commas."""
    return [parse(field, part.strip()) for part in text.replace("，", ",").split(",") if part.strip()]


@dataclass(frozen=True)
class ShortConfig(Config):
    """The same settings with a short row by default, as the page begins: all networks learn it in two seconds."""

    length: int = setting(10, LENGTH, LENGTH_HELP)


PRESETS: Mapping[str, Preset[Config]] = {
    "models": Preset(Config),
    "growing": Preset(Config, {"grow": True}),
}


def preset(name: str) -> Preset[Config]:
    """Return the preset called `name`. Raises InvalidInput."""
    return find_preset(PRESETS, name)
