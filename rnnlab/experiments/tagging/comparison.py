"""Train a recurrent tagger beside one without recurrence, to compare: what is context worth?"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from rnnlab.checkpoints import TaggerCheckpoint
from rnnlab.experiments.divergence import Diverged
from rnnlab.experiments.event import Event
from rnnlab.experiments.tagging.config import Config
from rnnlab.experiments.tagging.events import Epoch, Finished, Scores
from rnnlab.experiments.tagging.trainer import Trainer
from rnnlab.models.tagger import NO_RECURRENCE
from rnnlab.text import TaggedSentence


@dataclass(frozen=True)
class WithoutRecurrence(Event):
    """An event of the tagger without recurrence."""

    event: Event


@dataclass(frozen=True)
class Verdict(Event):
    """A word with a different right tag in each of the two shown sentences, and the predicted tags."""

    word: str
    gold: tuple[str, ...]
    recurrent: tuple[str, ...]  # the recurrent tagger's likeliest tag, in the same two places
    alone: tuple[str, ...]  # likewise, of the tagger without recurrence
    recurrent_learned: bool  # whether it is right in both places
    alone_learned: bool


class ComparisonTrainer:
    """Trains both taggers, an epoch each in turn. Afterwards only the recurrent one is kept."""

    def __init__(
        self,
        config: Config,
        sentences: Sequence[TaggedSentence] | None = None,
        held_out: Sequence[TaggedSentence] | None = None,
    ) -> None:
        self.recurrent = Trainer(config, sentences, held_out)
        self.alone: Trainer | None = Trainer(replace(config, model=NO_RECURRENCE), sentences, held_out)

    @property
    def latest(self) -> TaggerCheckpoint:
        """Return the recurrent tagger's last whole epoch."""
        return self.recurrent.latest

    @property
    def sample(self) -> TaggedSentence:
        """Return a sentence to try the tagger on."""
        return self.recurrent.sample

    def events(self) -> Generator[Event, None, None]:
        """Yield the events of both trainings, the second's in `WithoutRecurrence`; a Verdict before Finished."""
        assert self.alone is not None, "a trainer trains once"
        try:
            with closing(self.recurrent.events()) as own, closing(self.alone.events()) as other:
                yield from _in_turn(own, other)
        finally:
            self.release()  # the recurrent trainer does so itself only once it has begun

    @property
    def nbytes(self) -> int:
        """Estimate the memory in bytes."""
        alone = self.alone
        return self.recurrent.nbytes + (alone.nbytes if alone else 0)

    def release(self) -> None:
        """Keep only what the recurrent tagger has learned."""
        self.alone = None
        self.recurrent.release()


def _in_turn(own: Iterator[Event], other: Iterator[Event]) -> Iterator[Event]:
    """Yield the events of both taggers, an epoch each in turn."""
    own_scores: list[Scores] = []
    other_scores: list[Scores] = []
    while True:
        for event in _until_epoch(other):
            _keep(event, other_scores)
            yield WithoutRecurrence(event)
        for event in _until_epoch(own):
            _keep(event, own_scores)
            if isinstance(event, Finished) and (verdict := judge(own_scores, other_scores)):
                yield verdict
            yield event
            if isinstance(event, Finished | Diverged):
                return


def _until_epoch(events: Iterator[Event]) -> Iterator[Event]:
    """Yield the next events, up to the end of an epoch; after the last epoch, all that are left."""
    for event in events:
        yield event
        if isinstance(event, Epoch):
            return


def _keep(event: Event, scores: list[Scores]) -> None:
    if isinstance(event, Scores) and event.when == "after":
        scores.append(event)


def judge(recurrent: Sequence[Scores], alone: Sequence[Scores]) -> Verdict | None:
    """Compare the taggers on the first word that occurs in both sentences with different right tags.

    recurrent, alone: the taggers' scores of the same two sentences.
    Returns None where there is no such word, or where a tagger has no scores, because it diverged.
    """
    if min(len(recurrent), len(alone)) < 2:
        return None
    first, second = recurrent[:2]
    for i, word in enumerate(first.tokens):
        for j, other in enumerate(second.tokens):
            if word == other and first.gold[i] != second.gold[j]:
                gold = (first.gold[i], second.gold[j])
                with_context = _likeliest(recurrent[0], i), _likeliest(recurrent[1], j)
                without = _likeliest(alone[0], i), _likeliest(alone[1], j)
                return Verdict(word, gold, with_context, without, with_context == gold, without == gold)
    return None


def _likeliest(scores: Scores, place: int) -> str:
    return scores.tags[int(scores.log_probs[place].argmax())]
