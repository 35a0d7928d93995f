"""Train a recurrent language model on lyrics: the main experiment.

for event in run(Config()):
    if isinstance(event, Epoch):
        print(event.epoch, event.perplexity, event.samples[0])
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.event import Event
from rnnlab.experiments.language_model.config import Config
from rnnlab.experiments.language_model.curve import CurveRows
from rnnlab.experiments.language_model.events import Diverged, Epoch, Evaluating, Finished, Started, Step
from rnnlab.experiments.language_model.presets import PRESETS, Preset, preset, published_results
from rnnlab.experiments.language_model.trainer import Trainer

__all__ = [
    "PRESETS", "Config", "CurveRows", "Diverged", "Epoch", "Evaluating", "Event", "Finished", "Preset", "Started",
    "Step", "Trainer", "preset", "published_results", "run",
]  # fmt: skip


def run(
    config: Config, text: str | None = None, *, device: str = "auto", checkpoint: Checkpoint | None = None
) -> Iterator[Event]:
    """The experiment as a generator of events; see Trainer for the arguments."""
    yield from Trainer(config, text, device=device, checkpoint=checkpoint).events()
