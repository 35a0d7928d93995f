"""Tagging on the page: which tagger is meant, what the panels are told, and which tags share a colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from functools import cache
from typing import Any

import numpy as np

from rnnlab import checkpoints
from rnnlab.checkpoints import TaggerCheckpoint
from rnnlab.experiments.event import Event, row
from rnnlab.experiments.tagging import Beside, Comparison, Config, Epoch, Finished, Scores, Step, Trainer
from rnnlab.figures.tagging import confusion_cells
from rnnlab.models import Tagger
from rnnlab.models.tagger import NO_RECURRENCE
from rnnlab.resources import SHIPPED_TAGGERS, shipped_tagger
from rnnlab.runs import LESSON, TRAINING, Row
from rnnlab.tagging import TaggedToken
from rnnlab.text import TaggedSentence, language_of
from rnnlab.validation import Choice, Text

AUTO = "auto"  # the tagger of the language in which the text is written
LANGUAGES = (AUTO, *SHIPPED_TAGGERS)
LONGEST_TEXT = Text(1, 5000)

TOYS = ("toy-en", "toy-zh", "context")
LIGHT_EPOCHS, LIGHT_UNITS = 1000, 64  # a toy with more of either trains among the long runs
STEPS_TOLD = 20  # minibatches of an epoch that the page hears of, at most
SO_FAR = "so far"  # when the page is told scores, besides before and after
LOOKS = 8  # at them during a training
DECIMALS = 3  # of those scores


# --- a sentence ---


@cache
def loaded(language: str) -> Tagger:
    """A tagger that ships, ready to tag; all visitors share it and nobody changes it."""
    return checkpoints.load_tagger(shipped_tagger(language)).build_model()


def language_meant(text: str, language: str) -> str:
    """`language`, or with AUTO that of the text. Raises InvalidInput."""
    chosen = Choice(LANGUAGES).check("language", language)
    return language_of(text) if chosen == AUTO else chosen


def tokens_value(tokens: Sequence[TaggedToken], tagger: Tagger, model: str, corpus: str) -> dict[str, Any]:
    """What the panel is told: the tokens, each tag's colour, what is familiar, by which tagger, of which sentences."""
    told = [
        {**asdict(token), "probability": round(token.probability, 4), "probabilities": _rounded(token)}
        for token in tokens
    ]
    seen = familiar(tokens, tagger)
    return {"tokens": told, "hues": hues(tagger.lexicon.tags), "seen": seen, "model": model, "corpus": corpus}


def familiar(tokens: Sequence[TaggedToken], tagger: Tagger) -> str:
    """What of a sentence the tagger has met in training: some of its "words", else some of its "letters", or "nothing".

    A tagger that does not read letters is "blind" to a sentence whose words are all unknown.
    """
    if any(token.known for token in tokens):
        return "words"
    if tagger.spelling is None:
        return "blind"
    letters = tagger.lexicon.characters
    spelt = (letter for token in tokens for letter in tagger.spell(token.form))
    return "letters" if any(letter in letters for letter in spelt) else "nothing"


def _rounded(token: TaggedToken) -> list[list[Any]]:
    return [[tag, round(p, 4)] for tag, p in token.probabilities]


# Seventeen colours nobody can tell apart, so a colour is what kinds of words have in common; the word names the tag.
HUES = {
    "thing": ("NOUN", "PROPN", "NN", "n", "DEST"),
    "act": ("VERB", "AUX", "V", "v", "DEP"),
    "quality": ("ADJ", "ADV", "adj"),
    "pointer": ("PRON", "DET", "NUM", "TIME"),
    "link": ("ADP", "CCONJ", "SCONJ", "PART"),
    "rest": ("PUNCT", "INTJ", "SYM", "X", "f", "O"),
}
HUE_OF = {tag: hue for hue, tags in HUES.items() for tag in tags}


def hues(tags: Sequence[str]) -> dict[str, str]:
    """The colour of each tag; tags that nobody has told us of take turns.

    >>> hues(["NOUN", "B-PER", "I-PER", "O"])
    {'NOUN': 'thing', 'B-PER': 'thing', 'I-PER': 'act', 'O': 'rest'}
    """
    turns = tuple(hue for hue in HUES if hue != "rest")
    strange = sorted(tag for tag in tags if tag not in HUE_OF)
    own = {tag: turns[i % len(turns)] for i, tag in enumerate(strange)}
    return {tag: HUE_OF.get(tag) or own[tag] for tag in tags}


# --- a training ---


def new_trainer(config: Config, sentences: Sequence[TaggedSentence] | None, beside: bool) -> Trainer | Comparison:
    """What trains; `beside` it the same tagger without recurrence. Raises InvalidInput."""
    return Comparison(config, sentences) if beside and config.model != NO_RECURRENCE else Trainer(config, sentences)


class Watched:
    """`trainer`, and besides its events some Scores SO_FAR, so that whoever stops it sees what it has learned."""

    def __init__(self, trainer: Trainer | Comparison) -> None:
        self.trainer = trainer
        self.recurrent = trainer.recurrent if isinstance(trainer, Comparison) else trainer
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

    def let_go(self) -> None:
        self.trainer.let_go()

    def events(self) -> Iterator[Event]:
        with closing(self.trainer.events()) as events:
            for event in events:
                yield event
                if isinstance(event, Epoch):
                    yield from self._so_far(self.recurrent, event)
                elif isinstance(event, Beside) and isinstance(event.event, Epoch):
                    yield from map(Beside, self._so_far(self.trainer.alone, event.event))

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
        case Beside():
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
