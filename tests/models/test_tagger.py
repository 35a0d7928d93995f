"""The tagger: shapes, both implementations, chance, and that no filling up ever reaches a word."""

import dataclasses

import pytest
import torch

from rnnlab.models import NO_RECURRENCE, TAGGER_MODELS, Tagger, TaggerConfig
from rnnlab.models.spelling import MAX_SPELLING, PADDING, shorten
from rnnlab.text import Lexicon, TaggedSentence

SENTENCES = [
    TaggedSentence.of("The dog ate the apple", "DET NN V DET NN"),
    TaggedSentence.of("Everybody read that extraordinary book", "NN V DET ADJ NN"),
]
LEXICON = Lexicon.of(SENTENCES)
FORMS = [sentence.forms for sentence in SENTENCES]


def make(seed=1, lexicon=LEXICON, **settings):
    small = {"character_embedding_size": 4, "character_size": 5, "embedding_size": 6, "hidden_size": 7}
    return Tagger(TaggerConfig(**small | settings), lexicon, generator=torch.Generator().manual_seed(seed))


def logits(tagger, sentences):
    with torch.no_grad():
        return tagger(*tagger.encode(sentences))


KINDS = [
    {"model": model, "characters": characters, "bidirectional": True}
    for model in TAGGER_MODELS
    for characters in ("none", "lstm", "cnn")
] + [{"num_layers": 2, "bidirectional": True, "dropout": 0.3}, {"lowercase": True}]


