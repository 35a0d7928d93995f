"""The training loop. Every minibatch does the same five things: foretell, compare, differentiate back through
at most `num_steps` characters (truncated BPTT), clip the gradient, step.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.checkpoints import Checkpoint
from rnnlab.devices import choose_device, describe_device
from rnnlab.experiments.event import Event
from rnnlab.experiments.language_model.baselines import baselines
from rnnlab.experiments.language_model.config import Config
from rnnlab.experiments.language_model.events import Diverged, Epoch, Finished, Started, Step
from rnnlab.experiments.language_model.resuming import restore, resume, snapshot
from rnnlab.generation import Generation, fit_prefix, generate
from rnnlab.models import LanguageModel, mean_nll
from rnnlab.perplexity import LARGEST_EXPONENT, perplexity
from rnnlab.recurrent import detach_state
from rnnlab.resources import PREFIXES, shipped_corpus
from rnnlab.text import make_corpus, number_of_batches, random_batches, sequential_batches
from rnnlab.validation import Integer

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
        self.config, self.device = config, choose_device(device)
        text = shipped_corpus(config.corpus) if text is None else text
        self.corpus = make_corpus(
            text,
            tokenizer=config.tokenizer,
            max_tokens=config.max_tokens,
            held_out=config.held_out,
        )
        self.vocab = self.corpus.vocab
        self.prefixes = PREFIXES.get(config.corpus) or (text.split()[0][:8],)  # a text of one's own: how it begins
        self.steps = number_of_batches(
            len(self.corpus.train_ids), config.batch_size, config.num_steps, config.sampling, config.random_offset
        )
        self.generator = torch.Generator().manual_seed(config.seed)
        self.model = LanguageModel(config, len(self.vocab), generator=self.generator, device=self.device)
        self.optimizer = make_optimizer(config, self.model)
        self.carried: tuple[Tensor, ...] | Tensor | None = None
        self.history: list[dict[str, Any]] = []
        self.epoch = 0
        self._training = self.within_epoch = False
        if checkpoint is not None:
            resume(self, checkpoint)
        self.latest = snapshot(self)

    def extend(self, epochs: int) -> None:
        """Let a run that has ended or was stopped go on for `epochs` more, when `events` is called again.

        A run that is training ends that much later than planned. A target that was set is forgotten.
        """
        more = Integer(1, 100_000).check("epochs", epochs)
        planned = self.config.epochs if self._training else self.epoch
        self.config = replace(self.config, epochs=planned + more, target_perplexity=None)

    def events(self) -> Iterator[Event]:
        """Train, one event at a time, until the planned epochs are done, the target is reached or it diverges.

        Called again after it was closed in the middle of an epoch, it begins that epoch anew.
        """
        if self.within_epoch:
            restore(self, self.latest)
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
            except NotFinite:
                failed = (self.epoch + 1, self._step)
                restore(self, self.latest)
                yield Diverged(*failed, kept_epoch=self.epoch)
                return
            self.epoch += 1
            self._remember(epoch)
            self.latest = snapshot(self)
            self.within_epoch = False
            yield epoch
            reached = self._reached_target()
        yield Finished(self.epoch, reached, sum(row["seconds"] for row in self.history))

    def _remember(self, epoch: Epoch) -> None:
        """Add a row to the history. Only the newest songs stay in it, so that a checkpoint does not grow with them."""
        self.history.append(epoch.to_dict())
        sung = [number for number, row in enumerate(self.history) if row["samples"]]
        for number in sung[:-KEPT_SONGS]:  # a new row, for the old one belongs to earlier checkpoints, too
            self.history[number] = {**self.history[number], "samples": []}

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
            device=describe_device(self.device),
        )

    def _reached_target(self) -> bool:
        target = self.config.target_perplexity
        last = self.history[-1]["perplexity"] if self.history else None
        return target is not None and last is not None and last <= target

    def _train_epoch(self) -> Iterator[Event]:
        """Yield a Step per minibatch; return the Epoch."""
        total_nll, tokens, seconds, norms, clipped = 0.0, 0, 0.0, 0.0, 0
        limit = self.config.grad_clip or float("inf")
        self.model.train()
        self.within_epoch = True
        if self.config.state != "carried-across-epochs":
            self.carried = None
        began = time.perf_counter()
        for step, (x, y) in enumerate(self._batches(), start=1):  # x, y (B, T)
            self._step = step
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
            held_out_perplexity=self.held_out_perplexity(),
            tokens_per_second=tokens / seconds,
            seconds=seconds,
            grad_norm=norms / step,
            clipped=clipped / step,
            samples=self._samples(),
        )

    def _batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        c, ids = self.config, self.corpus.train_ids.to(self.device)
        draw = random_batches if c.sampling == "random" else sequential_batches
        return draw(ids, c.batch_size, c.num_steps, generator=self.generator, random_offset=c.random_offset)

    def _train_step(self, x: Tensor, y: Tensor, limit: float) -> tuple[float, float]:
        """One minibatch, x and y (B, T): its mean NLL in nats and its gradient's norm. Raises NotFinite."""
        if self.config.sampling == "random" or self.config.state == "reset":
            self.carried = None
        logits, state = self.model(x, self.carried)
        self.carried = detach_state(state)  # the state goes on, the gradient does not
        loss = mean_nll(logits, y)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), limit, foreach=True)
        nll = loss.item()
        if not (nll < LARGEST_EXPONENT and norm.isfinite()):
            raise NotFinite
        self.optimizer.step()
        return nll, float(norm)

    @torch.no_grad()
    def held_out_perplexity(self) -> float | None:
        """Perplexity on the held-out text, read in rows of many minibatches' length with the state carried on."""
        ids, c = self.corpus.held_out_ids.to(self.device), self.config
        if len(ids) < 2:
            return None
        rows = max(1, min(c.batch_size, len(ids) // (8 * c.num_steps)))
        length = (len(ids) - 1) // rows
        x, y = ids[: rows * length].view(rows, length), ids[1 : rows * length + 1].view(rows, length)
        was_training = self.model.training
        self.model.eval()
        state, total_nll = None, 0.0
        for t in range(0, length, c.num_steps):
            part = slice(t, t + c.num_steps)
            logits, state = self.model(x[:, part], state)
            total_nll += float(mean_nll(logits, y[:, part])) * y[:, part].numel()
        self.model.train(was_training)
        return perplexity(total_nll, rows * length)

    def _samples(self) -> tuple[str, ...]:
        c, epoch = self.config, self.epoch + 1
        if c.sample_every is None or (epoch % c.sample_every and epoch != c.epochs):
            return ()
        can_read = any(fit_prefix(prefix, self.vocab).text for prefix in c.sample_prefixes)
        return tuple(self.sing(prefix) for prefix in (c.sample_prefixes if can_read else self.prefixes))

    def sing(self, prefix: str) -> str:
        """`prefix`, as far as the vocabulary has it, and its greedy continuation."""
        how = Generation(prefix=prefix, length=self.config.sample_length, temperature=0.0)
        song = "".join(choice.character for choice in generate(self.model, self.vocab, how, alternatives=0))
        return fit_prefix(prefix, self.vocab).text + song


def make_optimizer(config: Config, model: LanguageModel) -> torch.optim.Optimizer:
    """One fused kernel updates all weights: θ ← θ - η·g (SGD), or Adam (Kingma & Ba 2015, algorithm 1)."""
    if config.optimizer == "sgd":
        return torch.optim.SGD(model.parameters(), lr=config.learning_rate, fused=True)
    return torch.optim.Adam(model.parameters(), lr=config.learning_rate, fused=True)
