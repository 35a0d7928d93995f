"""Payload of the second part of the Tagging tab: what trains, its figures, and each event as a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from rnnlab.models.tagger import NO_RECURRENCE
from rnnlab.runs import LESSON, TRAINING, Row
from rnnlab.text import TaggedSentence
from rnnlab.ui.tabs.lesson import View

TOYS = ("toy-en", "toy-zh", "context")
LIGHT_EPOCHS, LIGHT_UNITS = 1000, 64  # a toy with more of either trains among the long runs
STEPS_TOLD = 20  # minibatches of an epoch that the page hears of, at most
SO_FAR = "so far"  # when the page is told scores, besides before and after
LOOKS = 8  # at them during a training
DECIMALS = 3  # of those scores


def new_trainer(
    config: Config, sentences: Sequence[TaggedSentence] | None, beside: bool
) -> Trainer | ComparisonTrainer:
    """What trains; `beside` it the same tagger without recurrence. Raises InvalidInput."""
    return (
        ComparisonTrainer(config, sentences) if beside and config.model != NO_RECURRENCE else Trainer(config, sentences)
    )


class ScoredTrainer:
    """`trainer`, and besides its events some Scores SO_FAR, so that whoever stops it sees what it has learned."""

    def __init__(self, trainer: Trainer | ComparisonTrainer) -> None:
        self.trainer = trainer
        self.recurrent = trainer.recurrent if isinstance(trainer, ComparisonTrainer) else trainer
        self.every = -(-self.recurrent.config.epochs // LOOKS)

    @property
    def latest(self) -> TaggerCheckpoint:
        return self.trainer.latest

    @property
    def sample(self) -> TaggedSentence:
        return self.trainer.sample

    @property
    def nbytes(self) -> int:
        return self.trainer.nbytes

    def release(self) -> None:
        self.trainer.release()

    def events(self) -> Iterator[Event]:
        with closing(self.trainer.events()) as events:
            for event in events:
                yield event
                if isinstance(event, Epoch):
                    yield from self._so_far(self.recurrent, event)
                elif isinstance(event, WithoutRecurrence) and isinstance(event.event, Epoch):
                    yield from map(WithoutRecurrence, self._so_far(self.trainer.alone, event.event))

    def _so_far(self, trainer: Trainer, epoch: Epoch) -> Iterator[Scores]:
        """After the first epoch, and from then on LOOKS times; after the last one they are told anyway."""
        if epoch.epoch < trainer.config.epochs and (epoch.epoch == 1 or epoch.epoch % self.every == 0):
            yield from trainer.scores(SO_FAR)


def default_run(config: Config) -> Iterator[Event]:
    """The run that the page shows before anybody has pressed anything."""
    return Trainer(config).events()


def pool_of(config: Config) -> str:
    """A toy never waits for long trainings, as long as it is one."""
    light = config.epochs <= LIGHT_EPOCHS and config.hidden_size <= LIGHT_UNITS
    return LESSON if config.corpus in TOYS and light else TRAINING


def record(event: Event) -> Row | None:
    """An event's row in the log: few of the minibatches, and the confusion matrix as its figure takes it."""
    match event:
        case WithoutRecurrence():
            told = record(event.event)
            return told and {**told, "kind": f"beside-{told['kind']}"}
        case Step():
            every = -(-event.steps // STEPS_TOLD)
            return row(event) if event.steps >= STEPS_TOLD and event.step % every == 0 else None
        case Scores(when=when) if when == SO_FAR:
            return row(replace(event, log_probs=np.round(event.log_probs, DECIMALS)))
        case Finished():
            told = row(event)
            cells = confusion_cells(event.tags, told.pop("confusion"))
            return {**told, "cells": cells}
    return row(event)


# The settings on the page; the first few stay in reach, the rest are under "Advanced".
IN_REACH = ("model", "epochs", "learning_rate")
ADVANCED = {
    "advanced_model": (
        "implementation", "bidirectional", "embedding_size", "hidden_size", "num_layers", "dropout",
    ),
    "advanced_words": (
        "characters", "character_embedding_size", "character_size", "embedding_spread", "lowercase", "word_dropout",
    ),
    "advanced_learning": ("optimizer", "decay", "grad_clip", "batch_size", "shuffle", "held_out", "seed"),
}  # fmt: skip
SETTINGS = (*IN_REACH, *(name for names in ADVANCED.values() for name in names))


def figures(config: Config, labels: Mapping[str, str]) -> dict[str, Any]:
    """Its figures, empty; the panel fills them from the rows."""
    curves = TaggingCurves(config.model, config.epochs, held_out=() if config.held_out else None)
    return {
        "loss": tagging_loss_figure(curves, labels),
        "accuracy": tagging_accuracy_figure(curves, labels),
        "confusion": confusion_figure((), [], labels),
    }


IDS = {"corpus": "tag-preset"} | {name: f"tag-{name}" for name in SETTINGS}  # a recipe is named as its sentences are
VIEW = View("tag", Config, default_run, figures, record, IDS)
