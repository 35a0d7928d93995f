"""The events of the tagging experiment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnlab.experiments import event
from rnnlab.experiments.event import Event


@dataclass(frozen=True)
class Started(event.Started):
    """The run's constants. `baseline`: accuracy of the most frequent tag of each word in training."""

    sentences: int  # for training
    words: int
    held_out_sentences: int
    held_out_words: int
    vocab_size: int  # different words, and one entry for all unknown ones if they can be tagged
    character_count: int
    vocabulary: tuple[str, ...]  # the words by their index: the first MAX_SHOWN_INDICES
    tags: tuple[str, ...]
    steps: int  # minibatches per epoch
    baseline: float
    measured_on: str  # what accuracies are of: "held-out", or "training" when nothing is held out
    device: str


@dataclass(frozen=True)
class Scores(Event):
    """The tagger's log p of each tag for each word of a sentence, before, between or after the epochs.

    Of a long sentence there is only the beginning.
    """

    when: str  # "before" or "after" the training, or the argument of `Trainer.scores`
    sentence: int  # 0 is the first that is shown
    tokens: tuple[str, ...]
    gold: tuple[str, ...]
    tags: tuple[str, ...]
    log_probs: np.ndarray  # (T, K): a row per token, a column per tag


@dataclass(frozen=True)
class Step(Event):
    """One minibatch: the smallest unit of a run. A run that is closed stops within one."""

    epoch: int  # the epoch that it belongs to, from 1
    step: int  # from 1 to `steps`
    steps: int
    loss: float  # of this minibatch, before its update: mean -log p of the right tag


@dataclass(frozen=True)
class Epoch(Event):
    """One pass over the sentences."""

    epoch: int  # from 1
    loss: float  # mean over the words of training, each before its minibatch's update
    accuracy: float  # on the words of training, each before its minibatch's update
    held_out_accuracy: float | None  # after the epoch; None when nothing is held out
    unknown_accuracy: float | None  # on held-out words that training lacks; None if there is none
    seconds: float  # of training alone


@dataclass(frozen=True)
class Mistake:
    """A sentence with a wrong tag; of a long one, the words around the first wrong tag."""

    tokens: tuple[str, ...]
    gold: tuple[str, ...]
    predicted: tuple[str, ...]
    before: int = 0  # words of the sentence that are left out
    after: int = 0


@dataclass(frozen=True)
class Finished(Event):
    """The run is over. Accuracies are of the held-out sentences, or of training when nothing is held out."""

    epoch: int
    accuracy: float
    unknown_accuracy: float | None  # on words that training lacks; None if there is none
    baseline: float
    measured_on: str  # "held-out" or "training"
    tags: tuple[str, ...]  # of the confusion matrix: those of training, then those that only the held-out part has
    confusion: np.ndarray  # (K, K) counts of words: a row per right tag, a column per predicted one
    mistakes: tuple[Mistake, ...]
    seconds: float  # of training, all epochs together
