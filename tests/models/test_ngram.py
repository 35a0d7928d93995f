"""The n-gram model: worked by hand, and what must hold of any."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.models import NGrams
from rnnlab.validation import InvalidInput

A, B, C = 0, 1, 2
texts = st.lists(st.integers(0, 5), min_size=8, max_size=80)
orders = st.integers(1, 5)


def probabilities(ids, vocab_size, order, context=()):
    """Of every token, by the n-gram model with n = `order`."""
    models = NGrams(ids, vocab_size, order)
    return [models.probabilities(token, context)[-1] for token in range(vocab_size)]


def perplexity(ids, vocab_size, order, read):
    return NGrams(ids, vocab_size, order).perplexities(read)[-1]


def test_the_example_of_the_docstring():
    text = [A, B, A, B, A]
    assert probabilities(text, 3, 2) == pytest.approx([1 / 3] * 3)
    assert probabilities(text, 3, 2, [A]) == pytest.approx([1 / 12, 5 / 6, 1 / 12])
    assert probabilities(text, 3, 3, [A, B]) == pytest.approx([8 / 9, 1 / 18, 1 / 18])


def test_an_example_with_discounts():
    """a b a b a c: the pairs ab, ba, ba... by hand.

    Bigrams: ab 2, ba 2, ac 1; n1 = 1, n2 = 2, D2 = 1/5.  After a: b 2, c 1, total 3, N = 2.
    Unigrams count what stands before: a after {b}, b after {a}, c after {a}: each 1; n1 = 3, n2 = 0, D1 = 1:
    p(w) = (1 - 1)/3 + 1 · 3/3 · 1/3 = 1/3.
        p(b | a) = (2 - 0.2)/3 + 0.2 · 2/3 · 1/3 = 0.6 + 0.0444...
        p(c | a) = (1 - 0.2)/3 + 0.0444... = 0.3111...,   p(a | a) = 0.0444...
    """
    seen = probabilities([A, B, A, B, A, C], 3, 2, [A])
    assert seen == pytest.approx([0.4 / 9, 0.6 + 0.4 / 9, 0.8 / 3 + 0.4 / 9])


def test_trigrams_of_a_song_by_hand():
    """不分开不分开来分开 (不 0, 分 1, 开 2, 来 3; V = 4).

    Trigrams, how often:
        不分开 2, 分开不 1, 开不分 1, 分开来 1, 开来分 1, 来分开 1          n1 = 5, n2 = 1, D3 = 5/7
    Pairs, by what stands before them (each different trigram once):
        分开 after {不, 来} 2, 开不 1, 不分 1, 开来 1, 来分 1               n1 = 4, n2 = 1, D2 = 4/6
    Characters, by what stands before them (each different pair once):
        分 after {不, 来} 2, 开 after {分} 1, 不 after {开} 1, 来 after {开} 1     n1 = 3, n2 = 1, D1 = 3/5

    n = 1, total 5, N = 4: p(分) = (2 - 3/5)/5 + 3/5 · 4/5 · 1/4 = 7/25 + 3/25 = 2/5,  the others 2/25 + 3/25 = 1/5
    n = 2 after 分, total 2, N = 1:  p(开) = (2 - 2/3)/2 + 2/3 · 1/2 · 1/5 = 11/15,  p(分) = 1/3 · 2/5 = 2/15,
                                     p(不) = p(来) = 1/3 · 1/5 = 1/15
    n = 3 after 不分, total 2, N = 1: p(开) = (2 - 5/7)/2 + 5/7 · 1/2 · 11/15 = 9/14 + 11/42 = 19/21,
                                     p(分) = 5/14 · 2/15 = 1/21,  p(不) = p(来) = 5/14 · 1/15 = 1/42
    n = 2 after 开, total 2, N = 2:  p(不) = p(来) = (1 - 2/3)/2 + 2/3 · 2/2 · 1/5 = 3/10,  p(分) = 4/15, p(开) = 2/15
    n = 3 after 分开, total 2, N = 2: p(不) = p(来) = (1 - 5/7)/2 + 5/7 · 3/10 = 5/14,
                                     p(分) = 5/7 · 4/15 = 4/21,  p(开) = 5/7 · 2/15 = 2/21
    """
    song = [0, 1, 2, 0, 1, 2, 3, 1, 2]
    assert probabilities(song, 4, 3, [0, 1]) == pytest.approx([1 / 42, 1 / 21, 19 / 21, 1 / 42])
    assert probabilities(song, 4, 3, [1, 2]) == pytest.approx([5 / 14, 4 / 21, 2 / 21, 5 / 14])
    assert probabilities(song, 4, 3, [1]) == pytest.approx([1 / 15, 2 / 15, 11 / 15, 1 / 15])
    # 开不分开: 1/5, p(不 | 开) 3/10, p(分 | 开不) and p(开 | 不分) 19/21.
    # After 开不 only 分: (1 - 5/7)/1 + 5/7 · p(分 | 不), and after 不 only 分: (1 - 2/3)/1 + 2/3 · 2/5 = 3/5; so 5/7.
    assert perplexity(song, 4, 3, [2, 0, 1, 2]) == pytest.approx((1 / 5 * 3 / 10 * 5 / 7 * 19 / 21) ** -0.25)


def test_unigram_probabilities_are_frequencies():
    """a a a b: n1 = 1 (b), n2 = 0, D = 1: p(a) = 2/4 + 1 · 2/4 · 1/2 = 0.75, p(b) = 0 + 0.25."""
    assert probabilities([A, A, A, B], 2, 1, [B, B]) == pytest.approx([0.75, 0.25])


def test_perplexity_by_hand():
    """Of b a with the unigram above: exp(-(ln 0.25 + ln 0.75) / 2) = (0.1875)^(-1/2)."""
    assert perplexity([A, A, A, B], 2, 1, [B, A]) == pytest.approx(0.1875**-0.5)


@given(texts, orders, st.lists(st.integers(0, 5), max_size=6))
def test_probabilities_sum_to_one(ids, order, context):
    assert math.fsum(probabilities(ids, 6, order, context)) == pytest.approx(1)


@given(texts, st.integers(2, 5), st.lists(st.integers(0, 5), max_size=6))
def test_only_the_last_tokens_of_the_context_count(ids, order, context):
    models = NGrams(ids, vocab_size=6, longest=order)
    assert models.probabilities(A, [B, *context]) == models.probabilities(A, context) or len(context) < order - 1


@given(texts, orders, st.lists(st.integers(0, 5), max_size=6), st.lists(st.integers(0, 5), min_size=1, max_size=9))
def test_shared_counts_equal_those_of_each_model_alone(ids, longest, context, read):
    together = NGrams(ids, 6, longest)
    alone = [NGrams(ids, 6, n) for n in range(1, longest + 1)]
    assert together.probabilities(A, context) == [models.probabilities(A, context)[-1] for models in alone]
    assert together.perplexities(read) == pytest.approx([models.perplexities(read)[-1] for models in alone])


@given(texts)
def test_perplexity_on_the_counted_text_is_at_most_the_uniform_guess(ids):
    assert perplexity(ids, 6, 1, ids) <= 6 + 1e-9


def test_repetition_is_learned():
    """Each pair comes 10 times, the one over the seam 9 times: D = 1/2, p = (c - 1/2)/c + 1/2c · 1/6."""
    song = [A, B, C, 3, 4, 5] * 10
    ten, nine = (9.5 + 0.5 / 6) / 10, (8.5 + 0.5 / 6) / 9
    assert NGrams(song, 6, 2).perplexities(song) == pytest.approx([6, (1 / 6 * ten**50 * nine**9) ** (-1 / 60)])


@given(texts, orders, st.lists(st.integers(0, 5), max_size=6), st.integers(0, 5))
def test_every_probability_is_positive(ids, order, context, token):
    assert all(0 < p <= 1 + 1e-12 for p in NGrams(ids, 6, order).probabilities(token, context))


def test_an_empty_text_has_no_perplexity():
    with pytest.raises(InvalidInput, match="ids"):
        NGrams([A, B], 2, 1).perplexities([])


@pytest.mark.parametrize(("ids", "longest"), [([], 1), ([A, B], 3), ([A, B], 0), ([A, B], 9)])
def test_invalid_arguments_are_rejected(ids, longest):
    with pytest.raises(InvalidInput):
        NGrams(ids, 2, longest)
