"""Several temperatures by the same random numbers, the inverse of the CDF, and the entropy of what is drawn from."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab import checkpoints
from rnnlab.experiments.language_model import (
    Config,
    LearnedText,
    counting_writer,
    network_writer,
    temperature_columns,
)
from rnnlab.experiments.language_model.data import prepare
from rnnlab.generation import Generation, check_temperatures, generate, side_by_side, token_at
from rnnlab.generation.side_by_side import entropy_of
from rnnlab.resources import shipped_model
from rnnlab.text import copied_runs
from rnnlab.validation import InvalidInput

HOW = Generation(prefix="不分开", length=60, seed=5)


def logits_of(*probabilities):
    return np.log(np.array(probabilities)).astype(np.float32)


@pytest.fixture(scope="module")
def writers():
    saved = checkpoints.load(shipped_model("lyrics-zh"))
    learned = LearnedText(prepare(Config.from_strings(saved.config)).corpus)
    return {"network": network_writer(saved, learned), "5-gram": counting_writer("5-gram", learned)}


def columns(writer, *temperatures, how=HOW):
    return list(side_by_side(writer.decoder, writer.vocab, how, temperatures))


# one draw


@pytest.mark.parametrize(("uniform", "chosen"), [(0.0, 1), (0.49, 1), (0.51, 0), (0.79, 0), (0.81, 2), (1 - 2**-53, 2)])
def test_a_number_draws_the_token_whose_part_of_the_cdf_it_is_in(uniform, chosen):
    """Likeliest first: token 1 has [0, 0.5), token 0 [0.5, 0.8), token 2 [0.8, 1)."""
    assert token_at(logits_of(0.3, 0.5, 0.2), Generation(temperature=1.0), uniform) == chosen


def test_temperature_and_top_k_change_the_parts():
    """Temperature 1/2 squares: 0.25, 0.09, 0.04 of 0.38, so token 1 has up to 0.658 and token 0 up to 0.895."""
    squared, two = Generation(temperature=0.5), Generation(temperature=1.0, top_k=2)
    assert [token_at(logits_of(0.3, 0.5, 0.2), squared, u) for u in (0.65, 0.66, 0.89, 0.90)] == [1, 0, 0, 2]
    assert [token_at(logits_of(0.3, 0.5, 0.2), two, u) for u in (0.62, 0.63, 1 - 2**-53)] == [1, 0, 0]  # 0.5 of 0.8
    assert token_at(logits_of(0.3, 0.5, 0.2), Generation(temperature=0.0), 0.99) == 1


@given(
    st.lists(st.integers(-300, 300).map(lambda k: k / 64), min_size=1, max_size=12),
    st.floats(0, 1, exclude_max=True),
    st.none() | st.integers(1, 15),
    st.none() | st.floats(0.01, 1.0),
)
def test_a_higher_temperature_never_draws_a_likelier_token(values, uniform, top_k, top_p):
    logits = np.array(values, np.float32)
    how = [Generation(temperature=temperature, top_k=top_k, top_p=top_p) for temperature in (0.0, 0.5, 1.0, 2.0)]
    drawn = [float(logits[token_at(logits, each, uniform)]) for each in how]
    assert drawn == sorted(drawn, reverse=True)


def test_numbers_spread_evenly_draw_each_token_by_its_probability():
    drawn = [token_at(logits_of(0.3, 0.5, 0.2), Generation(temperature=1.0), (k + 0.5) / 1000) for k in range(1000)]
    assert [drawn.count(token) for token in range(3)] == [300, 500, 200]


@pytest.mark.parametrize(
    ("probabilities", "bits"), [((0.5, 0.5), 1.0), ((0.25,) * 4, 2.0), ((0.5, 0.25, 0.25), 1.5), ((1.0,), 0.0)]
)
def test_entropy_is_in_bits(probabilities, bits):
    assert entropy_of(logits_of(*probabilities)) == pytest.approx(bits, abs=1e-6)


def test_the_entropy_of_a_diverged_model_is_a_number():
    assert entropy_of(np.array([np.nan, np.inf, 0.0], np.float32)) == 0.0


# columns


@pytest.mark.parametrize("name", ["network", "5-gram"])
def test_a_column_is_the_same_alone_and_among_others(writers, name):
    together = columns(writers[name], 0.0, 0.8, 1.6)
    for column in together:
        (alone,) = columns(writers[name], column.temperature)
        assert alone == replace(column, departs=None)


@pytest.mark.parametrize("name", ["network", "5-gram"])
def test_temperature_zero_is_greedy_generation(writers, name):
    writer = writers[name]
    (column,) = columns(writer, 0.0)
    greedy = generate(writer.decoder(), writer.vocab, replace(HOW, temperature=0.0))
    assert column.text == "".join(token.text for token in greedy)


def test_columns_agree_up_to_where_they_depart(writers):
    found = columns(writers["network"], 0.0, 0.8, 1.2, 1.6)
    assert found[0].departs is None
    assert any(column.departs for column in found)
    for left, right in pairwise(found):
        place = right.departs if right.departs is not None else HOW.length
        assert left.text[:place] == right.text[:place]
        assert place == HOW.length or left.text[place] != right.text[place]
    first, second = columns(writers["network"], 0.8, 0.8)
    assert (second.departs, second.text) == (None, first.text)


def test_the_seed_is_that_of_the_numbers(writers):
    (one,), (same,), (other,) = (columns(writers["network"], 1.2, how=replace(HOW, seed=seed)) for seed in (1, 1, 2))
    assert one == same
    assert one.text != other.text


def test_entropy_and_distinct_tokens_are_those_of_the_column(writers):
    """The uniform guess among V tokens has log2 V bits at each place."""
    writer = writers["5-gram"]
    uniform = counting_writer("uniform", writer.learned)
    (column,) = columns(uniform, 1.0)
    assert column.entropy == pytest.approx(math.log2(len(writer.vocab)), rel=1e-6)
    assert column.distinct == len(set(column.text))


def test_copied_shares_are_those_of_the_text(writers):
    learned = writers["network"].learned
    cold, hot = temperature_columns(writers["network"], HOW, (0.4, 2.0))
    assert hot.copied_share < cold.copied_share == 1.0
    for column in (cold, hot):
        song = HOW.prefix + column.text
        assert column.copied_share == learned.share(song, len(HOW.prefix))
        assert list(column.runs) == copied_runs(song, learned.text, learned.min_length)
    assert hot.departs == hot.departs_token  # a token is a character
    unknown = replace(writers["network"], learned=None)
    (column,) = temperature_columns(unknown, HOW, (0.4,))
    assert (column.copied_share, column.runs, column.text) == (None, (), cold.text)


@pytest.mark.parametrize("value", ["0, 0.5, 1", "0 0.5;1", "0，0.5、1", [0, 0.5, 1], (0.0, 0.5, 1.0)])
def test_temperatures_are_read_from_a_list_or_a_text(value):
    assert check_temperatures(value) == (0.0, 0.5, 1.0)


@pytest.mark.parametrize(
    "value", ["", ",", "hot", "1,nan", "-1", "5.1", [], [1] * 6, "1 1 1 1 1 1", [True], [None], None, ["1"], [[1]], 9]
)
def test_other_temperatures_are_refused_by_name(value):
    with pytest.raises(InvalidInput, match="temperatures: "):
        check_temperatures(value)
