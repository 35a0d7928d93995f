"""The baselines without a network, for a given text."""

import pytest

from rnnlab.reproduce import measure_baselines
from rnnlab.resources import shipped_corpus
from rnnlab.validation import InvalidInput


def test_baselines_of_the_shipped_lyrics():
    found = measure_baselines(None)
    assert list(found["baselines"]) == ["uniform", "unigram", *(f"ngram{n}" for n in range(2, 8))]
    assert (found["training_tokens"], found["held_out_tokens"]) == (9000, 1000)
    characters = set(shipped_corpus("lyrics-zh")[:10_000])
    assert found["baselines"]["uniform"] == {"training": len(characters), "held_out": len(characters)}
    assert found["baselines"]["ngram5"]["training"] < 2 < 200 < found["baselines"]["ngram5"]["held_out"] < 400
    assert found["shipped"]


def test_baselines_of_another_text():
    found = measure_baselines("one fish two fish red fish blue fish " * 9)
    assert found["baselines"]["uniform"] == {"training": 15, "held_out": 15}
    assert not found["shipped"]


def test_a_text_too_short_for_baselines_is_refused():
    with pytest.raises(InvalidInput, match="held_out"):
        measure_baselines("la li")
