"""Two taggers side by side: only the recurrent one distinguishes a word's two tags."""

from dataclasses import replace

import numpy as np
import pytest

from rnnlab.experiments.tagging import (
    ComparisonTrainer,
    Epoch,
    EpochDiverged,
    Finished,
    Scores,
    Started,
    Trainer,
    Verdict,
    WithoutRecurrence,
    preset,
)
from rnnlab.experiments.tagging.comparison import judge

CONTEXT = preset("context").config()


@pytest.fixture(scope="module")
def events():
    return list(ComparisonTrainer(CONTEXT).events())


def told(events, kind):
    """Return the recurrent tagger's events of a kind, and the other's."""
    inner = [event.event for event in events if isinstance(event, WithoutRecurrence)]
    return [event for event in events if isinstance(event, kind)], [event for event in inner if isinstance(event, kind)]


def test_recurrence_learns_what_a_word_alone_cannot_tell(events):
    (verdict,), _ = told(events, Verdict)
    assert (verdict.word, verdict.gold) == ("Taipei", ("DEST", "DEP"))
    assert verdict.recurrent == ("DEST", "DEP")
    assert verdict.recurrent_learned
    assert verdict.alone[0] == verdict.alone[1]
    assert not verdict.alone_learned


def test_the_verdict_comes_before_the_end(events):
    assert isinstance(events[-2], Verdict)
    assert isinstance(events[-1], Finished)


def test_each_tagger_trains_as_without_the_other(events):
    own, other = told(events, Epoch)
    for epochs, config in ((own, CONTEXT), (other, replace(CONTEXT, model="none"))):
        alone = [event for event in Trainer(config).events() if isinstance(event, Epoch)]
        assert [replace(e, seconds=0) for e in epochs] == [replace(e, seconds=0) for e in alone]


def test_taggers_take_turns_epoch_by_epoch(events):
    order = [isinstance(e, WithoutRecurrence) for e in events if isinstance(getattr(e, "event", e), Epoch)]
    assert order == [True, False] * CONTEXT.epochs


def test_both_taggers_yield_every_event_once(events):
    for kind, times in ((Started, 1), (Scores, 4), (Finished, 1)):
        assert [len(found) for found in told(events, kind)] == [times, times]


def test_comparison_keeps_the_recurrent_tagger():
    comparison = ComparisonTrainer(replace(CONTEXT, epochs=1))
    for _ in comparison.events():
        pass
    assert comparison.latest.config["model"] == "lstm"
    assert comparison.latest.epoch == 1


def test_closing_stops_both_at_once():
    comparison = ComparisonTrainer(replace(CONTEXT, epochs=10_000))
    events = comparison.events()
    while not isinstance(next(events), Epoch):
        pass
    alone = comparison.alone
    events.close()
    assert comparison.recurrent.epoch == 1
    assert alone.epoch <= 2


class Diverging:
    """A trainer whose first minibatch diverges."""

    def events(self):
        yield EpochDiverged(epoch=1, step=1, kept_epoch=0)

    def release(self):
        pass


def test_divergence_of_the_recurrent_tagger_ends_the_comparison():
    comparison = ComparisonTrainer(replace(CONTEXT, epochs=2))
    comparison.recurrent = Diverging()
    assert list(comparison.events())[-1] == EpochDiverged(1, 1, 0)


def test_divergence_of_the_other_tagger_leaves_no_verdict():
    comparison = ComparisonTrainer(replace(CONTEXT, epochs=2))
    comparison.alone = Diverging()
    events = list(comparison.events())
    assert events[0] == WithoutRecurrence(EpochDiverged(1, 1, 0))
    assert isinstance(events[-1], Finished)
    assert not any(isinstance(event, Verdict) for event in events)


def scores(sentence, gold, *log_probs):
    return Scores("after", sentence, ("go", "home"), gold, ("A", "B"), np.log(np.array(log_probs)))


def test_the_verdict_by_hand():
    # "home" is A in the first sentence and B in the second; "go" has one tag.
    told = [scores(0, ("A", "A"), [0.9, 0.1], [0.8, 0.2]), scores(1, ("A", "B"), [0.9, 0.1], [0.6, 0.4])]
    both = [scores(0, ("A", "A"), [0.9, 0.1], [0.8, 0.2]), scores(1, ("A", "B"), [0.9, 0.1], [0.3, 0.7])]
    verdict = judge(both, told)
    assert (verdict.word, verdict.gold) == ("home", ("A", "B"))
    assert (verdict.recurrent, verdict.recurrent_learned) == (("A", "B"), True)
    assert (verdict.alone, verdict.alone_learned) == (("A", "A"), False)


def test_no_verdict_without_a_word_with_two_tags():
    same = [scores(0, ("A", "B"), [0.9, 0.1], [0.8, 0.2]), scores(1, ("A", "B"), [0.9, 0.1], [0.6, 0.4])]
    assert judge(same, same) is None
    assert judge(same, []) is None
