"""Guesses without a network."""

import pytest
import torch

from rnnlab.experiments.language_model import baselines as room
from rnnlab.experiments.language_model.baselines import ORDER, baselines
from rnnlab.models import NGram
from rnnlab.resources import shipped_corpus
from rnnlab.text import make_corpus

SONG = "one fish two fish red fish blue fish " * 8


def test_counting_beats_guessing_and_new_text_is_harder():
    corpus = make_corpus(shipped_corpus("lyrics-zh"), max_tokens=4000, held_out=0.1)
    known = baselines(corpus)
    assert known["uniform_perplexity"] == len(corpus.vocab)
    assert 1 < known["ngram_perplexity"] < known["unigram_perplexity"] < known["uniform_perplexity"]
    assert known["ngram_held_out_perplexity"] > known["ngram_perplexity"]
    assert known["ngram_perplexity"] == NGram(corpus.train_ids, len(corpus.vocab), ORDER).perplexity(corpus.train_ids)


def test_nothing_held_out_nothing_to_say_of_it():
    assert baselines(make_corpus(SONG, held_out=0.0))["ngram_held_out_perplexity"] is None


@pytest.mark.parametrize("tokens", [3, room.MOST_TOKENS + 1])
def test_too_short_or_too_long_to_count(tokens):
    corpus = make_corpus(SONG, held_out=0.0)
    object.__setattr__(corpus, "train_ids", torch.zeros(tokens, dtype=torch.long))
    assert baselines(corpus)["ngram_perplexity"] is None
    assert baselines(corpus)["unigram_perplexity"] == 1.0
