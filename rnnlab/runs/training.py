"""Hold the main experiment for a run: a Trainer while it trains, else only a resume point."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.event import Event
from rnnlab.experiments.language_model import Config, CurveRows, LearnedText, Trainer
from rnnlab.experiments.language_model.data import prepare
from rnnlab.experiments.language_model.evaluation import readable_prefixes
from rnnlab.experiments.language_model.recording import Recorder, Recording
from rnnlab.hosting import line
from rnnlab.runs.logger import logger
from rnnlab.runs.resume_point import Place, ReadResumePoint, ResumePoint
from rnnlab.runs.run import Run
from rnnlab.text import Corpus
from rnnlab.validation import InvalidInput


class Training:
    """A training that can be suspended.

    `events` makes model, optimizer and corpus, and `suspend` drops them again. `config`, `epoch`, `place`,
    `prefixes` (which samples begin with), `checkpoint` and `recording` are available at any time.
    """

    def __init__(self, config: Config, text: str | None = None, *, device: str = "auto") -> None:
        """Make a training, suspended until it begins. Raises InvalidInput if it could not begin."""
        beginning = ResumePoint(None, text)
        prepared = prepare(config, text)
        prefixes = tuple(readable_prefixes(config, prepared.corpus.vocab, prepared.prefixes))
        self._set_suspended(config, (0, 0), prefixes, lambda: beginning)
        self._device, self.nbytes = device, beginning.nbytes

    @classmethod
    def from_store(cls, config: Config, place: Place, prefixes: tuple[str, ...], read: ReadResumePoint) -> Training:
        """Make a training that was saved earlier and is suspended; `read` returns its resume point."""
        training = cls.__new__(cls)
        training._set_suspended(config, place, prefixes, read)
        return training

    def _set_suspended(self, config: Config, place: Place, prefixes: tuple[str, ...], read: ReadResumePoint) -> None:
        self._trainer: Trainer | None = None
        self._text: str | None = None
        self._config, self._place = config, place  # of a suspended training
        self._read = read  # the resume point of a suspended training
        self._device, self.nbytes, self.prefixes = "auto", 0, prefixes
        self._lock = threading.Lock()  # guards suspending and resuming
        self.recording: Recording | None = None  # what the run notes of itself; None: it notes nothing

    @property
    def is_suspended(self) -> bool:
        """Return whether only the resume point is kept."""
        return self._trainer is None

    @property
    def device(self) -> str:
        """Return the device as it was asked for: "auto", "cpu" or "cuda"."""
        return self._device

    @property
    def config(self) -> Config:
        """Return the configuration, with the changes that were made since the start."""
        trainer = self._trainer
        return self._config if trainer is None else trainer.config

    @property
    def epoch(self) -> int:
        """Return the number of whole epochs so far."""
        return self.place[0]

    @property
    def place(self) -> Place:
        """Return the number of whole epochs so far, and how many minibatches of the next one can be gone on from."""
        trainer = self._trainer
        return self._place if trainer is None else trainer.place

    def checkpoint(self) -> Checkpoint | None:
        """Return where the training stands, with the current configuration; None if it was lost with its file."""
        try:
            point = self.resume_point()
            return point.checkpoint or Trainer(self.config, point.text, device="cpu").latest
        except InvalidInput as error:
            logger.warning(line("run_lost", reason=error.code))
            return None

    def corpus(self) -> Corpus:
        """Return the text as it is trained on. Raises InvalidInput if it was lost with its file."""
        trainer = self._trainer
        return prepare(self.config, self.resume_point().text).corpus if trainer is None else trainer.corpus

    def learned(self) -> LearnedText:
        """Return the text in which songs are looked up. Raises InvalidInput if it was lost with its file."""
        trainer = self._trainer
        return LearnedText(self.corpus()) if trainer is None else trainer.learned

    def resume_point(self) -> ResumePoint:
        """Return what the training goes on from. Raises InvalidInput if that was lost with its file."""
        with self._lock:
            trainer, text, read, config = self._trainer, self._text, self._read, self.config
        point = read() if trainer is None else ResumePoint(trainer.checkpoint(), text)
        if point.checkpoint is None:
            return point
        return replace(point, checkpoint=replace(point.checkpoint, config=config.to_strings()))

    def events(self) -> Iterator[Event]:
        """Train on from the last whole epoch or within the next. Raises InvalidInput if that was lost with its file."""
        yield from self._resume().events()

    @property
    def progress(self) -> dict[str, Any] | None:
        """Return how far the epoch in progress is, see `Trainer.progress`; None between epochs."""
        trainer = self._trainer
        return None if trainer is None else trainer.progress

    def request_partial(self) -> None:
        """Let the thread that trains note its place within the epoch after the next event."""
        if (trainer := self._trainer) is not None:
            trainer.request_partial()

    def take_partial(self) -> None:
        """Note the place within the epoch, while no thread drives the training or between two events."""
        if (trainer := self._trainer) is not None:
            trainer.take_partial()

    def extend(self, epochs: int, from_here: bool) -> None:
        """Train for `epochs` more than planned, or with `from_here` for `epochs` more than trained so far.

        Raises InvalidInput.
        """
        with self._lock:
            config = self.config
            self._config = config.extended(self.epoch if from_here else config.epochs, epochs)
            if self._trainer is not None:
                self._trainer.config = self._config

    def change(self, learning_rate: float) -> tuple[int, int]:
        """Use another learning rate from the next minibatch on; return that minibatch's epoch and step.

        Raises InvalidInput.
        """
        with self._lock:
            if self._trainer is not None:
                return self._trainer.change(learning_rate)
            self._config = replace(self._config, learning_rate=learning_rate)
            return self._place[0] + 1, self._place[1] + 1

    def suspend(self, read: ReadResumePoint | None = None, place: Place | None = None) -> None:
        """Keep only the resume point, while no thread drives the training.

        read: returns the resume point, which is then not kept in memory, either.
        place: do nothing if the training stands elsewhere: `read` would return an older place.
        """
        with self._lock:
            if place not in (None, self.place):
                return
            if self._trainer is not None:
                self._config, self._place = self._trainer.config, self._trainer.place
                point = ResumePoint(self._trainer.checkpoint() if any(self._place) else None, self._text)
                self._read, self.nbytes = (lambda: point), point.nbytes
            if read is not None:
                self._read, self.nbytes = read, 0
            self._trainer = self._text = None

    def _resume(self) -> Trainer:
        """Return the trainer; of a suspended training, one made from the resume point. Raises InvalidInput."""
        if self._trainer is not None:
            return self._trainer
        point = self.resume_point()
        recorder = None if self.recording is None else Recorder(self.recording, waits=False)
        trainer = Trainer(self._config, point.text, device=self._device, checkpoint=point.checkpoint, recorder=recorder)
        with self._lock:
            trainer.config = self._config  # `extend` or `change` may have set it meanwhile
            self._trainer, self._text, self.nbytes = trainer, point.text, _trainer_nbytes(trainer)
            self._read = _no_resume_point  # so that the old one can be freed
        return trainer


def _no_resume_point() -> ResumePoint:
    raise RuntimeError("a training that is not suspended has its resume point in its trainer")


def _trainer_nbytes(trainer: Trainer) -> int:
    """Estimate a trainer's memory: weights, gradients, two moments, two copies of all but gradients; the text."""
    return 11 * 4 * trainer.model.count_parameters() + 8 * len(trainer.corpus.train_ids)


def training_run(config: Config, text: str | None = None, *, device: str = "auto", owner: str = "") -> Run:
    """Make a run of the main experiment, not started yet. Raises InvalidInput.

    text: needed for a corpus that is not shipped.
    """
    return Run(Training(config, text, device=device), CurveRows(config.epochs), owner=owner)


def training_of(run: Run) -> Training:
    """Return the run's experiment, which must be a Training."""
    assert isinstance(run.experiment, Training), run.experiment
    return run.experiment
