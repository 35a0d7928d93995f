"""Let two to four trainings of the language model run side by side: the same minibatches, a minibatch each in turn.

for event in run(preset("models").config()):
    if isinstance(event, Epoch):
        print(event.lane, event.epoch, event.perplexity, event.seconds)

The seed is the same in all lanes, and so are the minibatches. Lanes of the same shape also begin with the same
weights; of another shape they cannot.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from rnnlab.experiments.event import Event
from rnnlab.experiments.presets import Preset
from rnnlab.experiments.race.config import Config, Lane, is_parity, marks_of
from rnnlab.experiments.race.curve import RaceRows
from rnnlab.experiments.race.events import (
    Difference,
    Epoch,
    Finished,
    LaneFacts,
    Line,
    Result,
    Retired,
    Split,
    Started,
    Step,
)
from rnnlab.experiments.race.presets import PRESETS, preset
from rnnlab.experiments.race.race import Race
from rnnlab.experiments.race.race_state import RaceState, state_from

__all__ = [
    "PRESETS", "Config", "Difference", "Epoch", "Event", "Finished", "Lane", "LaneFacts", "Line", "Preset", "Race",
    "RaceRows", "RaceState", "Result", "Retired", "Split", "Started", "Step", "at_the_start", "is_parity",
    "marks_of", "preset", "run", "state_from",
]  # fmt: skip


def run(config: Config, text: str | None = None, *, device: str = "auto") -> Iterator[Event]:
    """Run the race, one event at a time; see Race for the arguments. Raises InvalidInput."""
    yield from Race(config, text, device=device).events()


def at_the_start(config: Config) -> Iterator[Event]:
    """Yield the first event alone: what is known before any minibatch is trained."""
    with closing(Race(config).events()) as events:
        yield next(events)
