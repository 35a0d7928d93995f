"""The events of the language-model experiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnnlab.experiments import event
from rnnlab.experiments.event import Event


@dataclass(frozen=True, kw_only=True)
class NGramPerplexities:
    """Perplexities on training and held-out text by the n-grams of the training text (see `baselines`)."""

    unigram_held_out_perplexity: float | None
    ngram2_perplexity: float | None
    ngram3_perplexity: float | None
    ngram4_perplexity: float | None
    ngram5_perplexity: float | None
    ngram6_perplexity: float | None = None  # None also in what was saved by a version without this field
    ngram7_perplexity: float | None = None
    ngram2_held_out_perplexity: float | None
    ngram3_held_out_perplexity: float | None
    ngram4_held_out_perplexity: float | None
    ngram5_held_out_perplexity: float | None
    ngram6_held_out_perplexity: float | None = None
    ngram7_held_out_perplexity: float | None = None
    counted_tokens: int  # the first of the training text, which the n-grams have counted; 0: not counted yet


@dataclass(frozen=True)
class Started(event.Started, NGramPerplexities):
    """The run's constants, and the perplexities of the baselines.

    Those of the n-grams are None while a long text is being counted, with `counted_tokens` 0; `Baselines` follows.
    """

    first_epoch: int
    steps: int  # minibatches per epoch
    vocab_size: int
    train_tokens: int
    held_out_tokens: int
    uniform_perplexity: float
    unigram_perplexity: float
    device: str
    characters_taken: int = 0  # of the text, for training or held out; 0: saved by a version without this field
    characters_total: int = 0  # of the whole text
    entropy_perplexity: float | None = None  # the lowest possible on new text; None: the entropy is not known
    is_tutorial_lyrics: bool = False  # whether the text is that of the published results
    device_trouble: str = ""  # "memory" or "lost": why the run trains on the CPU although there is a GPU


@dataclass(frozen=True)
class Untrained(Event):
    """The model before its first step: an epoch 0 that has samples only. A run that takes no samples has none."""

    epoch: int  # 0
    samples: tuple[str, ...]  # prefix and continuation
    missing: tuple[str, ...]  # characters of the prefixes that the text lacks, so that samples begin without them
    copied_share: float | None = None  # this and the next two are those of Epoch
    longest_copied: int = 0
    copied_runs: tuple[tuple[tuple[int, int], ...], ...] = ()


@dataclass(frozen=True)
class Baselines(Event, NGramPerplexities):
    """The n-grams of a long text have been counted, in the background.

    It comes before whichever event is next when the counting ends, so its place differs from run to run; a run that
    ends sooner has none. All other events are the same for the same configuration and seed.
    """


@dataclass(frozen=True)
class Step(Event):
    """One minibatch: the smallest unit of a run. A run that is closed stops within one."""

    epoch: int  # the epoch that it belongs to, from 1
    step: int  # from 1 to `steps`
    steps: int
    perplexity: float  # of this minibatch, before its update
    grad_norm: float  # before clipping


@dataclass(frozen=True)
class Evaluating(Event):
    """The epoch is being evaluated or sampled, which takes a while: a moment at which the run can stop."""

    epoch: int


@dataclass(frozen=True)
class Progress(Event):
    """An interim evaluation within a long epoch, every `progress_every` characters."""

    epoch: int  # the epoch in progress, from 1
    step: int  # the last minibatch, from 1 to `steps`
    steps: int
    perplexity: float  # over the epoch's minibatches so far
    held_out_perplexity: float | None  # on the first characters of the held-out text; None without held-out text
    samples: tuple[str, ...]  # as in Epoch; empty in a run without samples
    copied_share: float | None = None  # this and the next two are those of Epoch; not of a very long text
    longest_copied: int = 0
    copied_runs: tuple[tuple[tuple[int, int], ...], ...] = ()


@dataclass(frozen=True)
class Epoch(Event):
    """One pass over the text."""

    epoch: int  # from 1
    perplexity: float  # over the epoch's minibatches, each before its update
    held_out_perplexity: float | None  # after the epoch; None without held-out text
    tokens_per_second: float
    seconds: float  # of training alone: no evaluation, no samples
    grad_norm: float  # mean over the minibatches, before clipping
    clipped: float  # share of the minibatches whose gradient was clipped
    samples: tuple[str, ...]  # prefix and continuation; empty in epochs that are not sampled
    learning_rate: float | None = None  # of the last minibatch; None: saved by a version without this field
    # What of the samples stands word for word in the training text, in runs of `min_copied_length` and more; None, 0
    # and empty without samples, and in what was saved by a version without these fields.
    copied_share: float | None = None  # of the characters of all samples, without the prefixes
    longest_copied: int = 0  # characters of the longest run; it may begin in the prefix
    copied_runs: tuple[tuple[tuple[int, int], ...], ...] = ()  # of each sample its runs: characters [start, end)


@dataclass(frozen=True)
class Recorded(Event):
    """An epoch is being recorded (`recording`); it follows the epoch's own event, of epoch 0 `Untrained`."""

    epoch: int


@dataclass(frozen=True)
class Finished(Event):
    """The run is over: all epochs done, the target reached, or no progress on held-out text."""

    epoch: int
    reached_target: bool
    seconds: float  # of training, all epochs together
    test_perplexity: float | None = None  # of the kept model; None without a test text
    stopped_early: bool = False  # whether the held-out perplexity has not improved for `patience` epochs
    kept_epoch: int | None = None  # whose weights are used; None: saved by a version without this field


def without_samples(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of an epoch without its samples and the places in them; the copied share stays."""
    return {**row, "samples": [], "copied_runs": []}
