"""Payload of the second part of the Tagging tab: the trainer, its figures, and each event as a row."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import numpy as np

from rnnlab.checkpoints import TaggerCheckpoint
from rnnlab.experiments.event import Event, row
from rnnlab.experiments.tagging import (
    ComparisonTrainer,
    Config,
    Epoch,
    Finished,
    Scores,
    Step,
    Trainer,
    WithoutRecurrence,
)
from rnnlab.figures import TaggingCurves, confusion_figure, tagging_accuracy_figure, tagging_loss_figure
from rnnlab.figures.tagging import confusion_cells
from rnnlab.limits import MAX_STEP_ROWS
from rnnlab.models.tagger import NO_RECURRENCE
from rnnlab.runs import LESSON, TRAINING, Row
from rnnlab.text import TaggedSentence
from rnnlab.ui.tabs.lesson import View

TOYS = ("toy-en", "toy-zh", "context")
MAX_LIGHT_EPOCHS, MAX_LIGHT_UNITS = 1000, 64  # a toy with more of either trains among the long runs
SO_FAR = "so far"  # `when` of the scores during a training, besides before and after
SCORINGS = 8  # during a training
DECIMALS = 3  # of those scores


def new_trainer(
    config: Config, sentences: Sequence[TaggedSentence] | None, beside: bool
) -> Trainer | ComparisonTrainer:
    """Make the trainer; with `beside` it also trains the same tagger without recurrence. Raises InvalidInput."""
    return (
        ComparisonTrainer(config, sentences) if beside and config.model != NO_RECURRENCE else Trainer(config, sentences)
    )


class ScoredTrainer:
    """A trainer that also scores the tagger during the training, so that a stopped run has scores."""

    def __init__(self, trainer: Trainer | ComparisonTrainer) -> None:
        self.trainer = trainer
        self.recurrent = trainer.recurrent if isinstance(trainer, ComparisonTrainer) else trainer
        self.every = -(-self.recurrent.config.epochs // SCORINGS)

    @property
    def latest(self) -> TaggerCheckpoint:
        """Return the tagger as it is now."""
        return self.trainer.latest

    @property
    def sample(self) -> TaggedSentence:
        """Return the sentence that the scores are about."""
        return self.trainer.sample

    @property
    def nbytes(self) -> int:
        """Return about how many bytes the trainer takes."""
        return self.trainer.nbytes

    def release(self) -> None:
        """Keep the trained tagger only."""
        self.trainer.release()

    def events(self) -> Iterator[Event]:
        """Train, and yield the trainer's events and the scores in between."""
        with closing(self._training()) as events:
            for event in events:
                yield event
                if isinstance(event, Epoch):
                    yield from self._so_far(self.recurrent, event)
                elif isinstance(event, WithoutRecurrence) and isinstance(event.event, Epoch):
                    alone = self.trainer.alone if isinstance(self.trainer, ComparisonTrainer) else None
                    if alone is not None:
                        yield from map(WithoutRecurrence, self._so_far(alone, event.event))

    def _training(self) -> Generator[Event, None, None]:
        yield from self.trainer.events()

    def _so_far(self, trainer: Trainer, epoch: Epoch) -> Iterator[Scores]:
        """Yield scores after the first epoch and SCORINGS times later; the trainer yields the last ones."""
        if epoch.epoch < trainer.config.epochs and (epoch.epoch == 1 or epoch.epoch % self.every == 0):
            yield from trainer.scores(SO_FAR)


def default_run(config: Config) -> Iterator[Event]:
    """Run what the page shows before the visitor's first run."""
    return Trainer(config).events()


def pool_of(config: Config) -> str:
    """Return the pool of a run: a light toy never waits for long trainings."""
    light = config.epochs <= MAX_LIGHT_EPOCHS and config.hidden_size <= MAX_LIGHT_UNITS
    return LESSON if config.corpus in TOYS and light else TRAINING


def record(event: Event) -> Row | None:
    """Return an event's row; few minibatches have one, and the confusion matrix is as its figure takes it."""
    match event:
        case WithoutRecurrence():
            inner = record(event.event)
            return inner and {**inner, "kind": f"beside-{inner['kind']}"}
        case Step():
            every = -(-event.steps // MAX_STEP_ROWS)
            return row(event) if event.steps >= MAX_STEP_ROWS and event.step % every == 0 else None
        case Scores(when=when) if when == SO_FAR:
            return row(replace(event, log_probs=np.round(event.log_probs, DECIMALS)))
        case Finished():
            finished = row(event)
            cells = confusion_cells(event.tags, finished.pop("confusion"))
            return {**finished, "cells": cells}
    return row(event)


# The settings on the page; the first few stay in reach, the rest are under "Advanced".
IN_REACH = ("model", "epochs", "learning_rate")
ADVANCED = {
    "advanced_model": (
        "implementation", "bidirectional", "embedding_size", "hidden_size", "num_layers", "dropout",
    ),
    "advanced_words": (
        "characters", "character_embedding_size", "character_size", "embedding_spread", "lowercase", "unknown_words",
        "word_dropout",
    ),
    "advanced_learning": ("optimizer", "decay", "grad_clip", "batch_size", "shuffle", "held_out", "seed"),
}  # fmt: skip
SETTINGS = (*IN_REACH, *(name for names in ADVANCED.values() for name in names))


def figures(config: Config, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return the empty figures; the panel fills them from the rows."""
    curves = TaggingCurves(config.model, config.epochs, held_out=() if config.held_out else None)
    return {
        "loss": tagging_loss_figure(curves, labels),
        "accuracy": tagging_accuracy_figure(curves, labels),
        "confusion": confusion_figure((), [], labels),
    }


IDS = {"corpus": "tag-preset"} | {name: f"tag-{name}" for name in SETTINGS}  # a recipe has the name of its sentences
VIEW = View("tag", Config, default_run, figures, record, IDS)
