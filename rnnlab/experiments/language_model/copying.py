"""Measure how much of what a model writes stands word for word in its training text.

Three figures belong together: of a song of the model, of a song of the 5-gram at the same temperature, and of real
lines that were held out. The minimal length of a run is that of the text (`text.copied_runs`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor

from rnnlab import limits
from rnnlab.generation import Generation, NGramDecoder, fit_prefix, generate
from rnnlab.generation.decoder import Decoder
from rnnlab.models import LanguageModel, NGrams
from rnnlab.text import (
    CopiedRun,
    Corpus,
    Vocab,
    copied_runs,
    copied_share,
    detokenize,
    longest_copied,
    min_copied_length,
)

ORDER = 5  # of the n-gram model


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


def measure_copying(model: LanguageModel, vocab: Vocab, corpus: Corpus, how: Generation) -> Copying:
    """Generate a song by `how` with `model`, and one with the 5-gram of the corpus's training text; compare both.

    vocab: of the model; the corpus may be of another text.

    Raises InvalidInput for a training text of fewer than five characters.
    """
    training = _text_of(corpus.train_ids, corpus.vocab)
    held_out = _text_of(corpus.held_out_ids, corpus.vocab)[: limits.MAX_SEARCHED_CHARACTERS]
    min_length = min_copied_length(training)
    counted = corpus.train_ids[: limits.MAX_NGRAM_WRITER_TOKENS].tolist()
    song = written(model, vocab, how)
    counting = NGramDecoder(NGrams(counted, len(corpus.vocab), ORDER), ORDER)
    ngram_song = written(counting, corpus.vocab, how)
    runs = copied_runs(song, training, min_length)
    return Copying(
        min_length=min_length,
        copied_share=copied_share(song, training, min_length, len(fit_prefix(how.prefix, vocab).text)),
        longest=longest_copied(runs),
        ngram_copied_share=copied_share(
            ngram_song, training, min_length, len(fit_prefix(how.prefix, corpus.vocab).text)
        ),
        held_out_copied_share=copied_share(held_out, training, min_length) if held_out else None,
        ngram_counted=len(counted),
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
