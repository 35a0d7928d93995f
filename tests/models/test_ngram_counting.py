"""Counting with sorted integers gives the numbers of the textbook version."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.models import NGrams, ngram_perplexities
from rnnlab.models import ngram_counting as counting
from rnnlab.resources import shipped_corpus
from rnnlab.text import make_corpus
from rnnlab.validation import InvalidInput

SIZES = st.sampled_from([1, 2, 3, 6, 70_000, 2**31])


@st.composite
def texts(draw):
    """Draw a text to count, another one to read, the size of the vocabulary and the longest n."""
    vocab_size = draw(SIZES)
    some = st.sampled_from(draw(st.lists(st.integers(0, vocab_size - 1), min_size=1, max_size=5)))
    ids = draw(st.lists(some, min_size=1, max_size=60))
    other = draw(st.lists(some | st.integers(0, vocab_size - 1), max_size=20))
    return ids, other, vocab_size, draw(st.integers(1, min(8, len(ids))))


def assert_same_as_the_textbook(ids, other, vocab_size, longest):
    counted, read = ngram_perplexities(ids, [other], vocab_size, longest)
    textbook = NGrams(ids, vocab_size, longest)
    assert counted == pytest.approx(textbook.perplexities(ids), rel=1e-9)
    assert read == (pytest.approx(textbook.perplexities(other), rel=1e-9) if other else [])


@settings(max_examples=300)
@given(texts())
def test_perplexities_are_those_of_the_textbook(drawn):
    assert_same_as_the_textbook(*drawn)


@settings(max_examples=50)
@given(texts())
def test_so_are_those_of_codes_too_large_to_be_sorted_with_their_places(drawn):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "_sorted_with_places", sorted_in_two_arrays)
        assert_same_as_the_textbook(*drawn)


def sorted_in_two_arrays(codes, original=counting._sorted_with_places):
    """Call it with codes that leave no bits for the places, and give back the small ones."""
    room = 2**62
    sorted_codes, places = original(codes + room)
    return sorted_codes - room, places


@pytest.mark.parametrize(
    ("ids", "other", "vocab_size", "longest"),
    [
        ([0], [0, 0], 1, 1),
        ([0] * 50, [0], 1, 7),
        ([3] * 50, [3, 3, 4, 3, 0], 5, 7),
        ([5, 2**31 - 1, 5], [7, 2**31 - 1, 5, 2**31 - 2], 2**31, 3),
        (list(range(40)), list(range(40, 80)), 80, 7),
        (list(range(40)), list(range(39, -1, -1)), 40, 7),
    ],
)
def test_wild_texts(ids, other, vocab_size, longest):
    assert_same_as_the_textbook(ids, other, vocab_size, longest)


@pytest.mark.parametrize("name", ["lyrics-zh", "lyrics-en"])
def test_perplexities_of_the_shipped_songs(name):
    corpus = make_corpus(shipped_corpus(name), held_out=0.1, max_tokens=5000)
    assert_same_as_the_textbook(corpus.train_ids.tolist(), corpus.held_out_ids.tolist(), len(corpus.vocab), 7)


def test_each_of_several_texts_has_its_own_perplexities():
    song, others = [0, 1, 2, 0, 1, 2, 1], ([0, 1], [], [2, 2, 2])
    together = ngram_perplexities(song, others, 3, 3)
    assert together[1:] == [ngram_perplexities(song, [other], 3, 3)[1] for other in others]


def test_the_arguments_are_left_as_they_are():
    song = np.array([0, 1, 2, 0, 1])
    ngram_perplexities(song, [song], 3, 3)
    assert song.tolist() == [0, 1, 2, 0, 1]


@pytest.mark.parametrize(("ids", "longest"), [([], 1), ([0, 1], 3), ([0, 1], 0), ([0, 1], 9)])
def test_invalid_arguments_are_rejected(ids, longest):
    with pytest.raises(InvalidInput):
        ngram_perplexities(ids, [], 2, longest)
