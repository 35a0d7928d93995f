"""On texts whose entropy is known, networks come down to it, and n-grams cannot."""

import math

import pytest

from rnnlab.experiments.language_model import Config, Started, Trainer, preset
from rnnlab.experiments.language_model.baselines import FLOOR, compared
from rnnlab.experiments.language_model.evaluation import held_out_rows
from rnnlab.runs.serialization import FIELDS, OPTIONAL
from rnnlab.text.synthetic import DistanceLines

FLOOR_OF_LINES = 2 ** (10 / 11)  # four letters over a distance of 8, see `DistanceLines`
FORGETFUL = 2 ** DistanceLines(8).forgetful_bits


def trained(name, **changes):
    """Return the start and the last epoch of a preset's run."""
    trainer = Trainer(preset(name).config(sample_every=None, progress_every=None, **changes), device="cpu")
    started = next(event for event in trainer.events() if isinstance(event, Started))
    for _ in trainer.events():
        pass
    return started, trainer.history[-1]


def test_a_gated_network_comes_within_three_percent_of_the_floor_and_a_5_gram_does_not():
    started, last = trained("distance", model="lstm", max_tokens=30_000, num_steps=25, learning_rate=0.01, epochs=10)
    assert started.entropy_perplexity == pytest.approx(FLOOR_OF_LINES)
    assert FLOOR_OF_LINES < last["held_out_perplexity"] < 1.03 * FLOOR_OF_LINES
    assert started.ngram5_held_out_perplexity == pytest.approx(2.71, abs=0.04)


def test_a_plain_network_forgets_the_letter_over_a_long_distance():
    source = DistanceLines(20)
    _, last = trained("distance", model="rnn", distance=20, max_tokens=30_000, learning_rate=0.01, epochs=5)
    assert last["held_out_perplexity"] > 0.99 * 2**source.forgetful_bits > 1.05 * 2**source.entropy_bits


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"corpus": "distance"}, FLOOR_OF_LINES),
        ({"corpus": "distance", "tokenizer": "raw"}, FLOOR_OF_LINES),
        ({"corpus": "distance", "distance": 2}, 2 ** (4 / 5)),
        ({"corpus": "brackets"}, 2 ** (22 / 25)),
        ({"corpus": "brackets", "tokenizer": "words"}, None),
        ({"corpus": "distance", "min_freq": 2}, None),
        ({"corpus": "lyrics-en"}, None),
    ],
)
def test_entropy_is_said_where_the_tokens_are_the_characters_of_a_generated_text(changes, expected):
    trainer = Trainer(Config(max_tokens=3000, hidden_size=4, **changes), device="cpu")
    bits = trainer.corpus.entropy_bits
    assert bits is None if expected is None else 2**bits == pytest.approx(expected)


def test_another_text_under_the_name_of_a_generated_one_has_no_entropy():
    text = "one fish two fish " * 80
    assert Trainer(Config(corpus="brackets", hidden_size=4), text, device="cpu").corpus.entropy_bits is None


def test_the_floor_is_the_last_row_of_the_comparison():
    known = {"uniform_perplexity": 11.0, "entropy_perplexity": FLOOR_OF_LINES}
    assert compared(known)[-1] == (FLOOR, FLOOR_OF_LINES, FLOOR_OF_LINES)
    assert FLOOR not in [name for name, *_ in compared(known | {"entropy_perplexity": None})]


def test_an_older_saved_run_without_the_entropy_is_still_read():
    assert "entropy_perplexity" in FIELDS["start"] & OPTIONAL


def test_the_held_out_part_of_a_generated_text_is_read_in_one_row():
    assert held_out_rows(10_000, Config(corpus="brackets")) == 1
    assert held_out_rows(10_000, Config()) > 1
    assert math.isclose(FORGETFUL, 2.13, abs_tol=0.001)
