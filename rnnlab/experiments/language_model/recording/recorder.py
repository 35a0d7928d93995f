"""Record a run while it trains.

The training hands over the copy of the network that its checkpoint has anyway; a thread with a low priority measures it
and writes the files.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from concurrent import futures
from dataclasses import replace
from typing import Any, Protocol

from rnnlab import checkpoints, limits
from rnnlab.checkpoints import Checkpoint, PartialEpoch
from rnnlab.devices import lower_priority, tune_thread
from rnnlab.experiments.event import Event, row
from rnnlab.experiments.language_model.config import Config
from rnnlab.experiments.language_model.evaluation import Work
from rnnlab.experiments.language_model.events import Recorded
from rnnlab.experiments.language_model.recording.index import Index
from rnnlab.experiments.language_model.recording.measuring import model_of, recorded_epoch, surprise_of
from rnnlab.experiments.language_model.recording.recording import Recording
from rnnlab.experiments.language_model.recording.spacing import is_measured
from rnnlab.hosting import line
from rnnlab.recurrent import without_markers
from rnnlab.text import Corpus
from rnnlab.validation import InvalidInput

logger = logging.getLogger(__name__)


class Recordable(Protocol):
    """A run as a recorder sees it, between two epochs."""

    config: Config
    corpus: Corpus
    epoch: int  # whole epochs so far
    latest: Checkpoint  # the state after the last one
    partial: PartialEpoch | None  # the next epoch as far as it is trained, if the run goes on within it


class Recorder:
    """Writes what a trainer does into a recording. A disk that takes no more ends the recording, not the run."""

    def __init__(self, recording: Recording, *, waits: bool = True) -> None:
        """Record into `recording`.

        waits: let training wait when MAX_WAITING_EPOCHS are not written yet; else further epochs are left out, and so
            are those that would let recording take more than MAX_RECORDING_SHARE of the time.
        """
        self.recording, self._waits = recording, waits
        self._worker = futures.ThreadPoolExecutor(1, "recording", initializer=_begin_thread)
        self._room = threading.BoundedSemaphore(limits.MAX_WAITING_EPOCHS)
        self._jobs: list[futures.Future[None]] = []
        self._next = 0.0  # when the next epoch may be recorded, in time.monotonic's seconds
        self._config: Config | None = None  # the settings of the last minibatch
        self.failed = False  # whether nothing is recorded any more

    def begin(self, run: Recordable) -> None:
        """Go on with what is recorded up to the run's last whole epoch, or begin anew."""
        self.wait()
        self.failed = False
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
        """Have the epoch that has just ended recorded, of which `event` tells, from the copy in the checkpoint."""
        is_early = not self._waits and time.monotonic() < self._next
        if self.failed or is_early or not self._room.acquire(blocking=self._waits):
            return None
        job = self._worker.submit(self._write, run.latest, run.corpus, row(event))
        self._jobs = [*(job for job in self._jobs if not job.done()), job]
        return Recorded(run.epoch)
        yield

    def wait(self) -> None:
        """Block until everything is recorded."""
        futures.wait(self._jobs)

    def _write(self, checkpoint: Checkpoint, corpus: Corpus, row: Mapping[str, Any]) -> None:
        """Measure and write an epoch."""
        try:
            if self.failed:
                return
            began = time.thread_time()
            recording, epoch, model = self.recording, checkpoint.epoch, model_of(checkpoint)
            recorded = recorded_epoch(model, corpus, epoch, row)
            recording.add(recorded, without_markers(checkpoint.weights))
            if epoch and recording.wants_state(epoch, _nbytes(checkpoint)):
                recording.add_state(epoch, checkpoints.to_bytes(replace(checkpoint, best=None, best_epoch=None)))
            spent = time.thread_time() - began  # Python's lock is held for most of it, and training waits for that
            self._next = time.monotonic() + spent * (1 / limits.MAX_RECORDING_SHARE - 1)
            if is_measured(epoch):
                recording.add_surprise(epoch, surprise_of(model, corpus))
        except OSError as error:
            self._fail(error)
        except Exception:  # a thread has no caller to raise to; the run goes on without this epoch
            logger.exception(line("epoch_not_recorded", epoch=checkpoint.epoch))
        finally:
            self._room.release()

    def _fail(self, error: Exception) -> None:
        """Give up: what was recorded is removed, for it would lack the changes from here on."""
        self.failed = True
        self.recording.remove()
        logger.warning(line("recording_ended", error=type(error).__name__))
        self.recording.on_end((isinstance(error, OSError) and error.strerror) or type(error).__name__)


def _begin_thread() -> None:
    """Compute with one thread, and after those that train."""
    tune_thread(1)
    lower_priority()


def _nbytes(checkpoint: Checkpoint) -> int:
    """Return the bytes of the tensors of a checkpoint, without its best weights."""
    parts = (checkpoint.weights, checkpoint.training or {})
    return sum(tensor.nbytes for part in parts for tensor in part.values())
