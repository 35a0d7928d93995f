"""Measure the surprise of every character beside the training, by a thread of its own with a low priority.

Reading a text costs a quarter of the time of training on it, so it is done at few epochs, one at a time in a process,
and training does not wait for it. Other epochs are measured when somebody looks, from their kept weights.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import Any

from torch import Tensor

from rnnlab import limits
from rnnlab.checkpoints import Checkpoint
from rnnlab.checkpoints.recorded_epoch import surprise_bytes
from rnnlab.devices import lower_priority
from rnnlab.experiments.language_model.recording.recording import Recording
from rnnlab.hosting import line
from rnnlab.inspection.surprise import surprisal
from rnnlab.models import LanguageModel
from rnnlab.text import Corpus

logger = logging.getLogger(__name__)


class Measurer:
    """Measures one epoch after another. All methods may be called from any thread."""

    def __init__(self) -> None:
        self._turn = threading.Lock()  # held while a text is read
        self._lock = threading.Lock()  # guards the number
        self._waiting = 0

    def measure(self, recording: Recording, checkpoint: Checkpoint, corpus: Corpus) -> threading.Thread | None:
        """Have the network in `checkpoint` read the text, and the result recorded; None if too many wait already.

        The process does not wait for the thread at its end.
        """
        with self._lock:
            if self._waiting >= limits.MAX_WAITING_MEASUREMENTS:
                return None
            self._waiting += 1
        arguments = (recording, checkpoint, corpus)
        thread = threading.Thread(target=self._work, args=arguments, name="surprise", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system has no thread to spare
            with self._lock:
                self._waiting -= 1
            return None
        return thread

    def _work(self, recording: Recording, checkpoint: Checkpoint, corpus: Corpus) -> None:
        lower_priority()
        try:
            with self._turn:
                recording.add_surprise(checkpoint.epoch, surprise_of(model_of(checkpoint), corpus))
        except Exception:  # a thread has no caller to raise to; the run goes on without it
            logger.exception(line("surprise_not_measured", epoch=checkpoint.epoch))
        finally:
            with self._lock:
                self._waiting -= 1


MEASURER = Measurer()  # of this process


def measured_parts(corpus: Corpus) -> dict[str, Tensor]:
    """Return the tokens whose surprise is measured: the first of the training text and of the held-out text."""
    most = limits.MAX_RECORDED_CHARACTERS
    parts = {"training": corpus.train_ids[:most], "held_out": corpus.held_out_ids[: most // 4]}
    return {name: ids for name, ids in parts.items() if len(ids)}


def surprise_of(model: LanguageModel, corpus: Corpus) -> dict[str, Any]:
    """Return the surprise of every character of both parts as bytes, see `RecordedEpoch.surprise`."""
    return {part: surprise_bytes(surprisal(model, ids)) for part, ids in measured_parts(corpus).items()}


def model_of(checkpoint: Checkpoint) -> LanguageModel:
    """Build the model with the weights of the last epoch, not of the kept one."""
    return replace(checkpoint, best=None, best_epoch=None).build_model()
