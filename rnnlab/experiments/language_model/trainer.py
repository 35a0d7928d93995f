"""The training loop of the language model. Every minibatch: forward, loss, backward, clip, step.

The gradient runs back through at most `num_steps` characters (truncated BPTT).
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from rnnlab import limits
from rnnlab.checkpoints import Checkpoint
from rnnlab.devices import DEVICE_ERRORS, choose_device_with_error, classify_device_error, describe_device
from rnnlab.experiments.divergence import EpochDiverged, NotFinite
from rnnlab.experiments.event import Event
from rnnlab.experiments.language_model.background_counting import known_baselines, with_baselines
from rnnlab.experiments.language_model.checkpointing import restore, resume, snapshot
from rnnlab.experiments.language_model.config import Config
from rnnlab.experiments.language_model.cuda_graph import make_step
from rnnlab.experiments.language_model.data import prepare
from rnnlab.experiments.language_model.evaluation import (
    Work,
    before_training,
    drained,
    epoch_samples,
    held_out,
    sample_texts,
    tested,
)  # fmt: skip
from rnnlab.experiments.language_model.events import Epoch, Finished, Started, Step
from rnnlab.experiments.optimizers import make_optimizer
from rnnlab.experiments.schedules import reductions, scheduled_rate
from rnnlab.hosting import line
from rnnlab.models import LanguageModel
from rnnlab.perplexity import MAX_EXPONENT, perplexity
from rnnlab.recurrent import State
from rnnlab.text import random_batches, sequential_batches

logger = logging.getLogger(__name__)


class Trainer:
    """A run and its results so far: `model`, `vocab`, `history`, and `latest`, the last whole epoch."""

    def __init__(
        self,
        config: Config,
        text: str | None = None,
        *,
        held_out_text: str | None = None,
        test_text: str | None = None,
        device: str = "auto",
        checkpoint: Checkpoint | None = None,
    ) -> None:
        """Prepare a run, which `events` then trains. Raises InvalidInput.

        text: needed when `config.corpus` is not a shipped one.
        held_out_text, test_text: separate texts in place of the shares of `config`.
        device: "auto", "cpu" or "cuda".
        checkpoint: go on from here, with the same curve as if the run had never stopped.
        """
        prepared = prepare(config, text, held_out_text, test_text)
        self.config, self.corpus, self.vocab = config, prepared.corpus, prepared.corpus.vocab
        self.prefixes, self.steps = prepared.prefixes, prepared.steps
        self.history: list[dict[str, Any]] = []
        self.epoch = self._step = 0  # whole epochs so far; the last minibatch of the present one
        self._training = self.within_epoch = False
        self.device, self.device_trouble = choose_device_with_error(device)  # and why it is another than that
        try:
            self._begin(self.device, checkpoint)
        except DEVICE_ERRORS as error:
            self._note_device_error(error)
            self._begin(torch.device("cpu"), checkpoint)

    def _begin(self, device: torch.device, checkpoint: Checkpoint | None) -> None:
        """Build everything, and restore `checkpoint` if there is one. Raises InvalidInput."""
        self._build(device)
        if checkpoint is not None:
            resume(self, checkpoint)
        self.latest = snapshot(self)

    def _build(self, device: torch.device) -> None:
        """Make everything that has tensors on `device`, from the seed."""
        self.device = device
        self.generator = torch.Generator().manual_seed(self.config.seed)
        self.model = LanguageModel(self.config, len(self.vocab), generator=self.generator, device=device)
        self.optimizer = make_optimizer(self.model.parameters(), self.config)
        self.learn = make_step(self.model, self.optimizer, self.config.clip_by)
        self.carried: State | None = None

    def _note_device_error(self, error: Exception) -> None:
        """Note the device's failure; raise `error` again if something else caused it, or if it is the second."""
        trouble = classify_device_error(error, self.device)
        if self.device_trouble or not trouble:
            raise error
        logger.warning(line("device_trouble", trouble=trouble, error=type(error).__name__, so="training on the CPU"))
        self.device_trouble = trouble

    def _restore_latest(self) -> None:
        """Go back to the last whole epoch."""
        try:
            restore(self, self.latest)
        except DEVICE_ERRORS as error:
            self._move_to_cpu(error)

    def _move_to_cpu(self, error: Exception) -> None:
        """Go back to the last whole epoch, on the CPU; raise `error` again unless the device caused it."""
        self._note_device_error(error)
        self._build(torch.device("cpu"))
        restore(self, self.latest)

    def checkpoint(self) -> Checkpoint:
        """Return the last whole epoch."""
        return self.latest

    def extend(self, epochs: int, from_here: bool | None = None) -> None:
        """Train for `epochs` more, and drop the target perplexity. Raises InvalidInput.

        from_here: count from the last whole epoch, for a run that has ended and whose `events` is called again, or
            from the planned end, for a run that is training; None: whichever the run is.
        """
        from_here = not self._training if from_here is None else from_here
        self.config = self.config.extended(self.epoch if from_here else self.config.epochs, epochs)

    def change(self, learning_rate: float) -> tuple[int, int]:
        """Set the learning rate from the next minibatch on; return its epoch and step. Raises InvalidInput."""
        self.config = replace(self.config, learning_rate=learning_rate)
        return self.epoch + 1, self._step + 1 if self._training and self.within_epoch else 1

    def events(self) -> Iterator[Event]:
        """Train until the planned epochs are done, the target is reached or the run diverges.

        After an earlier call was closed within an epoch, that epoch begins anew.
        """
        if self.within_epoch:
            self._restore_latest()
        self._training = True
        try:
            yield from with_baselines(self._epochs(), self.corpus)
        finally:
            self._training = False

    def _epochs(self) -> Work[None]:
        """Yield all events from the next epoch on."""
        yield self._started()
        if self.epoch == 0 and self.config.sample_every is not None:
            yield (yield from before_training(self))
        reached = self._reached_target()
        while self.epoch < self.config.epochs and not reached:
            try:
                epoch = yield from self._train_epoch()
                self._remember(epoch)
            except NotFinite:
                failed = (self.epoch + 1, self._step)
                self._restore_latest()
                yield EpochDiverged(*failed, kept_epoch=self.epoch)
                return
            except DEVICE_ERRORS as error:
                self._move_to_cpu(error)
                yield self._started()
                continue
            yield epoch
            reached = self._reached_target()
        test = yield from tested(self.latest, self.corpus.test_ids, self.config)
        yield Finished(self.epoch, reached, sum(row["seconds"] for row in self.history), test)

    def _remember(self, epoch: Epoch) -> None:
        """Add a whole epoch to the history, without old samples, so that checkpoints do not grow."""
        self.epoch += 1
        self.history.append(epoch.to_dict())
        sampled = [number for number, row in enumerate(self.history) if row["samples"]]
        for number in sampled[: -limits.MAX_SAMPLED_EPOCHS]:  # in a new row: earlier checkpoints hold the old one
            self.history[number] = {**self.history[number], "samples": []}
        self.latest = snapshot(self)
        self.within_epoch = False

    def _started(self) -> Started:
        ids = self.corpus.train_ids
        return Started(
            first_epoch=self.epoch + 1,
            steps=self.steps,
            vocab_size=len(self.vocab),
            parameters=self.model.count_parameters(),
            train_tokens=len(ids),
            held_out_tokens=len(self.corpus.held_out_ids),
            **known_baselines(self.corpus),
            characters_taken=self.corpus.taken_tokens,
            characters_total=self.corpus.text_tokens,
            device=describe_device(self.device),
            device_trouble=self.device_trouble,
        )

    def _reached_target(self) -> bool:
        target, last = self.config.target_perplexity, self.history[-1]["perplexity"] if self.history else None
        return target is not None and last is not None and last <= target

    def _train_epoch(self) -> Work[Epoch]:
        """Yield a Step per minibatch, then Evaluating many times; return the Epoch. Raises NotFinite."""
        total_nll, tokens, seconds, norms, clipped = 0.0, 0, 0.0, 0.0, 0
        limit, reduced = self.config.grad_clip or math.inf, reductions(self.config, self.epoch + 1, self.history)
        self.model.train()
        self.within_epoch = True
        if self.config.state != "carried-across-epochs":
            self.carried = None
        began = time.perf_counter()
        for step, (x, y) in enumerate(self._batches(), start=1):  # x, y (B, T)
            self._step = step
            done = self.epoch + min((step - 1) / self.steps, 1)  # `change` and `extend` may have set the config
            self.optimizer.param_groups[0]["lr"] = scheduled_rate(self.config, reduced, done)
            nll, norm, over = self._train_step(x, y, limit)
            seconds += time.perf_counter() - began
            total_nll, tokens = total_nll + nll * y.numel(), tokens + y.numel()
            norms, clipped = norms + norm, clipped + over
            # A random offset may leave room for one minibatch more than `steps`.
            yield Step(self.epoch + 1, step, max(step, self.steps), perplexity(nll, 1), norm)
            began = time.perf_counter()
        if not all(parameter.isfinite().all() for parameter in self.model.parameters()):
            raise NotFinite  # because of the last update, which no loss has shown yet
        return Epoch(
            epoch=self.epoch + 1,
            perplexity=perplexity(total_nll, tokens),
            held_out_perplexity=(yield from self._held_out()),
            tokens_per_second=tokens / seconds,
            seconds=seconds,
            grad_norm=norms / step,
            clipped=clipped / step,
            samples=(yield from epoch_samples(self.model, self.vocab, self.config, self.prefixes, self.epoch + 1)),
            learning_rate=self.optimizer.param_groups[0]["lr"],
        )

    def _batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the epoch's minibatches: characters and the ones that follow them, (B, T) each."""
        c, ids = self.config, self.corpus.train_ids.to(self.device)
        draw = random_batches if c.sampling == "random" else sequential_batches
        return draw(ids, c.batch_size, c.num_steps, generator=self.generator, random_offset=c.random_offset)

    def _train_step(self, x: Tensor, y: Tensor, limit: float) -> tuple[float, float, bool]:
        """Train on x, y (B, T); return mean NLL in nats, gradient norm, whether clipped. Raises NotFinite."""
        if self.config.sampling == "random" or self.config.state == "reset":
            self.carried = None
        nll, norm, over, self.carried = self.learn(x, y, self.carried, limit)
        if not (nll < MAX_EXPONENT and math.isfinite(norm)):
            raise NotFinite
        return nll, norm, over

    def held_out_perplexity(self) -> float | None:
        """Return the perplexity on the held-out text; None where there is none."""
        return drained(self._held_out())

    def sample(self, prefix: str) -> str:
        """Return `prefix`, as far as the vocabulary has it, and its greedy continuation."""
        return drained(sample_texts(self.model, self.vocab, [prefix], self.config.sample_length, self.epoch + 1))[0]

    def _held_out(self) -> Work[float | None]:
        return held_out(self.model, self.corpus.held_out_ids.to(self.device), self.config, self.epoch + 1)
