"""Evaluate a model after an epoch or within it: held-out perplexity and samples.

Both may take a while, so they are generators that yield Evaluating after each part of the text or each token, where
a run can stop, and return their result. `drained` runs one to its end.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Protocol, TypeVar

import torch
from torch import Tensor

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.event import Event
from rnnlab.experiments.language_model.config import Config
from rnnlab.experiments.language_model.copying import LearnedText, copied_of_samples
from rnnlab.experiments.language_model.events import Evaluating, Untrained
from rnnlab.generation import Generation, fit_prefix, generate
from rnnlab.models import LanguageModel
from rnnlab.perplexity import perplexity
from rnnlab.resources import GENERATED_CORPORA
from rnnlab.text import Vocab

Result = TypeVar("Result")
Work = Generator[Event, None, Result]
Part = TypeVar("Part")


class Untouched(Protocol):
    """A run before its first step, as a Trainer has it."""

    config: Config
    model: LanguageModel
    vocab: Vocab
    prefixes: tuple[str, ...]  # used when `config.sample_prefixes` is empty or has no character of the vocabulary

    @property
    def learned(self) -> LearnedText: ...


@torch.no_grad()
def held_out(model: LanguageModel, ids: Tensor, config: Config, epoch: int) -> Work[float | None]:
    """Return the perplexity on held-out tokens `ids` (N,), None if there are fewer than two.

    The text is read in rows of many minibatches' length, with the state carried on.
    """
    if len(ids) < 2:
        return None
    rows = held_out_rows(len(ids), config)
    length = (len(ids) - 1) // rows
    x, y = ids[: rows * length].view(rows, length), ids[1 : rows * length + 1].view(rows, length)
    state, total_nll = None, 0.0
    was_training = model.training
    model.eval()
    try:
        for t in range(0, length, config.num_steps):
            part = slice(t, t + config.num_steps)
            nll, state = model.mean_nll(x[:, part], y[:, part], state)
            total_nll += float(nll) * y[:, part].numel()
            yield Evaluating(epoch)
    finally:
        model.train(was_training)
    return perplexity(total_nll, rows * length)


def tested(checkpoint: Checkpoint, ids: Tensor, config: Config) -> Work[float | None]:
    """Return the perplexity of the kept model on test characters `ids` (N,), as `held_out` does; on the CPU.

    None if there are fewer than two.
    """
    if len(ids) < 2:
        return None
    return (yield from held_out(checkpoint.build_model(), ids, config, checkpoint.epoch))


def held_out_rows(tokens: int, config: Config) -> int:
    """Return the number of rows side by side in which `tokens` held-out ones are read.

    A generated text is one row: at the beginning of another, in the middle of a line, nobody could know what is open.
    """
    if config.corpus in GENERATED_CORPORA:
        return 1
    return max(1, min(config.batch_size, tokens // (8 * config.num_steps)))


def sample_texts(
    model: LanguageModel, vocab: Vocab, prefixes: Sequence[str], length: int, epoch: int
) -> Work[tuple[str, ...]]:
    """Return each prefix, as far as the vocabulary has it, continued greedily by `length` tokens."""
    samples = []
    for prefix in prefixes:
        sample = fit_prefix(prefix, vocab).text
        settings = Generation(prefix=prefix, length=length, temperature=0.0)
        for choice in generate(model, vocab, settings, alternatives=0):
            sample += choice.text
            yield Evaluating(epoch)
        samples.append(sample)
    return tuple(samples)


def epoch_samples(
    model: LanguageModel, vocab: Vocab, config: Config, prefixes: Sequence[str], epoch: int
) -> Work[tuple[str, ...]]:
    """Return the samples of an epoch; none if it is not sampled.

    prefixes: used when `config.sample_prefixes` is empty or has nothing of the vocabulary.
    """
    if config.sample_every is None or (epoch % config.sample_every and epoch != config.epochs):
        return ()
    chosen = readable_prefixes(config, vocab, prefixes)
    return (yield from sample_texts(model, vocab, chosen, config.sample_length, epoch))


def readable_prefixes(config: Config, vocab: Vocab, prefixes: Sequence[str]) -> Sequence[str]:
    """Return `config.sample_prefixes`, or `prefixes` if no character of those is in the vocabulary."""
    can_read = any(fit_prefix(prefix, vocab).text for prefix in config.sample_prefixes)
    return config.sample_prefixes if can_read else prefixes


def before_training(run: Untouched) -> Work[Untrained]:
    """Return what the untrained model of a run writes, and which characters of the prefixes its text lacks."""
    config, chosen = run.config, readable_prefixes(run.config, run.vocab, run.prefixes)
    samples = yield from sample_texts(run.model, run.vocab, chosen, config.sample_length, epoch=1)
    missing = [c for prefix in config.sample_prefixes or chosen for c in fit_prefix(prefix, run.vocab).missing]
    return Untrained(0, samples, tuple(dict.fromkeys(missing)), **copied_of_samples(run.learned, samples, chosen))


def untrained(run: Untouched) -> Work[Untrained]:
    """Return what `before_training` does; a run that takes no samples has no samples in it."""
    return Untrained(0, (), ()) if run.config.sample_every is None else (yield from before_training(run))


def drained(work: Generator[Part, None, Result]) -> Result:
    """Run `work` to its end and return its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value
