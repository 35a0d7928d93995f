"""Each epoch says how much of its samples stands word for word in the training text."""

import pytest

from rnnlab.experiments.language_model import Config, Epoch, LearnedText, Trainer, Untrained
from rnnlab.experiments.language_model.copying import copied_of_samples
from rnnlab.text import copied_runs, make_corpus

TEXT = "one two three\nfour five six\nseven eight nine\n" * 8


def test_the_prefix_does_not_count_and_the_runs_are_places_in_the_samples():
    learned = LearnedText(make_corpus(TEXT, held_out=0.0))
    samples = ["one two xx", "xxxxxxfour "]
    assert learned.min_length == 5
    assert copied_of_samples(learned, samples, ["one ", "xxxxxx"]) == {
        "copied_share": (4 + 5) / (6 + 5),  # of "two xx" four characters, of "four " all
        "longest_copied": 8,
        "copied_runs": (((0, 8),), ((6, 11),)),
    }


@pytest.fixture(scope="module")
def events():
    config = Config(corpus="own", hidden_size=32, batch_size=4, num_steps=10, epochs=12, held_out=0.0)
    return list(Trainer(config, TEXT, device="cpu").events())


def test_the_samples_of_a_run_begin_new_and_end_copied(events):
    (untrained,) = [event for event in events if isinstance(event, Untrained)]
    epochs = [event for event in events if isinstance(event, Epoch)]
    assert untrained.copied_share == 0.0
    assert epochs[-1].copied_share > 0.9
    for event in (untrained, *epochs):
        assert [[(run.start, run.end) for run in copied_runs(s, TEXT, 5)] for s in event.samples] == [
            list(runs) for runs in event.copied_runs
        ]
