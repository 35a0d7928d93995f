"""The n-gram model: worked by hand, and what must hold of any."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.models import NGram
from rnnlab.validation import InvalidInput

A, B, C = 0, 1, 2
texts = st.lists(st.integers(0, 5), min_size=8, max_size=80)
orders = st.integers(1, 5)


def test_the_example_of_the_docstring():
    model = NGram([A, B, A, B, A], vocab_size=3, order=2)
    assert [model.probability(token) for token in (A, B, C)] == pytest.approx([1 / 3] * 3)
    assert [model.probability(token, [A]) for token in (A, B, C)] == pytest.approx([1 / 12, 5 / 6, 1 / 12])


def test_an_example_with_discounts():
    """a b a b a c: the pairs ab, ba, ba... by hand.

    Bigrams: ab 2, ba 2, ac 1; n1 = 1, n2 = 2, D2 = 1/5.  After a: b 2, c 1, total 3, N = 2.
    Unigrams count what stands before: a after {b}, b after {a}, c after {a}: each 1; n1 = 3, n2 = 0, D1 = 1:
    p(w) = (1 - 1)/3 + 1 · 3/3 · 1/3 = 1/3.
        p(b | a) = (2 - 0.2)/3 + 0.2 · 2/3 · 1/3 = 0.6 + 0.0444...
        p(c | a) = (1 - 0.2)/3 + 0.0444... = 0.3111...,   p(a | a) = 0.0444...
    """
    model = NGram([A, B, A, B, A, C], vocab_size=3, order=2)
    seen = [model.probability(token, [A]) for token in (A, B, C)]
    assert seen == pytest.approx([0.4 / 9, 0.6 + 0.4 / 9, 0.8 / 3 + 0.4 / 9])


def test_a_unigram_is_how_often():
    """a a a b: n1 = 1 (b), n2 = 0, D = 1: p(a) = 2/4 + 1 · 2/4 · 1/2 = 0.75, p(b) = 0 + 0.25."""
    model = NGram([A, A, A, B], vocab_size=2, order=1)
    assert [model.probability(token, [B, B]) for token in (A, B)] == pytest.approx([0.75, 0.25])


def test_perplexity_by_hand():
    """Of b a with the unigram above: exp(-(ln 0.25 + ln 0.75) / 2) = (0.1875)^(-1/2)."""
    assert NGram([A, A, A, B], 2, 1).perplexity([B, A]) == pytest.approx(0.1875**-0.5)


@given(texts, orders, st.lists(st.integers(0, 5), max_size=6))
def test_probabilities_sum_to_one(ids, order, context):
    model = NGram(ids, vocab_size=6, order=order)
    assert math.fsum(model.probability(token, context) for token in range(6)) == pytest.approx(1)


@given(texts, st.integers(2, 5), st.lists(st.integers(0, 5), max_size=6))
def test_only_the_last_tokens_of_the_context_count(ids, order, context):
    model = NGram(ids, vocab_size=6, order=order)
    assert model.probability(A, [B, *context]) == model.probability(A, context) or len(context) < order - 1


@given(texts)
def test_what_it_has_counted_surprises_a_longer_memory_no_more_than_a_blind_guess(ids):
    assert NGram(ids, 6, 1).perplexity(ids) <= 6 + 1e-9


def test_repetition_is_learned():
    """Each pair comes 10 times, the one over the seam 9 times: D = 1/2, p = (c - 1/2)/c + 1/2c · 1/6."""
    song = [A, B, C, 3, 4, 5] * 10
    assert NGram(song, 6, 1).perplexity(song) == pytest.approx(6)
    ten, nine = (9.5 + 0.5 / 6) / 10, (8.5 + 0.5 / 6) / 9
    assert NGram(song, 6, 2).perplexity(song) == pytest.approx((1 / 6 * ten**50 * nine**9) ** (-1 / 60))


@given(texts, orders, st.lists(st.integers(0, 5), max_size=6), st.integers(0, 5))
def test_nothing_is_impossible(ids, order, context, token):
    assert 0 < NGram(ids, vocab_size=6, order=order).probability(token, context) <= 1 + 1e-12


def test_there_is_no_perplexity_of_nothing():
    with pytest.raises(InvalidInput, match="ids"):
        NGram([A, B], 2, 1).perplexity([])


@pytest.mark.parametrize(("ids", "order"), [([], 1), ([A, B], 3), ([A, B], 0), ([A, B], 9)])
def test_what_it_refuses(ids, order):
    with pytest.raises(InvalidInput):
        NGram(ids, 2, order)
