"""The training loop. Every minibatch does the same five things: predict, compare, differentiate back through
at most `num_steps` characters (truncated BPTT), clip the gradient, step.
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

from rnnlab.checkpoints import Checkpoint
from rnnlab.devices import DEVICE_ERRORS, choose_device_with_error, classify_device_error, describe_device
from rnnlab.experiments.event import Event
from rnnlab.experiments.language_model.baselines import baselines
from rnnlab.experiments.language_model.checkpointing import restore, resume, snapshot
from rnnlab.experiments.language_model.config import Config
from rnnlab.experiments.language_model.data import prepare
from rnnlab.experiments.language_model.evaluation import Work, drained, held_out, sing
from rnnlab.experiments.language_model.events import Diverged, Epoch, Finished, Started, Step
from rnnlab.experiments.language_model.train_step import make_step
from rnnlab.experiments.optimizers import OPTIMIZERS
from rnnlab.generation import fit_prefix
from rnnlab.hosting import line
from rnnlab.models import LanguageModel
from rnnlab.perplexity import MAX_EXPONENT, perplexity
from rnnlab.recurrent import State
from rnnlab.text import random_batches, sequential_batches
from rnnlab.validation import Integer

log = logging.getLogger(__name__)

KEPT_SONGS = 100  # epochs whose samples stay in the history


class NotFinite(ArithmeticError):
    """A minibatch whose loss, gradient or weights are no numbers, or whose perplexity is beyond a float."""


class Trainer:
    """A run and what it has made so far: `model`, `vocab`, `history`, and `latest`, a checkpoint of the last epoch.

    `text` is needed when `config.corpus` is not a shipped one. With `checkpoint` the run goes on where that one
    was saved, with the same curve as if it had never stopped.
    """

    def __init__(
        self, config: Config, text: str | None = None, *, device: str = "auto", checkpoint: Checkpoint | None = None
    ) -> None:
        prepared = prepare(config, text)
        self.config, self.corpus, self.vocab = config, prepared.corpus, prepared.corpus.vocab
        self.prefixes, self.steps = prepared.prefixes, prepared.steps
        self.history: list[dict[str, Any]] = []
        self.epoch = 0
        self._training = self.within_epoch = False
        self._step = 0  # the last minibatch of the epoch
        # device_trouble: why the run is no longer on the device that was asked for
        self.device, self.device_trouble = choose_device_with_error(device)
        try:
            self._begin(self.device, checkpoint)
        except DEVICE_ERRORS as error:
            self._blame_device(error)
            self._begin(torch.device("cpu"), checkpoint)

    def _begin(self, device: torch.device, checkpoint: Checkpoint | None) -> None:
        """Make everything anew and, with `checkpoint`, as it was when that was saved. Raises InvalidInput."""
        self._build(device)
        if checkpoint is not None:
            resume(self, checkpoint)
        self.latest = snapshot(self)

    def _build(self, device: torch.device) -> None:
        """Make everything that lives on `device`, from the seed."""
        self.device = device
        self.generator = torch.Generator().manual_seed(self.config.seed)
        self.model = LanguageModel(self.config, len(self.vocab), generator=self.generator, device=device)
        self.optimizer = OPTIMIZERS[self.config.optimizer](self.model.parameters(), lr=self.config.learning_rate)
        self.learn = make_step(self.model, self.optimizer)
        self.carried: State | None = None

    def _blame_device(self, error: Exception) -> None:
        """Note what is wrong with the device; raise `error` again if it is not the device's, or not its first."""
        trouble = classify_device_error(error, self.device)
        if self.device_trouble or not trouble:
            raise error
        log.warning(line("device_trouble", trouble=trouble, error=type(error).__name__, so="training on the CPU"))
        self.device_trouble = trouble

    def _go_back(self) -> None:
        """To the last whole epoch."""
        try:
            restore(self, self.latest)
        except DEVICE_ERRORS as error:
            self._leave_device(error)

    def _leave_device(self, error: Exception) -> None:
        """Go back to the last whole epoch, on the CPU; re-raise `error` unless the device caused it."""
        self._blame_device(error)
        self._build(torch.device("cpu"))
        restore(self, self.latest)

    def extend(self, epochs: int, from_here: bool | None = None) -> None:
        """Let a run that has ended or was stopped go on for `epochs` more, when `events` is called again.

        A run that is training ends that much later than planned. `from_here` says which of the two is meant. A target
        that was set is forgotten.
        """
        from_here = not self._training if from_here is None else from_here
        self.config = extended(self.config, self.epoch if from_here else self.config.epochs, epochs)

    def change(self, learning_rate: float) -> tuple[int, int]:
        """Use another learning rate from the next minibatch on; return that one's epoch and step, from 1.

        Raises InvalidInput.
        """
        self.config = replace(self.config, learning_rate=learning_rate)
        return self.epoch + 1, self._step + 1 if self._training and self.within_epoch else 1

    def events(self) -> Iterator[Event]:
        """Train, one event at a time, until the planned epochs are done, the target is reached or it diverges.

        Called again after it was closed in the middle of an epoch, it begins that epoch anew.
        """
        if self.within_epoch:
            self._go_back()
        self._training = True
        try:
            yield from self._epochs()
        finally:
            self._training = False

    def _epochs(self) -> Iterator[Event]:
        yield self._started()
        reached = self._reached_target()
        while self.epoch < self.config.epochs and not reached:
            try:
                epoch = yield from self._train_epoch()
                self._remember(epoch)
            except NotFinite:
                failed = (self.epoch + 1, self._step)
                self._go_back()
                yield Diverged(*failed, kept_epoch=self.epoch)
                return
            except DEVICE_ERRORS as error:
                self._leave_device(error)
                yield self._started()
                continue
            yield epoch
            reached = self._reached_target()
        yield Finished(self.epoch, reached, sum(row["seconds"] for row in self.history))

    def _remember(self, epoch: Epoch) -> None:
        """A whole epoch is done. Only the newest songs stay in the history: a checkpoint does not grow with them."""
        self.epoch += 1
        self.history.append(epoch.to_dict())
        sung = [number for number, row in enumerate(self.history) if row["samples"]]
        for number in sung[:-KEPT_SONGS]:  # a new row, for the old one belongs to earlier checkpoints, too
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
            **baselines(self.corpus),
            characters_taken=len(ids) + len(self.corpus.held_out_ids),
            characters_total=self.corpus.text_tokens,
            device=describe_device(self.device),
            device_trouble=self.device_trouble,
        )

    def _reached_target(self) -> bool:
        target = self.config.target_perplexity
        last = self.history[-1]["perplexity"] if self.history else None
        return target is not None and last is not None and last <= target

    def _train_epoch(self) -> Work[Epoch]:
        """Yield a Step per minibatch, then Evaluating many times; return the Epoch."""
        total_nll, tokens, seconds, norms, clipped = 0.0, 0, 0.0, 0.0, 0
        limit = self.config.grad_clip or float("inf")
        self.model.train()
        self.within_epoch = True
        if self.config.state != "carried-across-epochs":
            self.carried = None
        began = time.perf_counter()
        for step, (x, y) in enumerate(self._batches(), start=1):  # x, y (B, T)
            self._step = step
            self.optimizer.param_groups[0]["lr"] = self.config.learning_rate  # somebody may have changed it
            nll, norm = self._train_step(x, y, limit)
            seconds += time.perf_counter() - began
            total_nll, tokens = total_nll + nll * y.numel(), tokens + y.numel()
            norms, clipped = norms + norm, clipped + (norm > limit)
            # A random offset may leave room for one minibatch more than `steps`.
            yield Step(self.epoch + 1, step, max(step, self.steps), perplexity(nll, 1), norm)
            began = time.perf_counter()
        if not all(parameter.isfinite().all() for parameter in self.model.parameters()):
            raise NotFinite  # by the last update: no further loss has told of it
        return Epoch(
            epoch=self.epoch + 1,
            perplexity=perplexity(total_nll, tokens),
            held_out_perplexity=(yield from self._held_out()),
            tokens_per_second=tokens / seconds,
            seconds=seconds,
            grad_norm=norms / step,
            clipped=clipped / step,
            samples=(yield from self._samples()),
        )

    def _batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        c, ids = self.config, self.corpus.train_ids.to(self.device)
        draw = random_batches if c.sampling == "random" else sequential_batches
        return draw(ids, c.batch_size, c.num_steps, generator=self.generator, random_offset=c.random_offset)

    def _train_step(self, x: Tensor, y: Tensor, limit: float) -> tuple[float, float]:
        """One minibatch, x and y (B, T): its mean NLL in nats and its gradient's norm. Raises NotFinite."""
        if self.config.sampling == "random" or self.config.state == "reset":
            self.carried = None
        nll, norm, self.carried = self.learn(x, y, self.carried, limit)
        if not (nll < MAX_EXPONENT and math.isfinite(norm)):
            raise NotFinite
        return nll, norm

    def held_out_perplexity(self) -> float | None:
        """Perplexity on the held-out text; None where there is none."""
        return drained(self._held_out())

    def sing(self, prefix: str) -> str:
        """`prefix`, as far as the vocabulary has it, and its greedy continuation."""
        return drained(sing(self.model, self.vocab, [prefix], self.config.sample_length, self.epoch + 1))[0]

    def _held_out(self) -> Work[float | None]:
        return held_out(self.model, self.corpus.held_out_ids.to(self.device), self.config, self.epoch + 1)

    def _samples(self) -> Work[tuple[str, ...]]:
        c, epoch = self.config, self.epoch + 1
        if c.sample_every is None or (epoch % c.sample_every and epoch != c.epochs):
            return ()
        can_read = any(fit_prefix(prefix, self.vocab).text for prefix in c.sample_prefixes)
        prefixes = c.sample_prefixes if can_read else self.prefixes
        return (yield from sing(self.model, self.vocab, prefixes, c.sample_length, epoch))


def extended(config: Config, planned: int, epochs: int) -> Config:
    """`config` for `epochs` more than `planned`, without the target that it had."""
    more = Integer(1, 100_000).check("epochs", epochs)
    return replace(config, epochs=planned + more, target_perplexity=None)
