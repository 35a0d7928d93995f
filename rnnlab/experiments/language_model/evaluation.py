"""What is done after an epoch's minibatches: reading the held-out text, and singing.

Both take a while where there is much to read or to sing, so they are generators that yield Evaluating after each part
and each character, which is a place to stop, and return what they have found. `drained` is for whoever only wants that.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from rnnlab.experiments.event import Event
from rnnlab.experiments.language_model.config import Config
from rnnlab.experiments.language_model.events import Evaluating
from rnnlab.generation import Generation, fit_prefix, generate
from rnnlab.models import LanguageModel
from rnnlab.perplexity import perplexity
from rnnlab.text import Vocab

Result = TypeVar("Result")
Work = Generator[Event, None, Result]


@torch.no_grad()
def held_out(model: LanguageModel, ids: Tensor, config: Config, epoch: int) -> Work[float | None]:
    """Perplexity on the held-out text, read in rows of many minibatches' length with the state carried on."""
    if len(ids) < 2:
        return None
    rows = max(1, min(config.batch_size, len(ids) // (8 * config.num_steps)))
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


def sing(model: LanguageModel, vocab: Vocab, prefixes: Sequence[str], length: int, epoch: int) -> Work[tuple[str, ...]]:
    """Each prefix, as far as the vocabulary has it, and its greedy continuation."""
    songs = []
    for prefix in prefixes:
        song = fit_prefix(prefix, vocab).text
        how = Generation(prefix=prefix, length=length, temperature=0.0)
        for choice in generate(model, vocab, how, alternatives=0):
            song += choice.character
            yield Evaluating(epoch)
        songs.append(song)
    return tuple(songs)


def drained(work: Work[Result]) -> Result:
    """What it returns, without a stop."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value
