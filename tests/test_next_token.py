"""The distributions at one place of a song against float64, and endings that differ in the choice alone."""

import math
from dataclasses import replace

import pytest
import torch

from rnnlab.experiments.language_model import counting_writer, text_to_count
from rnnlab.generation import Generation, NGramDecoder, generate, next_tokens
from rnnlab.generation.sampling import sample_token, skip_draws
from rnnlab.models import LanguageModel, LanguageModelConfig
from rnnlab.text import END, UNKNOWN, Vocab
from rnnlab.validation import InvalidInput

LETTERS = Vocab("abcdefghijklmnop ", unknown=False)
HOW = Generation(prefix="ab", length=30, temperature=1.5, seed=5)


def make_model(vocab=LETTERS, **changes):
    config = LanguageModelConfig(**{"hidden_size": 8, "embedding_size": 4, **changes})
    model = LanguageModel(config, len(vocab), generator=torch.Generator().manual_seed(1))
    for parameter in model.parameters():
        parameter.data *= 4  # an untrained model believes nothing; this one has opinions
    return model.eval()


def written(model, how=HOW, begun=(), vocab=LETTERS):
    return [token.token for token in generate(model, vocab, how, begun=begun)]


def logits_in_float64(model, text):
    with torch.inference_mode():
        logits, _ = model.double()(torch.tensor([LETTERS.encode(text)]))
    model.float()
    return logits[0, -1].double()


def in_float64(model, text):
    """The model's probabilities after `text`, by its own forward pass in double precision."""
    return torch.softmax(logits_in_float64(model, text), 0)


# the two distributions


@pytest.mark.parametrize("words", [{}, {"model": "lstm", "num_layers": 2}, {"model": "rnn"}, {"bidirectional": True}])
def test_what_is_believed_and_drawn_from_agrees_with_float64(words):
    model, how = make_model(**words), replace(HOW, temperature=0.7, top_k=5)
    found = next_tokens(model, LETTERS, how, begun="cad", likeliest=12)
    p = in_float64(model, "abcad")
    ordered, ids = p.sort(descending=True)
    tempered = ordered[:5] ** (1 / 0.7)
    assert [row.token for row in found.rows[:12]] == LETTERS.decode(ids[:12].tolist())
    assert [row.rank for row in found.rows[:12]] == list(range(1, 13))
    assert [row.believed for row in found.rows[:12]] == pytest.approx(ordered[:12].tolist(), abs=1e-6)
    expected = [*(tempered / tempered.sum()).tolist(), *[0.0] * 7]
    assert [row.drawn_from for row in found.rows[:12]] == pytest.approx(expected, abs=1e-5)
    assert (found.others, found.kept) == (5, 5)
    logits = logits_in_float64(model, "abcad")
    assert [row.logit for row in found.rows[:12]] == pytest.approx(logits[ids[:12]].tolist(), abs=1e-4)
    assert found.log_sum == pytest.approx(float((logits / 0.7).logsumexp(0)), abs=1e-4)
    softmax = torch.softmax(logits / 0.7, 0)[ids[0]]  # in the numbers that the page writes
    assert math.exp(found.rows[0].logit / 0.7 - found.log_sum) == pytest.approx(float(softmax), abs=1e-5)
    assert found.others_believed == pytest.approx(float(ordered[12:].sum()), abs=1e-6)
    assert found.others_drawn_from == pytest.approx(0, abs=1e-9)


def test_top_p_and_greedy_cut_the_rest_off():
    model = make_model()
    p = in_float64(model, "ab").sort(descending=True).values
    nucleus = int((p.cumsum(0) - p < 0.6).sum())
    assert next_tokens(model, LETTERS, replace(HOW, temperature=1.0, top_p=0.6)).kept == nucleus > 1
    greedy = next_tokens(model, LETTERS, replace(HOW, temperature=0.0))
    assert [row.drawn_from for row in greedy.rows] == [1.0, *[0.0] * 9]
    assert greedy.drawn == greedy.rows[0].token
    assert greedy.log_sum is None


def test_counting_is_opened_as_well():
    learned = text_to_count("one fish two fish red fish blue fish " * 4)
    for name in ("uniform", "2-gram", "5-gram"):
        writer = counting_writer(name, learned)
        found = next_tokens(writer.decoder(), writer.vocab, Generation(prefix=" fis", temperature=1.0), likeliest=100)
        assert sum(row.believed for row in found.rows) == pytest.approx(1)
        best = found.rows[0]
        assert best.believed == pytest.approx(best.drawn_from)
        assert name == "uniform" or (best.token, best.believed > 0.9) == ("h", True)


