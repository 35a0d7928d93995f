"""A run's memory of itself: what each epoch was like, and the way back to it.

recording = Recording(Path("recording"))
for event in Trainer(Config(), recorder=Recorder(recording)).events():
    ...
recording.epoch(7).row["samples"]       # what it wrote then
recording.epoch(7).activation("l0.h")   # the hidden states at the probe's characters
replay(recording, 7).weights            # its weights, to the last bit
"""

from __future__ import annotations

from rnnlab.checkpoints.recorded_epoch import RecordedEpoch
from rnnlab.experiments.language_model.recording.index import Index
from rnnlab.experiments.language_model.recording.measuring import measured_parts
from rnnlab.experiments.language_model.recording.recorder import Recorder
from rnnlab.experiments.language_model.recording.recording import Recording, describe
from rnnlab.experiments.language_model.recording.replay import Tick, look, measured, model_at, replay, row_with_songs
from rnnlab.experiments.language_model.recording.replay_cost import ReplayCost, replay_cost
from rnnlab.experiments.language_model.recording.spacing import is_measured

__all__ = [
    "Index", "RecordedEpoch", "Recorder", "Recording", "ReplayCost", "Tick",
    "describe", "is_measured", "look", "measured", "measured_parts", "model_at", "replay", "replay_cost",
    "row_with_songs",
]  # fmt: skip
