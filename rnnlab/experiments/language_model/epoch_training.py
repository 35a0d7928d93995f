"""Train one epoch: its minibatches, then held-out text and samples."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

from torch import Tensor

from rnnlab.experiments.divergence import NotFinite
from rnnlab.experiments.language_model.device_fallback import DeviceFallback
from rnnlab.experiments.language_model.evaluation import Work, epoch_samples, held_out
from rnnlab.experiments.language_model.events import Epoch, Step
from rnnlab.experiments.language_model.train_step import TrainingStep
from rnnlab.perplexity import MAX_EXPONENT, perplexity
from rnnlab.recurrent import State
from rnnlab.text import random_batches, sequential_batches


class EpochTraining(DeviceFallback):
    """A run that can train its next epoch."""

    prefixes: tuple[str, ...]  # of samples, unless the configuration has others
    steps: int  # minibatches per epoch
    learn: TrainingStep
    _step: int  # the last minibatch of the epoch
    carried: State | None

    def _train_epoch(self) -> Work[Epoch]:
        """Yield a Step per minibatch, then Evaluating many times; return the Epoch. Raises NotFinite."""
        total_nll, tokens, seconds, norms, clipped = 0.0, 0, 0.0, 0.0, 0
        limit = self.config.grad_clip or float("inf")
        self.model.train()
        self.within_epoch = True
        if self.config.state != "carried-across-epochs":
            self.carried = None
        began = time.perf_counter()
        for step, (x, y) in enumerate(self._batches(), start=1):  # x, y (B, T)
            self._step = step
            self.optimizer.param_groups[0]["lr"] = self.config.learning_rate  # `change` may have set it
            nll, norm = self._train_step(x, y, limit)
            seconds += time.perf_counter() - began
            total_nll, tokens = total_nll + nll * y.numel(), tokens + y.numel()
            norms, clipped = norms + norm, clipped + (norm > limit)
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
            samples=(yield from self._samples()),
        )

    def _batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the epoch's minibatches: characters and the ones that follow them, (B, T) each."""
        c, ids = self.config, self.corpus.train_ids.to(self.device)
        draw = random_batches if c.sampling == "random" else sequential_batches
        return draw(ids, c.batch_size, c.num_steps, generator=self.generator, random_offset=c.random_offset)

    def _train_step(self, x: Tensor, y: Tensor, limit: float) -> tuple[float, float]:
        """Train on x, y (B, T); return mean NLL in nats and gradient norm. Raises NotFinite."""
        if self.config.sampling == "random" or self.config.state == "reset":
            self.carried = None
        nll, norm, self.carried = self.learn(x, y, self.carried, limit)
        if not (nll < MAX_EXPONENT and math.isfinite(norm)):
            raise NotFinite
        return nll, norm

    def _held_out(self) -> Work[float | None]:
        return held_out(self.model, self.corpus.held_out_ids.to(self.device), self.config, self.epoch + 1)

    def _samples(self) -> Work[tuple[str, ...]]:
        """Return samples, if this epoch is sampled."""
        return epoch_samples(self.model, self.vocab, self.config, self.prefixes, self.epoch + 1)