def test_rows_also_of_the_drawn_token_and_of_those_asked_for():
    model = make_model()
    found = next_tokens(model, LETTERS, replace(HOW, temperature=5.0), likeliest=1, also=["p", "a"])
    assert {found.drawn, "p", "a"} <= {row.token for row in found.rows}
    assert len(found.rows) == len({row.token for row in found.rows}) == 17 - found.others
    assert sum(row.drawn_from for row in found.rows) + found.others_drawn_from == pytest.approx(1)


def test_unknown_words_are_never_next_and_bad_input_is_refused():
    vocab = Vocab(["la", "li", "lo"], reserved_tokens=[END], spacing="written")
    found = next_tokens(make_model(vocab), vocab, Generation(prefix="la"))
    assert UNKNOWN not in {row.token for row in found.rows}
    assert (len(found.rows), found.others) == (4, 0)
    for changes in ({"begun": ["zu"]}, {"also": ["zu"]}, {"likeliest": 0}, {"likeliest": 1001}):
        with pytest.raises(InvalidInput, match=next(iter(changes))):
            next_tokens(make_model(vocab), vocab, Generation(prefix="la"), **changes)


def test_a_diverged_model_is_opened():
    model = make_model()
    model.output.weight.data[:] = float("nan")
    found = next_tokens(model, LETTERS, HOW)
    assert sum(row.believed for row in found.rows) + found.others_believed == pytest.approx(1)


# endings


@pytest.mark.parametrize("how", [HOW, replace(HOW, top_k=3), replace(HOW, temperature=0.0)])
@pytest.mark.parametrize("words", [{}, {"bidirectional": True}])
def test_a_song_that_goes_on_from_a_place_of_its_own_is_the_same_song(words, how):
    model = make_model(**words)
    song = written(model, how)
    for place in (0, 1, 17, 29):
        assert written(model, how, song[:place]) == song[place:]
        assert next_tokens(model, LETTERS, how, song[:place]).drawn == song[place]
    assert written(model, how, song) == []


def test_another_choice_leaves_the_random_numbers_of_each_place():
    """A 2-gram forgets all but one token: where two endings meet, they go on alike."""
    writer = counting_writer("2-gram", text_to_count("abcdefgh" * 8 + "hgfedcba" * 3))
    how = replace(HOW, length=200)
    song = written(writer.decoder(), how, vocab=writer.vocab)
    for token in writer.vocab.tokens:
        other = [*song[:20], token, *written(writer.decoder(), how, [*song[:20], token], writer.vocab)]
        met = next((place for place in range(20, 200) if other[place] == song[place]), None)
        assert met is not None, "the same numbers bring them together"
        assert other[met:] == song[met:]


def test_words_go_on_with_the_spacing_of_what_stands():
    vocab = Vocab(["The", "night", ",", "n't"], reserved_tokens=[END], spacing="written")
    model, how = make_model(vocab), Generation(prefix="The night", length=20)
    song = list(generate(model, vocab, how))
    rest = list(generate(model, vocab, how, begun=[token.token for token in song[:7]]))
    assert [token.text for token in rest] == [token.text for token in song[7:]]


@pytest.mark.parametrize("how", [HOW, replace(HOW, top_k=2, top_p=0.3), replace(HOW, temperature=0.0)])
@pytest.mark.parametrize("size", [3, 51, 1061])
def test_skipping_draws_is_drawing_and_forgetting(how, size):
    skipping, drawing = (torch.Generator().manual_seed(9) for _ in range(2))
    logits = torch.randn(size, generator=torch.Generator().manual_seed(2)).numpy()
    for _ in range(6):
        sample_token(logits, how, drawing)
    skip_draws(skipping, 6, size, how)
    assert torch.equal(skipping.get_state(), drawing.get_state())


def test_an_ngram_decoder_reads_a_beginning_at_once_like_token_by_token():
    learned = text_to_count("one fish two fish red fish blue fish " * 4)
    once, stepwise = (NGramDecoder(learned.ngrams, 5) for _ in range(2))
    ids = learned.corpus.vocab.encode("red fis")
    for number in ids:
        logits = stepwise.read([number])
    assert once.read(ids).tolist() == logits.tolist()
