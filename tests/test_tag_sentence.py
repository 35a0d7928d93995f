"""Tagging one sentence: tags by falling probability, and errors for unusable input."""

import pytest
import torch

from rnnlab.models import Tagger, TaggerConfig
from rnnlab.tagging import tag_sentence
from rnnlab.text import Lexicon, TaggedSentence
from rnnlab.validation import InvalidInput


@pytest.fixture
def tagger():
    """Return a tagger with weights set by hand: P(X) = 3/4, P(Y) = 1/4 for "a"; the reverse for unknown words."""
    tagger = Tagger(TaggerConfig(model="none", embedding_size=2), Lexicon.of([TaggedSentence.of("a a", "X Y")]))
    with torch.no_grad():
        tagger.embedding.weight.copy_(torch.tensor([[1.0, 3.0], [3.0, 1.0]]).log())
        tagger.output.weight.copy_(torch.eye(2))
        tagger.output.bias.zero_()
    return tagger


def test_tags_computed_by_hand(tagger):
    known, unknown = tag_sentence(tagger, ["a", "b"])
    assert (known.form, known.tag, known.known) == ("a", "X", True)
    assert (unknown.form, unknown.tag, unknown.known) == ("b", "Y", False)
    assert known.probability == pytest.approx(0.75)
    assert [tag for tag, _ in unknown.probabilities] == ["Y", "X"]
    assert [p for _, p in unknown.probabilities] == pytest.approx([0.75, 0.25])


def test_the_mode_and_the_weights_are_unchanged(tagger):
    for mode in (True, False):
        tagger.train(mode)
        tag_sentence(tagger, ["a"])
        assert tagger.training is mode
        assert all(parameter.requires_grad for parameter in tagger.parameters())


def test_dropout_does_not_affect_the_tags():
    lexicon = Lexicon.of([TaggedSentence.of("a b", "X Y")])
    tagger = Tagger(TaggerConfig(dropout=0.9, word_dropout=0.9), lexicon).train()
    assert tag_sentence(tagger, ["a", "b", "a"]) == tag_sentence(tagger, ["a", "b", "a"])


def test_a_tagger_with_infinite_weights_still_tags(tagger):
    with torch.no_grad():
        tagger.output.bias.fill_(float("inf"))
    (token,) = tag_sentence(tagger, ["a"])
    assert sum(p for _, p in token.probabilities) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("tokens", "code"),
    [
        ([], "no_tokens"),
        ("a b", "not_tokens"),
        (None, "not_tokens"),
        (5, "not_tokens"),
        (["a"] * 501, "too_many_tokens"),
        (["a", ""], "empty"),
        ([" "], "empty"),
        (["a" * 5001], "too_long"),
        (["\ud800"], "bad_character"),
        (["a\0"], "bad_character"),
        ([3], "not_text"),
    ],
)
def test_values_that_are_not_a_sentence_are_refused(tagger, tokens, code):
    with pytest.raises(InvalidInput) as refusal:
        tag_sentence(tagger, tokens, "text")
    assert (refusal.value.code, refusal.value.field) == (code, "text")


def test_the_longest_sentence_and_the_longest_word(tagger):
    assert len(tag_sentence(tagger, ["a" * 200] * 500)) == 500
    (token,) = tag_sentence(tagger, ["a" * 5000])
    assert token.form == "a" * 5000


def test_an_over_long_word_is_known_by_its_ends():
    address = "https://example.org/" + "a" * 500 + "/index.html"
    tagger = Tagger(TaggerConfig(), Lexicon.of([TaggedSentence((address, "b"), ("X", "Y"))]))
    assert [token.known for token in tag_sentence(tagger, [address, address[:-1]])] == [True, False]


@pytest.mark.parametrize(
    ("learned", "typed"),
    [
        ("r\u00eave", "re\u0302ve"),
        ("re\u0302ve", "r\u00eave"),
        ("n't", "n’t"),
        ("l’", "l'"),
        ("봄", "\u1107\u1169\u11b7"),
    ],
)
def test_a_word_is_known_in_all_its_spellings(learned, typed):
    tagger = Tagger(TaggerConfig(characters="cnn"), Lexicon.of([TaggedSentence((learned, "b"), ("X", "Y"))]))
    first, second = (tag_sentence(tagger, ["b", word])[1] for word in (learned, typed))
    assert second.form == typed
    assert second.known
    assert second.probabilities == first.probabilities
    (strange,) = tag_sentence(tagger, [f"{typed}{typed}{typed}"])
    assert not strange.known
