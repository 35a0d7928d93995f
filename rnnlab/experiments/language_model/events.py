"""What the language-model experiment tells as it runs."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab.experiments.event import Event


@dataclass(frozen=True)
class Started(Event):
    """The run's constants, and the perplexities of what needs no network (see `baselines`)."""

    first_epoch: int
    steps: int  # minibatches per epoch
    vocab_size: int
    parameters: int
    train_tokens: int
    held_out_tokens: int
    uniform_perplexity: float
    unigram_perplexity: float
    unigram_held_out_perplexity: float | None
    ngram2_perplexity: float | None
    ngram3_perplexity: float | None
    ngram4_perplexity: float | None
    ngram5_perplexity: float | None
    ngram2_held_out_perplexity: float | None
    ngram3_held_out_perplexity: float | None
    ngram4_held_out_perplexity: float | None
    ngram5_held_out_perplexity: float | None
    counted_tokens: int  # that the n-grams know: of a long training text, its first
    device: str
    characters_taken: int = 0  # the first of the text that are learned or held out; 0: saved by a version without it
    characters_total: int = 0  # of the whole text
    device_trouble: str = ""  # "memory" or "lost": why it trains on the CPU though a GPU was to be had


@dataclass(frozen=True)
class Step(Event):
    """One minibatch: the smallest unit of a run, and so the longest that closing it can take."""

    epoch: int  # the epoch that it belongs to, from 1
    step: int  # from 1 to `steps`
    steps: int
    perplexity: float  # of this minibatch, before its update
    grad_norm: float  # before clipping


@dataclass(frozen=True)
class Evaluating(Event):
    """The minibatches of an epoch are done, and it is being evaluated or sung, which takes a while: a place to stop."""

    epoch: int


@dataclass(frozen=True)
class Epoch(Event):
    """One pass over the text."""

    epoch: int  # from 1
    perplexity: float  # over the epoch's minibatches, each before its update
    held_out_perplexity: float | None  # after the epoch; None without held-out text
    tokens_per_second: float
    seconds: float  # of training alone: no evaluation, no samples
    grad_norm: float  # mean over the minibatches, before clipping
    clipped: float  # share of the minibatches whose gradient was shortened
    samples: tuple[str, ...]  # prefix and continuation; empty in epochs that are not sampled


@dataclass(frozen=True)
class Diverged(Event):
    """The loss stopped being finite. The weights are again those after the last finite epoch."""

    epoch: int
    step: int
    kept_epoch: int  # the epoch whose weights were kept; 0 is the initial ones


@dataclass(frozen=True)
class Finished(Event):
    """The run is over: all epochs done, or the target reached."""

    epoch: int
    reached_target: bool
    seconds: float  # of training, all epochs together
