"""The adding problem: which network can still add two numbers that stood far apart in a long row?

for event in run(Config(length=50)):
    if isinstance(event, Outcome):
        print(event.model, event.end, event.step, event.error)

With `grow` the rows become longer, and each network goes on until it no longer learns to add.

The copy task is left out: its answer is a sequence of symbols, which would need an output layer, a loss, a finish line
and a picture of its own beside these, and the recipe `distance` of the language model asks for a letter from far back.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlab.experiments.adding.config import GROWING, PRESETS, Config, ShortConfig, preset
from rnnlab.experiments.adding.events import Asked, Finished, LengthBegan, Measured, Outcome, Started, Step
from rnnlab.experiments.adding.network import AddingNetwork
from rnnlab.experiments.adding.problem import (
    CONSTANT_ANSWER,
    CONSTANT_ERROR,
    Asking,
    Question,
    draw_question,
    draw_rows,
)
from rnnlab.experiments.adding.trainer import Trainer
from rnnlab.experiments.event import Event

__all__ = [
    "CONSTANT_ANSWER",
    "CONSTANT_ERROR",
    "GROWING",
    "PRESETS",
    "AddingNetwork",
    "Asked",
    "Asking",
    "Config",
    "Event",
    "Finished",
    "LengthBegan",
    "Measured",
    "Outcome",
    "Question",
    "ShortConfig",
    "Started",
    "Step",
    "Trainer",
    "draw_question",
    "draw_rows",
    "preset",
    "run",
]  # fmt: skip


def run(config: Config) -> Iterator[Event]:
    """Run the experiment, one event at a time."""
    yield from Trainer(config).events()
