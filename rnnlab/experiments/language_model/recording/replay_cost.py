"""What a replay would cost, known before it begins."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab.experiments.language_model.config import Config
from rnnlab.experiments.language_model.data import bytes_of_training
from rnnlab.experiments.language_model.recording.recording import Recording
from rnnlab.experiments.language_model.recording.replay import start_of
from rnnlab.validation import InvalidInput


@dataclass(frozen=True)
class ReplayCost:
    """What it takes to train an epoch anew from the nearest state kept before it."""

    epochs: int  # to train; 0: the state itself is kept
    seconds: float  # that so many epochs took the run, by the recorded epoch that is nearest
    nbytes: int  # of memory while they train, besides the text


def replay_cost(recording: Recording, epoch: int, last: int | None = None) -> ReplayCost:
    """Return the cost of `replay(recording, epoch, last=last)`. Raises InvalidInput if it could not be replayed."""
    start, last = start_of(recording, epoch), max([*recording.epochs, last or 0])
    timed = [known for known in recording.epochs if known > 0]
    if epoch > last or (epoch and not timed):
        raise InvalidInput("epoch_not_recorded", "epoch", value=epoch)
    epochs = epoch - (start or 0)
    nearest = min(timed, key=lambda known: abs(known - epoch), default=None)
    row = {} if nearest is None else recording.epoch(nearest).row
    config = Config.from_strings(recording.index.config_at(epoch, 1))
    nbytes = bytes_of_training(config, len(recording.index.vocab))
    return ReplayCost(epochs, epochs * float(row.get("seconds") or 0.0), nbytes)
