"""Train a recurrent language model on lyrics: the main experiment.

for event in run(Config()):
    if isinstance(event, Epoch):
        print(event.epoch, event.perplexity, event.samples[0])
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.divergence import Diverged, EpochDiverged
from rnnlab.experiments.event import Event
from rnnlab.experiments.language_model.acrostic_of_writer import WrittenAcrostic, acrostic_row, write_acrostic
from rnnlab.experiments.language_model.config import Config
from rnnlab.experiments.language_model.copying import Copying, LearnedText, measure_copying
from rnnlab.experiments.language_model.curve import CurveRows
from rnnlab.experiments.language_model.events import (
    Baselines,
    Epoch,
    Evaluating,
    Finished,
    Progress,
    Recorded,
    Started,
    Step,
    Untrained,
)
from rnnlab.experiments.language_model.presets import (
    MIN_BOOK_CHARACTERS,
    PRESETS,
    break_text_facts,
    preset,
    published_results,
)
from rnnlab.experiments.language_model.trainer import Trainer
from rnnlab.experiments.language_model.who_wrote import Round, WhoWrote, who_wrote
from rnnlab.experiments.language_model.writer import (
    TemperatureColumn,
    Writer,
    counting_writer,
    network_writer,
    temperature_columns,
    text_to_count,
    what_followed,
)
from rnnlab.experiments.presets import Preset

__all__ = [
    "MIN_BOOK_CHARACTERS", "PRESETS", "Baselines", "Config", "Copying", "CurveRows", "Diverged", "Epoch",
    "EpochDiverged", "Evaluating", "Event", "Finished", "LearnedText", "Preset", "Progress", "Recorded", "Round",
    "Started", "Step", "TemperatureColumn", "Trainer", "Untrained", "WhoWrote", "Writer", "WrittenAcrostic",
    "acrostic_row", "break_text_facts", "counting_writer", "measure_copying", "network_writer", "preset",
    "published_results", "run", "temperature_columns", "text_to_count", "what_followed", "who_wrote", "write_acrostic",
]  # fmt: skip


def run(
    config: Config,
    text: str | None = None,
    *,
    held_out_text: str | None = None,
    test_text: str | None = None,
    device: str = "auto",
    checkpoint: Checkpoint | None = None,
) -> Iterator[Event]:
    """Run the experiment, one event at a time; see Trainer for the arguments. Raises InvalidInput."""
    yield from Trainer(
        config,
        text,
        held_out_text=held_out_text,
        test_text=test_text,
        device=device,
        checkpoint=checkpoint,
    ).events()
