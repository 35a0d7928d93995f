"""Train one epoch: its minibatches, then held-out text and samples; in a long epoch these also in between."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Protocol

import torch
from torch import Tensor

from rnnlab import limits
from rnnlab.checkpoints import PartialEpoch
from rnnlab.experiments.divergence import NotFinite
from rnnlab.experiments.event import Event, plain
from rnnlab.experiments.language_model.checkpointing import restore_state
from rnnlab.experiments.language_model.config import Config
from rnnlab.experiments.language_model.copying import LearnedText, copied_of_samples
from rnnlab.experiments.language_model.device_fallback import DeviceFallback
from rnnlab.experiments.language_model.epoch_so_far import EpochSoFar
from rnnlab.experiments.language_model.evaluation import Work, epoch_samples, held_out, readable_prefixes, sample_texts
from rnnlab.experiments.language_model.events import Epoch, Progress, Step
from rnnlab.experiments.language_model.train_step import TrainingStep
from rnnlab.experiments.language_model.undetached import UndetachedStep
from rnnlab.experiments.schedules import reductions, scheduled_rate
from rnnlab.perplexity import MAX_EXPONENT, perplexity
from rnnlab.recurrent import State
from rnnlab.text import random_batches, sequential_batches


class Recorder(Protocol):
    """Notes what a run does, or gives it the settings of another; `recording.recorder` and `recording.replay`."""

    def begin(self, run: Any) -> None:
        """Prepare for the run's next minibatch."""

    def settings(self, epoch: int, step: int, config: Config) -> Config:
        """Return the settings to train that minibatch with, both from 1."""

    def record(self, run: Any, event: Event) -> Work[Event | None]:
        """Return an event to yield after the epoch of which `event` tells, if there is one."""


