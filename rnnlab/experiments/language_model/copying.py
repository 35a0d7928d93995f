"""Measure how much of what a model writes stands word for word in its training text.

Three figures belong together: of a song of the model, of a song of the 5-gram at the same temperature, and of real
lines that were held out. The minimal length of a run is that of the text (`text.copied_runs`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from torch import Tensor

from rnnlab import limits
from rnnlab.generation import Generation, NGramDecoder, fit_prefix, generate
from rnnlab.generation.decoder import Decoder
from rnnlab.models import LanguageModel, NGrams
from rnnlab.text import (
    CopiedRun,
    CopyTracker,
    Corpus,
    Vocab,
    copied_characters,
    copied_runs,
    copied_share,
    detokenize,
    longest_copied,
    min_copied_length,
    runs_after,
)

ORDER = 5  # of the n-gram model
MAX_QUICK_CHARACTERS = 200_000  # of a text whose minimal length is found within a fifth of a second
NGRAM_BYTES = 900  # of n-grams for each token that they count, as measured on Chinese songs; English ones take 200


@dataclass(frozen=True)
class Copying:
    """How much of a song is copied from the training text, and how much of two others, to compare with."""

    min_length: int  # characters of a run at least
    copied_share: float  # of the characters of the model's song, without the prefix
    longest: int  # characters of its longest run, 0 if none is long enough
    ngram_copied_share: float  # of a 5-gram's song with the same prefix, temperature and seed
    held_out_copied_share: float | None  # of real text that the model has not seen; None without one
    ngram_counted: int  # tokens of the training text that the 5-gram has counted, the first ones
    text: str  # the model's song, prefix included
    runs: tuple[CopiedRun, ...]  # in the song
    ngram_text: str  # the 5-gram's song

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data for JSON; a run is a pair of places in the song."""
        return {**asdict(self), "runs": [[run.start, run.end] for run in self.runs]}


class LearnedText:
    """The training text of a corpus, in which songs are looked up. What takes a while is computed once, when needed."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.text = _text_of(corpus.train_ids, corpus.vocab)

    @cached_property
    def min_length(self) -> int:
        """Characters of a run at least."""
        return min_copied_length(self.text)

    @cached_property
    def held_out_share(self) -> float | None:
        """The copied share of the held-out text; None without one."""
        held_out = _text_of(self.corpus.held_out_ids, self.corpus.vocab)[: limits.MAX_SEARCHED_CHARACTERS]
        return self.share(held_out) if held_out else None

    @cached_property
    def counted(self) -> list[int]:
        """The tokens of the text, or of its beginning, that `ngrams` counts."""
        counted: list[int] = self.corpus.train_ids[: limits.MAX_NGRAM_WRITER_TOKENS].tolist()
        return counted

    @cached_property
    def ngrams(self) -> NGrams:
        """The n-grams of the text, or of its beginning."""
        return NGrams(self.counted, len(self.corpus.vocab), ORDER)

    @property
    def is_quick(self) -> bool:
        """Whether `tracker` takes no time that a person would notice."""
        return len(self.text) <= MAX_QUICK_CHARACTERS or "min_length" in vars(self)

    @property
    def nbytes(self) -> int:
        """About the bytes that this takes now: of the text, its tokens, and the n-grams once they are counted."""
        tokens = {ids.untyped_storage().data_ptr(): ids.untyped_storage().nbytes() for ids in self._ids()}
        counted = NGRAM_BYTES * len(self.counted) if "ngrams" in vars(self) else 0
        return sys.getsizeof(self.text) + sum(tokens.values()) + counted

    def _ids(self) -> tuple[Tensor, ...]:
        return self.corpus.train_ids, self.corpus.held_out_ids, self.corpus.test_ids

    def tracker(self) -> CopyTracker:
        """Return a tracker that follows a song."""
        return CopyTracker(self.text, self.min_length)

    def share(self, song: str, prefix: int = 0) -> float:
        """Return the share of the characters of `song` after the first `prefix` that are inside copied runs."""
        return copied_share(song, self.text, self.min_length, prefix)

    def ngram_song(self, how: Generation) -> str:
        """Return a song of the 5-gram by `how`, prefix included."""
        return written(NGramDecoder(self.ngrams, ORDER), self.corpus.vocab, how)

    def ngram_share(self, how: Generation) -> float:
        """Return the copied share of that song, without the prefix."""
        return self.share(self.ngram_song(how), len(fit_prefix(how.prefix, self.corpus.vocab).text))


def copied_of_samples(learned: LearnedText, samples: Sequence[str], prefixes: Sequence[str]) -> dict[str, Any]:
    """Return the fields of `Epoch` about copying; a sample begins with as much of its prefix as the vocabulary has."""
    typed = [len(fit_prefix(prefix, learned.corpus.vocab).text) for prefix in prefixes]
    runs = [copied_runs(sample, learned.text, learned.min_length) for sample in samples]
    copied = sum(copied_characters(runs_after(own, start)) for own, start in zip(runs, typed, strict=True))
    written = sum(len(sample) - start for sample, start in zip(samples, typed, strict=True))
    return {
        "copied_share": copied / written if written else None,
        "longest_copied": max(map(longest_copied, runs), default=0),
        "copied_runs": tuple(tuple((run.start, run.end) for run in own) for own in runs),
    }


def measure_copying(model: LanguageModel | Decoder, vocab: Vocab, learned: LearnedText, how: Generation) -> Copying:
    """Generate a song by `how` with `model`, and one with the 5-gram of the training text; compare both.

    model: a network, or a decoder that has read nothing yet.
    vocab: of the model; it may have learned another text than `learned`.

    Raises InvalidInput for a training text of fewer than five tokens.
    """
    song, corpus = written(model, vocab, how), learned.corpus
    runs, ngram_song = copied_runs(song, learned.text, learned.min_length), learned.ngram_song(how)
    return Copying(
        min_length=learned.min_length,
        copied_share=learned.share(song, len(fit_prefix(how.prefix, vocab).text)),
        longest=longest_copied(runs),
        ngram_copied_share=learned.share(ngram_song, len(fit_prefix(how.prefix, corpus.vocab).text)),
        held_out_copied_share=learned.held_out_share,
        ngram_counted=min(len(corpus.train_ids), limits.MAX_NGRAM_WRITER_TOKENS),
        text=song,
        runs=tuple(runs),
        ngram_text=ngram_song,
    )


def _text_of(ids: Tensor, vocab: Vocab) -> str:
    return detokenize(vocab.decode(ids.tolist()), vocab.spacing)


def written(model: LanguageModel | Decoder, vocab: Vocab, how: Generation) -> str:
    """Return a song by `how`, prefix included."""
    song = fit_prefix(how.prefix, vocab).text
    return song + "".join(token.text for token in generate(model, vocab, how, alternatives=0))
