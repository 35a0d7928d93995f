"""Record a run while it trains: after each epoch, between two events."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from rnnlab import checkpoints, limits
from rnnlab.checkpoints import Checkpoint, PartialEpoch
from rnnlab.checkpoints.recorded_epoch import RecordedEpoch, as_bytes
from rnnlab.experiments.event import Event, row
from rnnlab.experiments.language_model.config import Config
from rnnlab.experiments.language_model.evaluation import Work
from rnnlab.experiments.language_model.events import Recorded
from rnnlab.experiments.language_model.recording.index import Index
from rnnlab.experiments.language_model.recording.measuring import MEASURER
from rnnlab.experiments.language_model.recording.recording import Recording
from rnnlab.experiments.language_model.recording.spacing import is_measured
from rnnlab.hosting import line
from rnnlab.inspection.probe import Reading, read_probe
from rnnlab.models import LanguageModel
from rnnlab.recurrent import without_markers
from rnnlab.text import Corpus
from rnnlab.validation import InvalidInput

logger = logging.getLogger(__name__)


class Recordable(Protocol):
    """A run as a recorder sees it, between two epochs."""

    config: Config
    corpus: Corpus
    model: LanguageModel
    epoch: int  # whole epochs so far
    latest: Checkpoint  # the state after the last one
    partial: PartialEpoch | None  # the next epoch as far as it is trained, if the run goes on within it


class Recorder:
    """Writes what a trainer does into a recording. A disk that takes no more ends the recording, not the run."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._config: Config | None = None  # the settings of the last minibatch
        self._measuring: list[threading.Thread] = []
        self.failed = False  # whether nothing is recorded any more

    def begin(self, run: Recordable) -> None:
        """Go on with what is recorded up to the run's last whole epoch, or begin anew."""
        self.wait()
        try:
            index = self.recording.index
            fits = index.text_digest == run.corpus.text_digest and index.first_epoch <= run.epoch
        except InvalidInput:
            fits = False
        strings = run.config.to_strings()
        try:
            if fits and run.epoch + len(run.partial or ()):
                self.recording.rewind(run.epoch)
                next_place = (run.epoch + 1, len(run.partial or ()) + 1)
                earlier = tuple(change for change in index.changes if change[:2] < next_place)
                if not earlier or earlier[-1][2] != strings:
                    earlier = (*earlier, (*next_place, strings))
                self.recording.set_index(replace(index, changes=earlier))
            else:
                self.recording.remove()
                changes = ((run.epoch + 1, 1, strings),)
                self.recording.set_index(Index(run.epoch, run.corpus.text_digest, run.corpus.vocab, changes))
        except OSError as error:
            self._fail(error)
        self._config = run.config

    def settings(self, epoch: int, step: int, config: Config) -> Config:
        """Note changed settings before a minibatch is trained, both from 1; return those to train with."""
        if config is not self._config:
            if not self.failed and self._config is not None and config != self._config:
                try:
                    index = self.recording.index
                    changes = (*index.changes, (epoch, step, config.to_strings()))
                    self.recording.set_index(replace(index, changes=changes))
                except (OSError, InvalidInput) as error:
                    self._fail(error)
            self._config = config
        return config

    def record(self, run: Recordable, event: Event) -> Work[Recorded | None]:
        """Record the epoch that has just ended, of which `event` tells."""
        if self.failed:
            return None
        probe, ranges = probe_of(run.model, run.corpus)
        try:
            recorded = RecordedEpoch(run.epoch, row(event), probe, ranges)
            self.recording.add(recorded, without_markers(run.latest.weights))
            if run.epoch and self.recording.wants_state(run.epoch, _state_bytes(run.latest)):
                state = replace(run.latest, best=None, best_epoch=None)
                self.recording.add_state(run.epoch, checkpoints.to_bytes(state))
        except OSError as error:
            self._fail(error)
            return None
        if is_measured(run.epoch) and (thread := MEASURER.measure(self.recording, run.latest, run.corpus)) is not None:
            self._measuring.append(thread)
        return Recorded(run.epoch, self.recording.nbytes)
        yield

    def wait(self) -> None:
        """Block until all that is being measured is recorded."""
        for thread in self._measuring:
            thread.join()
        self._measuring = []

    def _fail(self, error: Exception) -> None:
        """Give up: what was recorded is removed, for it would lack the changes from here on."""
        self.failed = True
        self.recording.remove()
        logger.warning(line("recording_ended", error=type(error).__name__))


def _state_bytes(checkpoint: Checkpoint) -> int:
    """Return the bytes of the tensors of a checkpoint, without its best weights."""
    parts = (checkpoint.weights, checkpoint.training or {})
    return sum(tensor.nbytes for part in parts for tensor in part.values())


def probe_of(model: LanguageModel, corpus: Corpus) -> tuple[dict[str, Tensor], Mapping[str, tuple[float, float]]]:
    """Read the first tokens of the training text; return `RecordedEpoch.probe` and its `ranges`."""
    return probe_tensors(read_probe(model, corpus.train_ids[: limits.MAX_PROBE_TOKENS].tolist()))


def probe_tensors(reading: Reading) -> tuple[dict[str, Tensor], Mapping[str, tuple[float, float]]]:
    """Return a reading as the tensors of `RecordedEpoch.probe` and the ranges of its bytes."""
    with np.errstate(over="ignore"):
        tensors = {
            "ids": torch.from_numpy(reading.ids.astype(np.int32)),
            "expected": torch.from_numpy(reading.expected.astype(np.int32)),
            "surprisal": torch.from_numpy(reading.surprisal.astype(np.float16)),
            "probabilities": torch.from_numpy(reading.probabilities.astype(np.float16)),
        }
    ranges = {}
    for name, values in reading.activations.items():
        tensors[name], ranges[name] = as_bytes(values)
    return tensors, ranges