class EpochTraining(DeviceFallback):
    """A run that can train its next epoch."""

    config: Config
    prefixes: tuple[str, ...]  # of samples, unless the configuration has others
    steps: int  # minibatches per epoch
    learn: TrainingStep
    recorder: Recorder | None
    partial: PartialEpoch | None  # the next epoch as far as an interrupted run has trained it
    so_far: EpochSoFar  # the epoch in progress
    _step: int  # the last minibatch of the epoch
    carried: State | None

    def _train_epoch(self) -> Work[Epoch]:
        """Yield a Step per minibatch, then Evaluating many times; return the Epoch. Raises NotFinite.

        A long epoch also yields Progress. The minibatches of `partial` are not trained again.
        """
        limit, reduced = self.config.grad_clip or math.inf, reductions(self.config, self.epoch + 1, self.history)
        self.model.train()
        self.within_epoch = True
        if self.config.state != "carried-across-epochs":
            self.carried = None
        undetached = self.learn if isinstance(self.learn, UndetachedStep) else None
        if undetached is not None:
            undetached.begin_epoch()
        batches = self._batches()  # draws from the generator as at the beginning of the epoch
        self.so_far = so_far = EpochSoFar(self.partial)
        if self.partial is not None:
            restore_state(self, self.partial.weights, self.partial.training)
        for step, (x, y) in enumerate(batches, start=1):  # x, y (B, T)
            self._step = step
            if self.recorder is not None:
                config = self.config
                wanted = self.recorder.settings(self.epoch + 1, step, config)
                if wanted is not config:  # of a replay; `change` may have set another one meanwhile
                    self.config = wanted
            done = self.epoch + min((step - 1) / self.steps, 1)  # `change` and `extend` may have set the config
            self.optimizer.param_groups[0]["lr"] = scheduled_rate(self.config, reduced, done)
            known = so_far.next_known()
            if known is not None and undetached is not None:
                undetached.skip(x)
            nll, norm = known or self._train_step(x, y, limit)
            so_far.add(nll, norm, y.numel())
            # A random offset may leave room for one minibatch more than `steps`.
            yield Step(self.epoch + 1, step, max(step, self.steps), perplexity(nll, 1), norm)
            if self._is_progress_due(step, y.numel()):
                yield (yield from self._progress(so_far))
        if not all(parameter.isfinite().all() for parameter in self.model.parameters()):
            raise NotFinite  # because of the last update, which no loss has shown yet
        held_out_perplexity = yield from self._held_out()
        samples = yield from self._samples()
        return Epoch(
            epoch=self.epoch + 1,
            perplexity=perplexity(so_far.total_nll, so_far.tokens),
            held_out_perplexity=held_out_perplexity,
            tokens_per_second=so_far.tokens / so_far.seconds,
            seconds=so_far.seconds,
            grad_norm=so_far.total_norm / step,
            clipped=so_far.clipped / step,
            samples=samples,
            learning_rate=self.optimizer.param_groups[0]["lr"],
            **self._copied(samples),
        )

    def _batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the epoch's minibatches: characters and the ones that follow them, (B, T) each."""
        c, ids = self.config, self.corpus.train_ids.to(self.device)
        if c.shuffle_text:
            ids = ids[torch.randperm(len(ids), generator=self.generator).to(self.device)]
        draw = random_batches if c.sampling == "random" else sequential_batches
        return draw(ids, c.batch_size, c.num_steps, generator=self.generator, random_offset=c.random_offset)

    def _train_step(self, x: Tensor, y: Tensor, limit: float) -> tuple[float, float]:
        """Train on x, y (B, T); return mean NLL in nats and gradient norm. Raises NotFinite."""
        began = time.perf_counter()
        if self.config.sampling == "random" or self.config.state == "reset":
            self.carried = None
        nll, norm, over, self.carried = self.learn(x, y, self.carried, limit)
        if not (nll < MAX_EXPONENT and math.isfinite(norm)):
            raise NotFinite
        self.so_far.clipped += over
        self.so_far.seconds += time.perf_counter() - began
        return nll, norm

    def _is_progress_due(self, step: int, tokens: int) -> bool:
        """Return whether the epoch is evaluated after this minibatch of `tokens` characters."""
        if self.config.progress_every is None or step >= self.steps:
            return False
        every = max(self.config.progress_every, math.ceil(self.steps * tokens / limits.MAX_INTERIM_EVALUATIONS))
        return step * tokens // every > (step - 1) * tokens // every

    def _progress(self, so_far: EpochSoFar) -> Work[Progress]:
        """Return the evaluation of the epoch so far, from `partial` if it is known."""
        row, ids = so_far.known_progress(), self.corpus.held_out_ids[: limits.MAX_INTERIM_TOKENS]
        if row is None:
            found = yield from held_out(self.model, ids.to(self.device), self.config, self.epoch + 1)
            samples: Sequence[str] = ()
            if self.config.sample_every is not None:
                prefixes = readable_prefixes(self.config, self.vocab, self.prefixes)
                length = self.config.sample_length
                samples = yield from sample_texts(self.model, self.vocab, prefixes, length, self.epoch + 1)
            row = {"step": len(so_far), "held_out_perplexity": plain(found), "samples": list(samples)}
            so_far.progress.append(row)
        found = row["held_out_perplexity"]
        return Progress(
            epoch=self.epoch + 1,
            step=row["step"],
            steps=self.steps,
            perplexity=perplexity(so_far.total_nll, so_far.tokens),
            held_out_perplexity=math.inf if found is None and len(ids) > 1 else found,
            samples=tuple(row["samples"]),
            **self._copied_meanwhile(row["samples"]),
        )

    def _held_out(self) -> Work[float | None]:
        return held_out(self.model, self.corpus.held_out_ids.to(self.device), self.config, self.epoch + 1)

    def _samples(self) -> Work[tuple[str, ...]]:
        """Return samples, if this epoch is sampled."""
        return epoch_samples(self.model, self.vocab, self.config, self.prefixes, self.epoch + 1)

    @cached_property
    def learned(self) -> LearnedText:
        """The training text, in which samples are looked up."""
        return LearnedText(self.corpus)

    def _copied_meanwhile(self, samples: Sequence[str]) -> dict[str, Any]:
        """Return the fields of `Progress` about copying; of a text in which looking up would take too long, none."""
        is_quick = len(self.learned.text) <= limits.MAX_INTERIM_SEARCHED_CHARACTERS
        return self._copied(samples) if is_quick else {}

    def _copied(self, samples: Sequence[str]) -> dict[str, Any]:
        """Return the fields of `Epoch` about copying, of samples."""
        if not samples:
            return {}
        return copied_of_samples(self.learned, samples, readable_prefixes(self.config, self.vocab, self.prefixes))
