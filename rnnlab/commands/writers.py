"""What a command lets write: a model's file, a shipped model, or counting in a text."""

from __future__ import annotations

from pathlib import Path

from rnnlab import checkpoints
from rnnlab.checkpoints import Checkpoint
from rnnlab.commands.console import source_of
from rnnlab.experiments.language_model import (
    Config,
    LearnedText,
    Writer,
    counting_writer,
    network_writer,
    text_to_count,
)
from rnnlab.generation import COUNTING
from rnnlab.resources import SHIPPED_CORPORA, SHIPPED_MODELS, shipped_model
from rnnlab.text import make_corpus
from rnnlab.validation import InvalidInput

DEFAULT_CORPUS = "lyrics-zh"  # in which counting counts


def load(name: str) -> Checkpoint:
    """Return the shipped model of that name, or the model in that file."""
    return checkpoints.load(shipped_model(name) if name in SHIPPED_MODELS else Path(name))


def text_learned(saved: Checkpoint, corpus: str | None = None) -> LearnedText:
    """Return the text of `corpus`, cut as the training of `saved` cuts it; by default the shipped text that it learned.

    Raises InvalidInput if that is not a shipped one.
    """
    config = Config.from_strings(saved.config)
    if corpus is None and config.corpus not in SHIPPED_CORPORA:
        raise InvalidInput("checkpoint_needs_corpus", "corpus", value=config.corpus)
    return LearnedText(
        make_corpus(
            source_of(corpus or config.corpus).text,
            tokenizer=config.tokenizer,
            min_freq=config.min_freq,
            max_tokens=config.max_tokens,
            held_out=config.held_out,
            test=config.test,
        )
    )


def text_counted(corpus: str | None) -> LearnedText:
    """Return the text in which counting counts: of a shipped name what its model learned, else all of a file's text."""
    corpus = corpus or DEFAULT_CORPUS
    if corpus in SHIPPED_MODELS:
        return text_learned(load(corpus))
    return text_to_count(source_of(corpus).text)


def writer_called(name: str, corpus: str | None = None) -> Writer:
    """Return the model of a file, a shipped one, or one of COUNTING, which counts in the text of `corpus`.

    A network whose text is not known has none to be looked up in. Raises InvalidInput.
    """
    if name in COUNTING:
        return counting_writer(name, text_counted(corpus))
    saved = load(name)
    is_known = corpus is not None or Config.from_strings(saved.config).corpus in SHIPPED_CORPORA
    return network_writer(saved, text_learned(saved, corpus) if is_known else None)
