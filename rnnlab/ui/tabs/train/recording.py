"""The recordings of how the shipped models were trained: their epochs, and what their songs copy from their text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from rnnlab import checkpoints
from rnnlab.experiments.language_model import Config, LearnedText, Trainer
from rnnlab.experiments.language_model.copying import copied_of_samples
from rnnlab.experiments.language_model.evaluation import before_training, drained, readable_prefixes
from rnnlab.resources import shipped_model
from rnnlab.runs import Row
from rnnlab.ui.tabs.train.passages import CopiedPlace, passage_in


@dataclass(frozen=True)
class Recording:
    """A shipped model's training."""

    config: Config
    rows: tuple[Row, ...]  # the untrained model, then a row per epoch
    learned: LearnedText


@cache
def recording_of(name: str) -> Recording:
    """Return the recording of the shipped model `name`, with what is copied computed anew. Raises InvalidInput."""
    checkpoint = checkpoints.load(shipped_model(name))
    config = Config.from_strings(checkpoint.config)
    trainer = Trainer(config, device="cpu")
    prefixes = readable_prefixes(config, trainer.vocab, trainer.prefixes)
    untrained = {"kind": "untrained", **drained(before_training(trainer)).to_dict()}
    epochs = [
        {"kind": "epoch", **row, **copied_of_samples(trainer.learned, row["samples"], prefixes)}
        for row in checkpoint.history
    ]
    return Recording(config, (untrained, *epochs), trainer.learned)


def recorded_passage(name: str, place: CopiedPlace) -> dict[str, Any] | None:
    """Return where a copied run of a recorded song stands in the shipped text; None if there is no such run.

    Raises InvalidInput for another name.
    """
    recording = recording_of(name)
    return passage_in(recording.rows, place, recording.learned)
