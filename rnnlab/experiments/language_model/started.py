"""The first event of a run: its constants, and the baselines of its text."""

from __future__ import annotations

from typing import Protocol

import torch

from rnnlab.devices import describe_device
from rnnlab.experiments.language_model.background_counting import known_baselines
from rnnlab.experiments.language_model.events import Started
from rnnlab.models import LanguageModel
from rnnlab.text import Corpus, Vocab


class Prepared(Protocol):
    """A run that is about to train, as a Trainer has it."""

    epoch: int  # whole epochs so far
    steps: int  # minibatches per epoch
    vocab: Vocab
    corpus: Corpus
    model: LanguageModel
    device: torch.device
    device_trouble: str
    is_tutorial_lyrics: bool


def started(run: Prepared) -> Started:
    """Return the event with which a run begins or goes on."""
    corpus = run.corpus
    return Started(
        first_epoch=run.epoch + 1,
        steps=run.steps,
        vocab_size=len(run.vocab),
        parameters=run.model.count_parameters(),
        train_tokens=len(corpus.train_ids),
        held_out_tokens=len(corpus.held_out_ids),
        **known_baselines(corpus),
        characters_taken=corpus.taken_tokens,
        characters_total=corpus.text_tokens,
        is_tutorial_lyrics=run.is_tutorial_lyrics,
        device=describe_device(run.device),
        device_trouble=run.device_trouble,
    )
