"""Cut a text into minibatches, and locate each row of a batch in the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from rnnlab.limits import MAX_BATCHES_TEXT
from rnnlab.resources import shipped_corpus
from rnnlab.text import (
    SAMPLINGS,
    TOKENIZERS,
    Batch,
    make_corpus,
    number_of_batches,
    random_batches,
    sequential_batches,
)
from rnnlab.validation import Choice, Config, Integer, Switch, Text, setting

SOURCES = ("numbers", "lyrics-zh", "lyrics-en", "own")
SONG_TOKENS = 200  # taken from the shipped songs: they fit on a page twice


@dataclass(frozen=True)
class BatchesConfig(Config):
    """Settings: a short text and how to cut it. The defaults are the tutorials' range(30)."""

    lesson: ClassVar[str] = "layers"

    corpus: str = setting("numbers", Choice(SOURCES), "what is cut up: the numbers 0, 1, 2, …, a song, your own text")
    numbers: int = setting(30, Integer(2, 200), "how many numbers, if they are what is cut up")
    text: str = setting("", Text(0, MAX_BATCHES_TEXT), "your own text, if that is what is cut up")
    tokenizer: str = setting(
        "lines",
        Choice(TOKENIZERS),
        "lines keeps every character; raw makes a line end a space; cleaned also drops punctuation; words cuts into "
        "words and signs",
    )
    batch_size: int = setting(2, Integer(1, 16), "B: sequences side by side")
    num_steps: int = setting(6, Integer(1, 50), "T: elements in each sequence")
    random_offset: bool = setting(False, Switch(), "begin to cut at a random token")
    seed: int = setting(1, Integer(0, 2**31 - 1), "of everything that is drawn at random")


@dataclass(frozen=True, eq=False)
class Batches:
    """A text with its minibatches as positions in it: X is `ids[inputs]`, Y is `ids[targets]`."""

    tokens: tuple[str, ...]  # (N,)
    vocab: tuple[str, ...]  # (V,) by falling frequency
    ids: np.ndarray  # (N,) int64
    inputs: dict[str, np.ndarray]  # sampling → (batches, B, T) int64
    targets: dict[str, np.ndarray]  # the same, one token on


def batches_of_text(config: BatchesConfig) -> Batches:
    """Tokenise the text, number its tokens, and cut it at random and in order. Raises InvalidInput."""
    tokens, vocab, ids = _numbered(config)
    positions = torch.arange(len(ids))  # cut in place of the ids: each row then holds its positions in the text
    cut = {sampling: list(_batches(positions, sampling, config)) for sampling in SAMPLINGS}
    inputs = {sampling: _stacked(batches, 0) for sampling, batches in cut.items()}
    targets = {sampling: _stacked(batches, 1) for sampling, batches in cut.items()}
    return Batches(tokens, vocab, ids, inputs, targets)


def _batches(ids: torch.Tensor, sampling: str, config: BatchesConfig) -> Iterator[Batch]:
    """Return an epoch over `ids` (N,). Raises InvalidInput if it has no batch."""
    sizes, offset = (config.batch_size, config.num_steps), config.random_offset
    number_of_batches(len(ids), *sizes, sampling, offset, field="text" if config.corpus == "own" else "batch_size")
    generator = torch.Generator().manual_seed(config.seed)
    sampler = random_batches if sampling == "random" else sequential_batches
    return sampler(ids, *sizes, generator, offset)


def _numbered(config: BatchesConfig) -> tuple[tuple[str, ...], tuple[str, ...], np.ndarray]:
    """Return the tokens, the vocabulary and the ids of the text."""
    if config.corpus == "numbers":
        numbers = tuple(map(str, range(config.numbers)))
        return numbers, numbers, np.arange(config.numbers)  # each number is its own id
    own = config.corpus == "own"
    text, limit = (config.text, MAX_BATCHES_TEXT) if own else (shipped_corpus(config.corpus), SONG_TOKENS)
    corpus = make_corpus(text, tokenizer=config.tokenizer, max_tokens=limit, field="text")
    ids = corpus.train_ids.numpy()
    return tuple(corpus.vocab.decode(ids)), corpus.vocab.tokens, ids


def _stacked(batches: list[Batch], part: int) -> np.ndarray:
    """Return the inputs (part 0) or the targets (part 1) of all batches, (batches, B, T)."""
    return torch.stack([batch[part] for batch in batches]).numpy()
