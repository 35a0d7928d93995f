"""What followed a context: counted by hand, and the n-gram model's probabilities from its levels."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.models import NGrams, followers
from rnnlab.models.followers import BackOffLevel
from rnnlab.validation import InvalidInput

A, B, C = 0, 1, 2
SONG = [A, B, A, B, A, C]


def found(context, n=2, ids=SONG, vocab_size=3):
    return followers(ids, NGrams(ids, vocab_size, max(n, 2)), context, n)


def counts(result):
    return [(row.token, row.count, row.first) for row in result.followers]


def test_the_example_of_the_docstring():
    after_a = found([A])
    assert counts(after_a) == [(B, 2, 1), (C, 1, 5)]
    assert [row.share for row in after_a.followers] == pytest.approx([2 / 3, 1 / 3])
    assert after_a.followers[0].probability == pytest.approx(0.6 + 2 / 45)
    longest, empty = after_a.levels
    assert longest == BackOffLevel((A,), True, 3, 2, 1 / 5, pytest.approx(2 / 15))
    assert empty == BackOffLevel((), False, 3, 3, 1.0, 1.0)


def test_a_context_that_nothing_followed_falls_back_to_its_ending():
    """b b never occurs and c ends the text: what followed b, and after c how often each character occurs."""
    after_bb = found([B, B], n=3)
    assert (after_bb.used, after_bb.total) == ((B,), 2)
    assert counts(after_bb) == [(A, 2, 2)]
    assert after_bb.levels[0].total == 0
    assert after_bb.levels[0].passed_on == 1.0
    after_c = found([C])
    assert (after_c.context, after_c.used) == ((C,), ())
    assert counts(after_c) == [(A, 3, 0), (B, 2, 1), (C, 1, 5)]


def test_only_the_last_tokens_count_and_fewer_than_the_model_reads_are_enough():
    assert found([C, C, A]) == found([A])
    after_ab = found([A, B], n=5)
    assert counts(after_ab) == [(A, 2, 2)]
    assert [level.context for level in after_ab.levels] == [(A, B), (B,), ()]
    assert not any(level.counts_occurrences for level in after_ab.levels)  # the 5-gram's own are of four tokens
    assert found([A], n=1).context == ()


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), min_size=6, max_size=40), st.integers(1, 5), st.lists(st.integers(0, 3), max_size=5))
def test_the_levels_give_the_probabilities_of_the_ngram_model(ids, n, context):
    ngrams = NGrams(ids, 4, 5)
    result = followers(ids, ngrams, context, n)
    for token in range(4):
        p = 1 / 4
        for level in reversed(result.levels):
            models = ngrams.own if level.counts_occurrences else ngrams.below
            seen = models[len(level.context)].follows.get(level.context, ({}, 0))[0]
            assert sum(seen.values()) == level.total
            own = max(seen.get(token, 0) - level.discount, 0) / level.total if level.total else 0
            p = own + level.passed_on * p
        assert p == pytest.approx(ngrams.probabilities(token, context)[n - 1])
        for row in result.followers:
            assert row.token != token or row.probability == pytest.approx(p)


@given(st.lists(st.integers(0, 3), min_size=6, max_size=40), st.lists(st.integers(0, 3), min_size=1, max_size=4))
def test_counts_and_places_are_those_of_a_plain_search(ids, context):
    result = followers(ids, NGrams(ids, 4, 5), context, 5)
    width = len(result.used)
    after = [k for k in range(width, len(ids)) if tuple(ids[k - width : k]) == result.used]
    assert result.total == len(after)
    for row in result.followers:
        places = [k for k in after if ids[k] == row.token]
        assert (row.count, row.first) == (len(places), places[0])
    assert sum(row.share for row in result.followers) == pytest.approx(1)
    assert result.used == tuple(context) or not any(
        ids[k - width - 1 : k] == context[-width - 1 :] for k in range(width + 1, len(ids))
    )


@pytest.mark.parametrize("n", [0, 3, 2.5])
def test_another_n_is_refused(n):
    with pytest.raises(InvalidInput, match="n: "):
        followers(SONG, NGrams(SONG, 3, 2), [A], n)
