"""What can be chosen to write: a trained network, or counting (uniform, 2-gram, 5-gram) in a text that one learned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.language_model.copying import ORDER, LearnedText
from rnnlab.generation import (
    COUNTING,
    FollowersTable,
    Generation,
    NGramDecoder,
    fit_prefix,
    followers_table,
    side_by_side,
)
from rnnlab.generation.decoder import ForkingDecoder, decoder_of
from rnnlab.text import CopiedRun, Vocab, copied_runs, make_corpus
from rnnlab.text.copied_runs import share_of
from rnnlab.validation import Choice, InvalidInput


@dataclass(frozen=True, eq=False)
class Writer:
    """A language model that writes, and the text that it has learned, if that is known."""

    vocab: Vocab
    decoder: Callable[[], ForkingDecoder]  # makes one that has read nothing
    learned: LearnedText | None
    checkpoint: Checkpoint | None = None  # of a network


def network_writer(checkpoint: Checkpoint, learned: LearnedText | None = None) -> Writer:
    """Return the writer of a trained network."""
    model = checkpoint.build_model()
    return Writer(checkpoint.vocab, lambda: decoder_of(model), learned, checkpoint)


def counting_writer(name: str, learned: LearnedText) -> Writer:
    """Return the writer `name` of COUNTING, which has counted the text `learned`. Raises InvalidInput."""
    n = COUNTING[Choice(tuple(COUNTING)).check("model", name)]
    ngrams = learned.ngrams
    return Writer(learned.corpus.vocab, lambda: NGramDecoder(ngrams, n), learned)


def text_to_count(text: str, field: str = "corpus") -> LearnedText:
    """Return a text of one's own for counting, by characters. Raises InvalidInput for fewer than five."""
    learned = LearnedText(make_corpus(text, field=field))
    if len(learned.counted) < ORDER:
        raise InvalidInput("too_few_tokens", field, tokens=len(learned.counted), low=ORDER)
    return learned


def what_followed(typed: str, learned: LearnedText, most: int | None = None, n: int | None = None) -> FollowersTable:
    """Return the table of what followed `typed` in the tokens that the n-grams of `learned` have counted."""
    return followers_table(typed, learned.counted, learned.corpus.vocab, learned.ngrams, most, n)


@dataclass(frozen=True)
class TemperatureColumn:
    """What a writer writes at one temperature; the columns beside it are drawn by the same random numbers."""

    temperature: float
    text: str  # without the prefix
    departs: int | None  # character of the text at which it departs from the column before; None without one
    departs_token: int | None  # the same in tokens
    entropy: float  # bits per token: the mean over the places, of the model's own distribution
    distinct: int  # different tokens
    copied_share: float | None  # of the text's characters, word for word in the learned text; None if that is not known
    runs: tuple[CopiedRun, ...]  # those copied, as places in prefix and text

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; a run is a pair of places."""
        return {**asdict(self), "runs": [[run.start, run.end] for run in self.runs]}


def temperature_columns(
    writer: Writer, how: Generation, temperatures: tuple[float, ...]
) -> Iterator[TemperatureColumn]:
    """Yield what `writer` writes at each of `temperatures`, and how much of it is copied. Raises InvalidInput."""
    prefix = fit_prefix(how.prefix, writer.vocab).text
    for column in side_by_side(writer.decoder, writer.vocab, how, temperatures):
        learned, place, song = writer.learned, column.departs, prefix + column.text
        runs = [] if learned is None else copied_runs(song, learned.text, learned.min_length)
        yield TemperatureColumn(
            temperature=column.temperature,
            text=column.text,
            departs=None if place is None else len("".join(token.text for token in column.tokens[:place])),
            departs_token=place,
            entropy=column.entropy,
            distinct=column.distinct,
            copied_share=None if learned is None else share_of(runs, len(song), len(prefix)),
            runs=tuple(runs),
        )
