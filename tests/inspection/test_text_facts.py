"""What a text holds, counted again here, and as a training counts it."""

from collections import Counter

import pytest

from rnnlab.experiments.language_model import Config
from rnnlab.experiments.language_model.data import prepare
from rnnlab.inspection import TextConfig, text_facts
from rnnlab.resources import shipped_corpus
from rnnlab.text import Source
from rnnlab.validation import InvalidInput


def facts(text, **settings):
    return text_facts(Source(text, ("UTF-8",)), TextConfig(**settings))


def test_a_short_text_by_hand():
    found = facts("la la li\r\nlo", batch_size=1, num_steps=3)
    assert (found.lines, found.characters, found.distinct) == (2, 12, 7)
    assert (found.tokens, found.taken, found.vocab_size) == (11, 11, 6)
    assert [(entry.token, entry.id, entry.count) for entry in found.vocabulary] == [
        ("l", 0, 4), ("a", 1, 2), (" ", 2, 2), ("i", 3, 1), ("\n", 4, 1), ("o", 5, 1),
    ]  # fmt: skip
    assert found.first_lines == ("la la li", "lo")
    assert found.beginning[:4] == (("l", 0), ("a", 1), (" ", 2), ("l", 0))
    assert found.minibatches == 3


@pytest.mark.parametrize("sampling", ["random", "sequential"])
@pytest.mark.parametrize("tokenizer", ["lines", "cleaned"])
def test_it_counts_as_a_training_does(tokenizer, sampling):
    settings = {"tokenizer": tokenizer, "sampling": sampling, "max_tokens": 5000, "held_out": 0.2, "num_steps": 7}
    found = facts(shipped_corpus("lyrics-en"), **settings)
    prepared = prepare(Config(corpus="lyrics-en", **settings))
    assert found.minibatches == prepared.steps
    assert tuple(entry.token for entry in found.vocabulary) == prepared.corpus.vocab.tokens
    assert found.taken == 5000
    assert found.lines == len(shipped_corpus("lyrics-en").splitlines())
    if tokenizer == "lines":
        counted = Counter(shipped_corpus("lyrics-en")[:5000])
        assert {entry.token: entry.count for entry in found.vocabulary} == counted
    else:
        assert (found.vocabulary[0].token, found.vocabulary[0].count) == ("<unk>", 0)


def test_a_text_shorter_than_a_minibatch_has_none():
    assert facts("short", batch_size=32).minibatches == 0
    with pytest.raises(InvalidInput, match="text: "):
        facts("   ")
