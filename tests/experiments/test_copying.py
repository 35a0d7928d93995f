"""How much of a song is copied: the model's, a 5-gram's, and real text."""

import numpy as np
import pytest

from rnnlab import checkpoints
from rnnlab.experiments.language_model import LearnedText, measure_copying
from rnnlab.generation import Generation, NGramDecoder, generate
from rnnlab.models import NGrams
from rnnlab.resources import shipped_corpus, shipped_model
from rnnlab.text import Vocab, make_corpus
from rnnlab.validation import InvalidInput

SONG = "la la li lu la le lo li la lu "


@pytest.mark.parametrize("n", range(6))
def test_an_ngram_decoder_gives_the_probabilities_of_the_ngram_model(n):
    vocab = Vocab(SONG, unknown=False)
    ids = vocab.encode(SONG)
    ngrams = NGrams(ids, len(vocab), 5)
    decoder = NGramDecoder(ngrams, n)
    for place, number in enumerate(ids[:12]):
        probabilities = np.exp(decoder.read([number]))
        context = ids[: place + 1]
        by_token = [[1 / len(vocab), *ngrams.probabilities(token, context)][n] for token in range(len(vocab))]
        assert probabilities == pytest.approx(by_token, rel=1e-5)
        assert probabilities.sum() == pytest.approx(1, rel=1e-5)


def test_a_decoder_reads_several_tokens_as_one_after_the_other():
    vocab = Vocab(SONG, unknown=False)
    ids = vocab.encode(SONG)
    at_once, singly = (NGramDecoder(NGrams(ids, len(vocab), 3), 3) for _ in range(2))
    for number in ids[:4]:
        last = singly.read([number])
    assert np.array_equal(at_once.read(ids[:4]), last)


def test_counting_writes_like_a_network():
    vocab = Vocab(SONG, unknown=False)
    ngrams = NGrams(vocab.encode(SONG), len(vocab), 5)
    how = Generation(prefix="la", length=20, temperature=0.5, seed=3)
    songs = [[t.text for t in generate(NGramDecoder(ngrams, 5), vocab, how)] for _ in range(2)]
    assert songs[0] == songs[1]
    assert len(songs[0]) == 20
    assert set(songs[0]) <= set(SONG)
    greedy = Generation(prefix="l", length=1, temperature=0.0)
    (token,) = generate(NGramDecoder(ngrams, 2), vocab, greedy)
    assert token.text == "a"  # la 5 times, li 2, lu 2, le 1, lo 1
    with pytest.raises(InvalidInput, match="n: 6"):
        NGramDecoder(ngrams, 6)


@pytest.fixture(scope="module")
def shipped():
    saved = checkpoints.load(shipped_model("lyrics-zh"))
    corpus = make_corpus(shipped_corpus("lyrics-zh"), max_tokens=10_000, held_out=0.1)
    assert corpus.text_digest == saved.text_digest
    return saved.build_model(), saved.vocab, LearnedText(corpus)


def test_the_shipped_chinese_model_recites(shipped):
    found = measure_copying(*shipped, Generation(prefix="春天", length=200, temperature=0.8, seed=3))
    assert found.copied_share > 0.95
    assert found.longest > 40
    assert found.held_out_copied_share < 0.2 < found.ngram_copied_share
    training = "".join(shipped[1].decode(shipped[2].corpus.train_ids.tolist()))
    for run in found.runs:
        assert found.text[run.start : run.end] in training
        assert run.end - run.start >= found.min_length
    assert found.text.startswith("春天")
    assert len(found.text) == 202


def test_a_hot_model_recites_less(shipped):
    cold, hot = (
        measure_copying(*shipped, Generation(length=200, temperature=temperature, seed=3)) for temperature in (0.5, 2.0)
    )
    assert hot.copied_share < 0.5 < cold.copied_share


def test_without_held_out_text_there_is_no_third_share(shipped):
    model, vocab, _ = shipped
    found = measure_copying(
        model, vocab, LearnedText(make_corpus(shipped_corpus("lyrics-zh")[:3000])), Generation(length=20)
    )
    assert found.held_out_copied_share is None
    assert found.ngram_counted == 3000
