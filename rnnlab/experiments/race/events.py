"""The events of a race. Seconds are those of the processor, in the minibatches of that lane alone."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab.experiments import event
from rnnlab.experiments.event import Event


@dataclass(frozen=True)
class LaneFacts:
    """A lane as it starts."""

    name: str
    model: str
    parameters: int  # numbers that training changes


@dataclass(frozen=True)
class Started(event.Started):
    """The constants of the race, and what the lanes must beat. `parameters` are those of the largest lane."""

    lanes: tuple[LaneFacts, ...]
    steps: int  # minibatches per epoch, the same ones in every lane
    epochs: int
    train_tokens: int  # characters, or words with that tokenizer
    held_out_tokens: int
    vocab_size: int
    uniform_perplexity: float
    unigram_perplexity: float
    ngram5_perplexity: float | None  # None while a long text is being counted
    marks: tuple[float, ...]  # perplexities at which the time is taken; the finish line is the last
    target_perplexity: float | None
    is_parity: bool  # two lanes that compute the same numbers in two ways: Difference follows each minibatch
    same_weights: bool  # all lanes begin with the same numbers
    clock: str  # "processor", or on a GPU "elapsed": then seconds are those that passed in the lane's minibatches
    device: str
    entropy_perplexity: float | None = None  # the lowest possible on new text; None: the text's entropy is not known


@dataclass(frozen=True)
class Line(Event):
    """What a lane writes before its first minibatch."""

    lane: str
    epoch: int  # 0
    sample: str  # a prefix and its continuation


@dataclass(frozen=True)
class Step(Event):
    """One minibatch of one lane."""

    lane: str
    epoch: int  # the epoch that it belongs to, from 1
    step: int  # from 1 to `steps`
    steps: int
    perplexity: float  # of this minibatch, before its update
    seconds: float  # of the lane so far
    characters: int  # that the lane has read so far


@dataclass(frozen=True)
class Difference(Event):
    """How far the last two minibatches are apart, in a race of two lanes that compute the same numbers."""

    lane: str  # the second one
    epoch: int
    step: int
    steps: int
    perplexity: float  # of the second lane's minibatch
    seconds: float  # of the slower lane so far
    characters: int
    difference: float  # p₂ / p₁ − 1


@dataclass(frozen=True)
class Epoch(Event):
    """One lane has read the whole text once more."""

    lane: str
    epoch: int
    perplexity: float
    held_out_perplexity: float | None  # None without held-out text
    seconds: float
    characters: int
    sample: str  # a prefix and its continuation; empty in a race without samples


@dataclass(frozen=True)
class Split(Event):
    """A lane has passed a mark, at the end of an epoch; at the last mark, the finish line, it ends."""

    lane: str
    mark: float  # a perplexity
    place: int  # from 1, by epochs: lanes that pass it in the same epoch share a place
    epoch: int
    perplexity: float  # of that epoch
    seconds: float
    characters: int


@dataclass(frozen=True)
class Retired(Event):
    """A lane is out of the race: a loss, a gradient or a weight was no longer finite."""

    lane: str
    epoch: int  # in which that happened
    step: int
    perplexity: float | None  # of its last whole epoch
    seconds: float


@dataclass(frozen=True)
class Result(Event):
    """How a lane has ended."""

    lane: str
    place: int  # from 1: those over the line by epochs, then by perplexity to four digits, then those that have retired
    end: str  # "finish" (over the line), "epochs", "stalled" (its patience has ended) or "retired"
    epoch: int  # whole ones
    perplexity: float | None  # of the last one
    held_out_perplexity: float | None
    seconds: float
    characters: int


@dataclass(frozen=True)
class Finished(Event):
    """The race is over. The first result is the winner's."""

    results: tuple[Result, ...]
