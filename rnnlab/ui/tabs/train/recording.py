"""The recorded runs of the shipped models and of the tutorials' recipes: epochs, and what their songs copy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from rnnlab import checkpoints
from rnnlab.experiments.language_model import Config, LearnedText, Trainer
from rnnlab.experiments.language_model.copying import copied_of_samples
from rnnlab.experiments.language_model.data import prepare
from rnnlab.experiments.language_model.evaluation import before_training, drained, readable_prefixes
from rnnlab.experiments.language_model.recording import Recording as RecipeRecording
from rnnlab.experiments.language_model.recording.rows import rows_of
from rnnlab.resources import SHIPPED_RECORDINGS, shipped_model, shipped_recording
from rnnlab.runs import Row
from rnnlab.ui.tabs.train.passages import CopiedPlace, passage_in


@dataclass(frozen=True)
class Recording:
    """The training of a shipped model, or of a recipe."""

    config: Config
    rows: tuple[Row, ...]  # the untrained model, then a row per epoch; of a recipe also its minibatches
    learned: LearnedText


@cache
def recording_of(name: str) -> Recording:
    """Return the recording of the shipped model `name`, with what is copied computed anew, or that of a recipe.

    Raises InvalidInput for another name.
    """
    if name in SHIPPED_RECORDINGS:
        recipe = RecipeRecording.open(shipped_recording(name))
        config = Config.from_strings(recipe.index.config_at(1, 1))
        return Recording(config, tuple(rows_of(recipe)), LearnedText(prepare(config).corpus))
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