@pytest.mark.parametrize("settings", KINDS, ids=lambda settings: "-".join(map(str, settings.values())))
def test_a_sentence_gets_the_same_logits_alone_and_in_a_batch(settings):
    tagger = make(**settings).eval()
    together = logits(tagger, FORMS)
    assert together.shape == (2, 5, 4)
    for row, forms in zip(together, FORMS, strict=True):
        torch.testing.assert_close(logits(tagger, [forms])[0], row, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("characters", ["lstm", "cnn"])
@pytest.mark.parametrize("implementation", ["scratch", "torch"])
def test_padding_does_not_change_a_spelling(characters, implementation):
    tagger = make(characters=characters, implementation=implementation, model=NO_RECURRENCE).eval()
    alone, beside = logits(tagger, [["dog"]]), logits(tagger, [["dog", "Everybody"]])
    torch.testing.assert_close(alone[0, 0], beside[0, 0], rtol=1e-5, atol=1e-6)
    other = logits(tagger, [["god"]])  # also unknown characters tell words apart
    assert not torch.allclose(alone[0, 0], other[0, 0])


def test_the_spelling_is_read_from_both_ends():
    """By hand: the two LSTMs on the very characters, without anything beside them."""
    tagger = make(characters="lstm")
    ids = torch.tensor([LEXICON.characters.encode("dog"), LEXICON.characters.encode("dog")[::-1]])
    spelling = tagger.spelling
    forwards = spelling.forwards(spelling.embedding(ids[:1]))[0][0, -1]
    backwards = spelling.backwards(spelling.embedding(ids[1:]))[0][0, -1]
    filled = torch.cat([ids[:1], torch.full((1, 3), PADDING)], dim=1)
    torch.testing.assert_close(spelling(filled)[0], torch.cat([forwards, backwards]))


def test_the_convolution_by_hand():
    """One filter that sums its three neighbours: of the word 1, 2, 3 it says 3, 6, 5, and its largest is 6."""
    tagger = make(characters="cnn", character_embedding_size=1, character_size=1)
    with torch.no_grad():
        tagger.spelling.embedding.weight.copy_(torch.arange(len(LEXICON.characters)).float()[:, None])
        tagger.spelling.filters.weight.fill_(1.0)
        tagger.spelling.filters.bias.fill_(-10.0)  # all answers are negative: zeros beside the word must not win
    spelled = tagger.spelling(torch.tensor([[1, 2, 3, PADDING, PADDING], [5, 5, 5, 5, 5]]))
    assert spelled.tolist() == [[-4.0, -4.0], [5.0, 5.0]]


@pytest.mark.parametrize("settings", KINDS, ids=lambda settings: "-".join(map(str, settings.values())))
def test_both_implementations_are_one_network(settings):
    scratch, library = (make(**settings, implementation=kind) for kind in ("scratch", "torch"))
    assert {n: t.shape for n, t in scratch.state_dict().items()} == {
        n: t.shape for n, t in library.state_dict().items()
    }
    for (name, ours), theirs in zip(scratch.state_dict().items(), library.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs), name
    for training in (False, True):
        outputs = [tagger.train(training)(*tagger.encode(FORMS)) for tagger in (scratch, library)]
        torch.testing.assert_close(*outputs, rtol=1e-4, atol=1e-5)
        gradients = []
        for tagger, output in zip((scratch, library), outputs, strict=True):
            tagger.zero_grad()
            output.square().sum().backward()
            gradients.append([p.grad for p in tagger.parameters()])
        for ours, theirs in zip(*gradients, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)


def test_one_direction_depends_on_earlier_words_and_two_on_all():
    changed = ["The", "dog", "ate", "the", "book"]
    one, two, none = (make(**settings).eval() for settings in ({}, {"bidirectional": True}, {"model": NO_RECURRENCE}))
    torch.testing.assert_close(logits(one, FORMS[:1])[0, :4], logits(one, [changed])[0, :4])
    assert not torch.isclose(logits(two, FORMS[:1])[0, 0], logits(two, [changed])[0, 0]).any()
    moved = ["apple", *FORMS[0][:4]]
    torch.testing.assert_close(logits(none, FORMS[:1])[0, :4], logits(none, [moved])[0, 1:])


def test_unseen_words_share_a_vector_and_differ_by_spelling():
    plain, spelling = make().eval(), make(characters="lstm").eval()
    assert torch.equal(logits(plain, [["zebra"]]), logits(plain, [["yak"]]))
    assert not torch.allclose(logits(spelling, [["zebra"]]), logits(spelling, [["yak"]]))
    assert plain.knows("dog")
    assert not plain.knows("zebra")
    assert not plain.knows("<unk>")
    assert not plain.knows("DOG")


def test_lowercase_words_keep_their_capitals_in_their_spelling():
    lexicon = Lexicon.of(SENTENCES, lowercase=True)
    tagger = make(lexicon=lexicon, lowercase=True).eval()
    assert tagger.knows("DOG")
    assert torch.equal(logits(tagger, [["The"]]), logits(tagger, [["the"]]))
    spelling = make(lexicon=lexicon, lowercase=True, characters="lstm").eval()
    assert not torch.allclose(logits(spelling, [["The"]]), logits(spelling, [["the"]]))


def test_long_words_are_read_by_both_ends():
    assert shorten("a" * 32) == "a" * 32
    long = "a" * 16 + "b" * 100 + "c" * 16
    assert shorten(long) == "a" * 16 + "c" * 16
    _, characters = make(characters="cnn").encode([[long, "a"]])
    assert characters.shape == (1, 2, MAX_SPELLING)
    assert (characters[0, 1] == PADDING).sum() == MAX_SPELLING - 1


def test_word_dropout_replaces_its_share_of_the_words_while_training():
    tagger = make(word_dropout=0.25)
    words = torch.full((100, 100), 3)
    assert torch.equal(tagger.eval()._forget_words(words), words)
    forgotten = tagger.train()._forget_words(words)
    assert set(forgotten.unique().tolist()) == {0, 3}
    assert abs(float((forgotten == 0).float().mean()) - 0.25) < 0.02  # four standard deviations


def test_random_numbers_come_from_the_generator_alone():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    settings = {"characters": "lstm", "dropout": 0.5, "word_dropout": 0.5, "num_layers": 2}
    outputs = []
    for _ in range(2):
        tagger = make(**settings)
        outputs.append(torch.stack([tagger(*tagger.encode(FORMS)) for _ in range(2)]))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(*outputs)
    assert not torch.equal(outputs[0][0], outputs[0][1])


def test_initial_weights_have_the_spread_of_torch_nn():
    lexicon = Lexicon.of([TaggedSentence(tuple(map(str, range(3000))), ("X",) * 3000)])
    settings = {"embedding_size": 10, "hidden_size": 16, "embedding_spread": 0.1, "characters": "cnn"}
    state = make(lexicon=lexicon, **settings).state_dict()
    assert abs(float(state["embedding.weight"].std()) - 0.1) < 0.005
    assert 0.22 < float(state["recurrent.weight_hh_l0"].abs().max()) <= 0.25  # 1/√16
    assert float(state["spelling.filters.weight"].abs().max()) <= 12**-0.5  # 1/√(4 · 3)
    assert float(state["output.weight"].abs().max()) <= 0.25


def test_a_meta_tagger_stores_nothing():
    tagger = Tagger(TaggerConfig(embedding_size=1024, hidden_size=1024, characters="lstm"), LEXICON, device="meta")
    assert all(parameter.is_meta for parameter in tagger.parameters())
    assert tagger.count_parameters() > 4 * 1024 * 1024


def test_parameters_of_the_tutorials_tagger():
    # embedding 9+1 words × 3; LSTM 4·3·3 + 4·3·3 + 2·12; output 3·4 + 4, of four tags here
    assert Tagger(TaggerConfig(), LEXICON).count_parameters() == len(LEXICON.words) * 3 + 96 + 16


def test_every_setting_is_checked():
    assert dataclasses.replace(TaggerConfig(), hidden_size=5).hidden_size == 5
    with pytest.raises(ValueError, match="characters"):
        TaggerConfig(characters="word")
