"""Baselines without a network."""

import pytest
import torch

from rnnlab import limits
from rnnlab.experiments.language_model.baselines import NAMES, ORDERS, baselines, best_ngram, compared
from rnnlab.models import NGrams
from rnnlab.resources import shipped_corpus
from rnnlab.text import make_corpus

SONG = "one fish two fish red fish blue fish " * 8


def zeros(corpus, train, held_out):
    """Return a corpus with that many equal tokens."""
    for name, tokens in (("train_ids", train), ("held_out_ids", held_out)):
        object.__setattr__(corpus, name, torch.zeros(tokens, dtype=torch.long))
    return corpus


def test_ngrams_beat_unigram_and_held_out_text_is_harder():
    corpus = make_corpus(shipped_corpus("lyrics-zh"), max_tokens=4000, held_out=0.1)
    known = baselines(corpus)
    rows = {name: (training, held_out) for name, training, held_out in compared(known)}
    assert tuple(rows) == NAMES
    assert rows["uniform"] == (len(corpus.vocab), len(corpus.vocab))
    training, held_out = zip(*rows.values(), strict=True)
    assert list(training) == sorted(training, reverse=True)  # longer n-grams are better
    assert list(held_out[:4]) == sorted(held_out[:4], reverse=True)
    assert best_ngram(known) == min((value, n) for n, value in zip(ORDERS, held_out[2:], strict=True))[::-1]
    assert all(new > counted > 1 for counted, new in list(rows.values())[1:])
    assert known["counted_tokens"] == 3600


@pytest.mark.parametrize("n", [2, 5])
def test_each_n_gram_is_the_one_that_is_counted_alone(n):
    corpus = make_corpus(SONG, held_out=0.2)
    known, alone = baselines(corpus), NGrams(corpus.train_ids, len(corpus.vocab), n)
    assert known[f"ngram{n}_perplexity"] == pytest.approx(alone.perplexities(corpus.train_ids)[-1])
    assert known[f"ngram{n}_held_out_perplexity"] == pytest.approx(alone.perplexities(corpus.held_out_ids)[-1])


def test_held_out_baselines_are_none_without_held_out_text():
    rows = compared(baselines(make_corpus(SONG, held_out=0.0)))
    assert [held_out for _, _, held_out in rows[1:]] == [None] * 7


def test_ngrams_longer_than_the_text_are_none():
    known = baselines(zeros(make_corpus(SONG), 3, 0))
    assert [known[f"ngram{n}_perplexity"] is None for n in ORDERS] == [False, False, True, True, True, True]
    assert known["unigram_perplexity"] == 1.0


def test_only_the_first_tokens_of_a_long_text_are_counted(monkeypatch):
    monkeypatch.setattr(limits, "MAX_COUNTED_TOKENS", 50)
    corpus = make_corpus(SONG, held_out=0.4)
    known, alone = baselines(corpus), NGrams(corpus.train_ids[:50], len(corpus.vocab), 2)
    assert known["counted_tokens"] == 50 < len(corpus.train_ids)
    assert known["ngram2_held_out_perplexity"] == pytest.approx(alone.perplexities(corpus.held_out_ids[:50])[-1])
