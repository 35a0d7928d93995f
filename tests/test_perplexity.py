import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.perplexity import perplexity, unigram_perplexity


@pytest.mark.parametrize("size", [2, 10, 1027])
def test_guessing_evenly_among_v_characters_has_perplexity_v(size):
    assert perplexity(7 * math.log(size), 7) == pytest.approx(size, rel=1e-12)


def test_perplexity_is_the_geometric_mean_of_inverse_probabilities():
    # p = 1/2 and p = 1/8: (2 · 8)^(1/2) = 4
    assert perplexity(math.log(2) + math.log(8), 2) == pytest.approx(4.0, rel=1e-12)


def test_perplexity_of_certainty_is_one():
    assert perplexity(0.0, 5) == 1.0


@pytest.mark.parametrize("mean", [700.0, 1e9, math.inf, math.nan])
def test_perplexity_beyond_a_float_is_infinite(mean):
    assert perplexity(mean * 3, 3) == math.inf


def test_perplexity_just_below_the_limit_is_finite():
    assert perplexity(699.9, 1) < math.inf


def test_unigram_by_hand():
    # probabilities 1/2, 1/4, 1/4: entropy 1.5 bits, 2^1.5
    assert unigram_perplexity(torch.tensor([5, 5, 0, 2])) == pytest.approx(2**1.5, rel=1e-12)
    assert unigram_perplexity(torch.tensor([3, 3, 3])) == 1.0


@settings(deadline=None)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=200))
def test_unigram_lies_between_one_and_the_number_of_distinct_characters(ids):
    value = unigram_perplexity(torch.tensor(ids))
    assert 1.0 - 1e-9 <= value <= len(set(ids)) + 1e-9
