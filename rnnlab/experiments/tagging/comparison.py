"""What context is worth: a recurrent tagger, and beside it the same one without recurrence, on the same sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from rnnlab.checkpoints import TaggerCheckpoint
from rnnlab.experiments.event import Event
from rnnlab.experiments.tagging.config import Config
from rnnlab.experiments.tagging.events import Diverged, Epoch, Finished, Scores
from rnnlab.experiments.tagging.trainer import Trainer
from rnnlab.models.tagger import NO_RECURRENCE
from rnnlab.text import TaggedSentence


@dataclass(frozen=True)
class WithoutRecurrence(Event):
    """An event of the tagger without recurrence."""

    event: Event


@dataclass(frozen=True)
class Verdict(Event):
    """A word with two right tags, one in each of the two sentences that are shown, and what the taggers make of it."""

    word: str
    gold: tuple[str, ...]
    recurrent: tuple[str, ...]  # the recurrent tagger's likeliest tag, in the same two places
    alone: tuple[str, ...]  # likewise, of the tagger that looks at each word by itself
    recurrent_learned: bool  # whether it is right in both places
    alone_learned: bool


class Comparison:
    """Trains both, an epoch each in turn. What it has learned is the recurrent tagger's; the other is let go of."""

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
        return self.recurrent.latest

    @property
    def sample(self) -> TaggedSentence:
        return self.recurrent.sample

    def events(self) -> Iterator[Event]:
        """Yield the events of both trainings, the second's in `WithoutRecurrence`; a Verdict comes before Finished."""
        try:
            with closing(self.recurrent.events()) as own, closing(self.alone.events()) as other:
                yield from _in_turn(own, other)
        finally:
            self.release()  # by itself the recurrent one does so only once it has begun

    @property
    def nbytes(self) -> int:
        """About what it takes in memory."""
        alone = self.alone
        return self.recurrent.nbytes + (alone.nbytes if alone else 0)

    def release(self) -> None:
        """Keep no more than what the recurrent tagger has learned."""
        self.alone = None
        self.recurrent.release()


def _in_turn(own: Iterator[Event], other: Iterator[Event]) -> Iterator[Event]:
    own_scores, other_scores = [], []
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
    """The next events, up to the end of an epoch; after the last epoch, all that is left."""
    for event in events:
        yield event
        if isinstance(event, Epoch):
            return


def _keep(event: Event, scores: list[Scores]) -> None:
    if isinstance(event, Scores) and event.when == "after":
        scores.append(event)


def judge(recurrent: Sequence[Scores], alone: Sequence[Scores]) -> Verdict | None:
    """What the two taggers' scores of the same two sentences say of the first word that has a right tag in each.

    None where no word has two, or where a tagger has no scores, because it diverged.
    """
    if min(len(recurrent), len(alone)) < 2:
        return None
    first, second = recurrent[:2]
    for i, word in enumerate(first.tokens):
        for j, other in enumerate(second.tokens):
            if word == other and first.gold[i] != second.gold[j]:
                gold = (first.gold[i], second.gold[j])
                said = [(_likeliest(one, i), _likeliest(two, j)) for one, two in (recurrent[:2], alone[:2])]
                return Verdict(word, gold, *said, *(tags == gold for tags in said))
    return None


def _likeliest(scores: Scores, place: int) -> str:
    return scores.tags[int(scores.log_probs[place].argmax())]
