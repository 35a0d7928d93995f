"""The shipped lyrics have statistics like those of the tutorials' lyrics, so that perplexity falls alike."""

from statistics import mean

import pytest

from rnnlab.resources import SHIPPED_CORPORA, resource, shipped_corpus
from rnnlab.text import read_corpus, tokenize

CUT = 10_000


def lines_of(text):
    """List the lines that are not blank. (In a cut the last one may be cut short, too.)"""
    return [line.strip() for line in text.split("\n") if line.strip()]


def repeated_lines(text):
    """Return the share of lines that occurred before."""
    lines = lines_of(text)
    return (len(lines) - len(set(lines))) / len(lines)


def repeated_ngrams(text, n=8):
    """Return the share of n-grams that occurred before."""
    tokens = tokenize(text)
    ngrams = [tokens[i : i + n] for i in range(len(tokens) - n + 1)]
    return (len(ngrams) - len(set(ngrams))) / len(ngrams)


def test_repetition_is_measured_on_small_examples():
    assert repeated_lines("la la\nli\n\nla la\nla la\n") == 2 / 4
    assert repeated_ngrams("abab", n=2) == 1 / 3


@pytest.mark.parametrize("name", SHIPPED_CORPORA)
def test_clean_text(name):
    text = shipped_corpus(name)
    assert "\n\n" not in text  # blank lines would count as repeated lines
    assert "\ufffd" not in text
    assert "\t" not in text
    assert not any(line != line.strip() for line in text.split("\n"))


def test_chinese_words():
    text = shipped_corpus("lyrics-zh")
    assert len(text) >= 12_000
    cut = text[:CUT]
    assert 950 <= len(set(tokenize(cut))) <= 1_100
    assert 0.40 <= repeated_lines(cut) <= 0.50
    assert 0.45 <= repeated_ngrams(cut) <= 0.55
    assert 8 <= mean(len(line) for line in lines_of(cut)) <= 11


def test_english_words():
    text = shipped_corpus("lyrics-en")
    assert len(text) >= 10_000
    cut = text[:CUT]
    assert len(set(tokenize(cut))) <= 100  # letters, digits and a few marks
    assert 0.35 <= repeated_lines(cut) <= 0.50
    assert repeated_ngrams(cut) >= 0.35
    assert 15 <= mean(len(line) for line in lines_of(cut)) <= 45


def test_the_licence_is_stated():
    assert "CC0" in resource("data/README.md").read_text(encoding="utf-8")


def test_the_measure_agrees_with_the_tutorials_corpus(tutorial_corpus):
    text = read_corpus(tutorial_corpus)
    assert repeated_lines(text) == pytest.approx(0.446, abs=0.001)  # of the whole file; 0.53 of the cut
    assert repeated_ngrams(text[:CUT]) == pytest.approx(0.50, abs=0.005)
