"""The main experiment as a run holds it: a Trainer while it trains, and no more than a checkpoint when it does not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.event import Event
from rnnlab.experiments.language_model import Config, CurveRows, Trainer
from rnnlab.experiments.language_model.data import prepare
from rnnlab.experiments.language_model.trainer import extended
from rnnlab.hosting import line
from rnnlab.runs.driven import log
from rnnlab.runs.run import Run
from rnnlab.validation import InvalidInput


@dataclass(frozen=True)
class Kept:
    """All that a training goes on from."""

    checkpoint: Checkpoint | None  # None: nothing has been learned yet, and the seed says it all
    text: str | None  # the visitor's own; None for a shipped one

    @property
    def epoch(self) -> int:
        """Whole epochs so far."""
        return 0 if self.checkpoint is None else self.checkpoint.epoch

    @property
    def nbytes(self) -> int:
        tensors = {} if self.checkpoint is None else self.checkpoint.tensors()
        return sum(tensor.nbytes for tensor in tensors.values()) + 2 * len(self.text or "")


class Training:
    """An experiment that can sleep: model, optimizer and corpus are made by `events`, and `sleep` drops them again.

    `config`, `epoch`, `prefixes` and `latest` can be asked for at any time.
    """

    def __init__(self, config: Config, text: str | None = None, *, device: str = "auto") -> None:
        """One that has not begun, and sleeps until it has a place. Raises InvalidInput if it could not begin then."""
        beginning = Kept(None, text)
        self.suspend(config, 0, prepare(config, text).prefixes, lambda: beginning)
        self._device, self.nbytes = device, beginning.nbytes

    @classmethod
    def suspended(cls, config: Config, epoch: int, prefixes: tuple[str, ...], read: Callable[[], Kept]) -> Training:
        """One that was saved earlier; `read` gives what it goes on from, or raises InvalidInput."""
        training = cls.__new__(cls)
        training.suspend(config, epoch, prefixes, read)
        return training

    def suspend(self, config: Config, epoch: int, prefixes: tuple[str, ...], read: Callable[[], Kept]) -> None:
        self._trainer: Trainer | None = None
        self._text: str | None = None
        self._config, self._epoch = config, epoch  # how a training stands that sleeps
        self._read: Callable[[], Kept] | None = read  # where what it goes on from lies meanwhile
        self._device, self.nbytes, self.prefixes = "auto", 0, prefixes
        self._lock = threading.Lock()  # guards suspending and resuming

    @property
    def config(self) -> Config:
        trainer = self._trainer
        return self._config if trainer is None else trainer.config

    @property
    def epoch(self) -> int:
        """Whole epochs so far."""
        trainer = self._trainer
        return self._epoch if trainer is None else trainer.latest.epoch

    @property
    def latest(self) -> Checkpoint | None:
        """The last whole epoch, with the configuration as it is now; None if it was lost with its file."""
        try:
            kept = self.kept()
            return kept.checkpoint or Trainer(self.config, kept.text, device="cpu").latest
        except InvalidInput as error:
            log.warning(line("run_lost", reason=error.code))
            return None

    def kept(self) -> Kept:
        """What it would go on from. Raises InvalidInput if that was lost with its file."""
        with self._lock:
            trainer, text, read, config = self._trainer, self._text, self._read, self.config
        kept = Kept(trainer.latest, text) if trainer is not None else read()
        if kept.checkpoint is None:
            return kept
        return replace(kept, checkpoint=replace(kept.checkpoint, config=config.to_strings()))

    def events(self) -> Iterator[Event]:
        """Train on from the last whole epoch. Raises InvalidInput if that was lost with its file."""
        yield from self._active().events()

    def extend(self, epochs: int, from_here: bool) -> None:
        """Train for `epochs` more than planned, or `from_here`: than were trained.

        Raises InvalidInput.
        """
        with self._lock:
            self._config = extended(self.config, self.epoch if from_here else self.config.epochs, epochs)
            if self._trainer is not None:
                self._trainer.config = self._config

    def change(self, learning_rate: float) -> tuple[int, int]:
        """Use another learning rate from the next minibatch on; return that one's epoch and step."""
        with self._lock:
            if self._trainer is not None:
                return self._trainer.change(learning_rate)
            self._config = replace(self._config, learning_rate=learning_rate)
            return self._epoch + 1, 1

    def sleep(self, read: Callable[[], Kept] | None = None, epoch: int | None = None) -> None:
        """Suspend, while nothing computes it; with `epoch` if that is the last.

        Without `read`, which gives what it goes on from, that stays in memory.
        """
        with self._lock:
            if epoch not in (None, self.epoch):
                return
            if self._trainer is not None:
                self._config, self._epoch = self._trainer.config, self._trainer.latest.epoch
                kept = Kept(self._trainer.latest if self._epoch else None, self._text)
                self._read, self.nbytes = (lambda: kept), kept.nbytes
            if read is not None:
                self._read, self.nbytes = read, 0
            self._trainer = self._text = None

    def _active(self) -> Trainer:
        if self._trainer is None:
            kept = self.kept()
            trainer = Trainer(self._config, kept.text, device=self._device, checkpoint=kept.checkpoint)
            with self._lock:
                trainer.config = self._config  # as somebody may have made it meanwhile
                self._trainer, self._text, self._read, self.nbytes = trainer, kept.text, None, _footprint(trainer)
        return self._trainer


def _footprint(trainer: Trainer) -> int:
    """About what it takes in memory: weights, gradients, two moments, a copy of all but the gradients; the text."""
    return 7 * 4 * trainer.model.count_parameters() + 8 * len(trainer.corpus.train_ids)


def training_run(config: Config, text: str | None = None, *, device: str = "auto", owner: str = "") -> Run:
    """A run of the main experiment, not started yet; `text` is needed for a corpus of one's own.

    Raises InvalidInput.
    """
    return Run(Training(config, text, device=device), CurveRows(config.epochs), owner=owner)
