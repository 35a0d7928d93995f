"""What needs no network, for the text that is given."""

import pytest

from rnnlab.reproduce import count
from rnnlab.resources import shipped_corpus
from rnnlab.validation import InvalidInput


def test_baselines_of_the_shipped_lyrics():
    found = count(None)
    assert list(found["baselines"]) == ["uniform", "unigram", "ngram2", "ngram3", "ngram4", "ngram5"]
    assert (found["training_tokens"], found["held_out_tokens"]) == (9000, 1000)
    characters = set(shipped_corpus("lyrics-zh")[:10_000])
    assert found["baselines"]["uniform"] == {"training": len(characters), "held_out": len(characters)}
    assert found["baselines"]["ngram5"]["training"] < 2 < 200 < found["baselines"]["ngram5"]["held_out"] < 400
    assert found["shipped"]


def test_another_text():
    found = count("one fish two fish red fish blue fish " * 9)
    assert found["baselines"]["uniform"] == {"training": 15, "held_out": 15}
    assert not found["shipped"]


def test_a_very_short_text_has_baselines():
    with pytest.raises(InvalidInput, match="held_out"):
        count("la li")
