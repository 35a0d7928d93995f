"""The training loop of the language model. Every minibatch: forward, loss, backward, clip, step.

The gradient runs back through at most `num_steps` characters (truncated BPTT).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch

from rnnlab import limits
from rnnlab.checkpoints import Checkpoint
from rnnlab.devices import DEVICE_ERRORS, choose_device_with_error, classify_device_error
from rnnlab.experiments.divergence import EpochDiverged, NotFinite
from rnnlab.experiments.event import Event, plain
from rnnlab.experiments.language_model.background_counting import with_baselines
from rnnlab.experiments.language_model.best_epoch import epochs_without_progress, resumed_with_best, with_best
from rnnlab.experiments.language_model.checkpointing import partial_snapshot, resume, snapshot
from rnnlab.experiments.language_model.config import Config
from rnnlab.experiments.language_model.cuda_graph import make_step
from rnnlab.experiments.language_model.data import Prepared, prepare
from rnnlab.experiments.language_model.epoch_so_far import EpochSoFar
from rnnlab.experiments.language_model.epoch_training import EpochTraining, Recorder
from rnnlab.experiments.language_model.evaluation import Work, drained, sample_texts, tested, untrained
from rnnlab.experiments.language_model.events import Epoch, Finished, Untrained, without_samples
from rnnlab.experiments.language_model.started import started
from rnnlab.experiments.optimizers import make_optimizer
from rnnlab.hosting import line
from rnnlab.models import LanguageModel
from rnnlab.perplexity import perplexity
from rnnlab.recurrent import State

logger = logging.getLogger(__name__)


class Trainer(EpochTraining):
    """A run and its results so far.

    `model`, `vocab`, `history`; `latest`, the last whole epoch; `partial`, what it goes on from within the next one.
    """

    def __init__(
        self,
        config: Config,
        text: str | None = None,
        *,
        held_out_text: str | None = None,
        test_text: str | None = None,
        device: str = "auto",
        checkpoint: Checkpoint | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        """Prepare a run, which `events` then trains. Raises InvalidInput.

        text: needed when `config.corpus` is not a shipped one.
        held_out_text, test_text: separate texts in place of the shares of `config`.
        device: "auto", "cpu" or "cuda".
        checkpoint: go on from here, with the same curve as if the run had never stopped.
        recorder: notes every epoch, see `recording`.
        """
        prepared = self._prepare(config, text, held_out_text, test_text)
        self.config, self.corpus, self.vocab = config, prepared.corpus, prepared.corpus.vocab
        self.recorder = recorder
        self.prefixes, self.steps = prepared.prefixes, prepared.steps
        self.is_tutorial_lyrics = prepared.is_tutorial_lyrics
        self.history: list[dict[str, Any]] = []
        self.epoch = self._step = 0  # whole epochs so far; the last minibatch of the present one
        self._training = self.within_epoch = self._partial_requested = False
        self.so_far = EpochSoFar(None)
        self.partial = None if checkpoint is None else checkpoint.partial
        self.device, self.device_trouble = choose_device_with_error(device)  # and why it is another than that
        try:
            self._begin(self.device, checkpoint)
        except DEVICE_ERRORS as error:
            self._note_device_error(error)
            self._begin(torch.device("cpu"), checkpoint)

    def _prepare(self, config: Config, text: str | None, held_out_text: str | None, test_text: str | None) -> Prepared:
        """Return the text, cut and numbered. Raises InvalidInput."""
        return prepare(config, text, held_out_text, test_text)

    def _begin(self, device: torch.device, checkpoint: Checkpoint | None) -> None:
        """Build everything, and restore `checkpoint` if there is one. Raises InvalidInput."""
        self._build(device)
        if checkpoint is not None:
            resume(self, checkpoint)
        self.latest = snapshot(self) if checkpoint is None else resumed_with_best(snapshot(self), checkpoint)

    def _build(self, device: torch.device) -> None:
        """Make everything that has tensors on `device`, from the seed."""
        self.device = device
        self.generator = torch.Generator().manual_seed(self.config.seed)
        self.model = LanguageModel(self.config, len(self.vocab), generator=self.generator, device=device)
        self.optimizer = make_optimizer(self.model.parameters(), self.config)
        self.learn = make_step(
            self.model, self.optimizer, self.config.clip_by, detach=self.config.detach, trained=self.config.trained
        )
        self.carried: State | None = None

    def checkpoint(self) -> Checkpoint:
        """Return the last whole epoch, with the epoch in progress as far as `partial` has it."""
        return self.latest if self.partial is None else replace(self.latest, partial=self.partial)

    @property
    def place(self) -> tuple[int, int]:
        """Return the whole epochs and the minibatches of the next one that `checkpoint` holds."""
        partial = self.partial
        return self.latest.epoch, 0 if partial is None else len(partial)

    @property
    def progress(self) -> dict[str, Any] | None:
        """Return epoch, step, steps, perplexity and seconds so far of the epoch in progress; None between epochs."""
        so_far = self.so_far
        if not (self.within_epoch and so_far.tokens):
            return None
        return {
            "epoch": self.epoch + 1,
            "step": len(so_far),
            "steps": max(self.steps, len(so_far)),
            "perplexity": plain(perplexity(so_far.total_nll, so_far.tokens)),
            "seconds": so_far.seconds,
        }

    def request_partial(self) -> None:
        """Let `partial` be taken after the next event, while another thread may be training."""
        self._partial_requested = True

    def take_partial(self) -> None:
        """Copy the state within the epoch to `partial`, between two events; elsewhere nothing is copied."""
        self._partial_requested = False
        known = 0 if self.partial is None else len(self.partial)
        if self._training and self.within_epoch and known < len(self.so_far) <= limits.MAX_PARTIAL_STEPS:
            try:
                self.partial = partial_snapshot(self, self.so_far) or self.partial
            except DEVICE_ERRORS as error:
                if not classify_device_error(error, self.device):
                    raise
                logger.warning(line("partial_not_taken", error=type(error).__name__))

    def extend(self, epochs: int, from_here: bool | None = None) -> None:
        """Train for `epochs` more, and drop the target perplexity. Raises InvalidInput.

        from_here: count from the last whole epoch, for a run that has ended and whose `events` is called again, or
            from the planned end, for a run that is training; None: whichever the run is.
        """
        from_here = not self._training if from_here is None else from_here
        self.config = self.config.extended(self.epoch if from_here else self.config.epochs, epochs)

    def change(self, learning_rate: float) -> tuple[int, int]:
        """Use another learning rate from the next minibatch on; return its epoch and step, from 1.

        Raises InvalidInput.
        """
        self.config = replace(self.config, learning_rate=learning_rate)
        return self.epoch + 1, self._step + 1 if self._training and self.within_epoch else 1

    def events(self) -> Iterator[Event]:
        """Train until the planned epochs are done, the target is reached or the run diverges.

        An earlier call that was closed within an epoch goes on from there. After one that an exception has ended, the
        epoch begins anew, or from `partial`.
        """
        if self.within_epoch:
            self._restore_latest()
        self._training, events = True, with_baselines(self._epochs(), self.corpus)
        try:
            for event in events:
                yield event
                if self._partial_requested:
                    self.take_partial()
        except GeneratorExit:
            if not sys.is_finalizing():  # when the interpreter ends, PyTorch no longer computes
                self.take_partial()
            raise
        finally:
            events.close()
            self._training = False

    def _epochs(self) -> Work[None]:
        """Yield all events from the next epoch on."""
        yield started(self)
        if self.recorder is not None:
            self.recorder.begin(self)
        if self.epoch == 0:
            first = yield from untrained(self)
            yield from self._noted(first, shown=self.config.sample_every is not None)
        reached = self._reached_target()
        while self.epoch < self.config.epochs and not reached and not self._has_stalled():
            try:
                epoch = yield from self._train_epoch()
                self._remember(epoch)
            except NotFinite:
                failed = (self.epoch + 1, self._step)
                self.partial = None  # it leads to the same numbers again
                self._restore_latest()
                yield EpochDiverged(*failed, kept_epoch=self.epoch)
                return
            except DEVICE_ERRORS as error:
                self._move_to_cpu(error)
                yield started(self)
                continue
            yield from self._noted(epoch)
            reached = self._reached_target()
        yield Finished(
            epoch=self.epoch,
            reached_target=reached,
            seconds=sum(row["seconds"] for row in self.history),
            stopped_early=self.epoch < self.config.epochs and not reached,
            kept_epoch=self.latest.kept_epoch,
            test_perplexity=(yield from tested(self.latest, self.corpus.test_ids, self.config)),
        )

    def _noted(self, event: Untrained | Epoch, shown: bool = True) -> Work[None]:
        """Yield the event of an epoch if it is to be shown, and record the epoch."""
        if shown:
            yield event
        if self.recorder is not None and (recorded := (yield from self.recorder.record(self, event))) is not None:
            yield recorded

    def _remember(self, epoch: Epoch) -> None:
        """Add a whole epoch to the history, without old samples, so that checkpoints do not grow."""
        self.epoch += 1
        self.history.append(epoch.to_dict())
        sampled = [number for number, row in enumerate(self.history) if row["samples"]]
        for number in sampled[: -limits.MAX_SAMPLED_EPOCHS]:  # in a new row: earlier checkpoints hold the old one
            self.history[number] = without_samples(self.history[number])
        self.latest = with_best(snapshot(self), self.latest)
        self.within_epoch, self.partial = False, None

    def _reached_target(self) -> bool:
        target, last = self.config.target_perplexity, self.history[-1]["perplexity"] if self.history else None
        return target is not None and last is not None and last <= target

    def _has_stalled(self) -> bool:
        patience = self.config.patience
        return patience is not None and epochs_without_progress(self.history) >= patience

    def held_out_perplexity(self) -> float | None:
        """Return the perplexity on the held-out text; None where there is none."""
        return drained(self._held_out())

    def sample(self, prefix: str) -> str:
        """Return `prefix`, as far as the vocabulary has it, and its greedy continuation."""
        return drained(sample_texts(self.model, self.vocab, [prefix], self.config.sample_length, self.epoch + 1))[0]
