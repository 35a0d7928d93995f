"""Generation: sampling from logits, fitting a prefix, and the tokens that are excluded."""

import unicodedata

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab import checkpoints
from rnnlab.checkpoints import Checkpoint
from rnnlab.generation import Generation, fit_prefix, generate, sample_token
from rnnlab.models import LanguageModel, LanguageModelConfig
from rnnlab.text import END, UNKNOWN, Vocab, detokenize
from rnnlab.validation import InvalidInput

LETTERS = Vocab("abcd ", unknown=False)


TIED = {"model": "lstm", "tie_weights": True, "embedding_size": 8, "forget_bias": 2.0}


def make_model(vocab=LETTERS, **changes):
    config = LanguageModelConfig(**{"hidden_size": 8, "embedding_size": 4, **changes})
    model = LanguageModel(config, len(vocab), generator=torch.Generator().manual_seed(1))
    for parameter in model.parameters():
        parameter.data *= 4  # an untrained model believes nothing; this one has opinions
    return model.eval()


def logits_of(*probabilities):
    return np.log(np.array(probabilities)).astype(np.float32)


def drawn(logits, draws=4000, **how):
    """How often each id is drawn."""
    generator, settings = torch.Generator().manual_seed(7), Generation(**how)
    ids = torch.tensor([sample_token(logits, settings, generator) for _ in range(draws)])
    return (torch.bincount(ids, minlength=len(logits)).double() / draws).tolist()


def song(model, vocab=LETTERS, **how):
    return "".join(choice.text for choice in generate(model, vocab, Generation(**how)))


# sampling


def test_greedy_takes_the_likeliest():
    assert drawn(logits_of(0.3, 0.5, 0.2), draws=20, temperature=0.0) == [0, 1, 0]


def test_temperature_one_draws_by_the_models_probabilities():
    assert drawn(logits_of(0.5, 0.3, 0.2), temperature=1.0) == pytest.approx([0.5, 0.3, 0.2], abs=0.03)


def test_temperature_raises_probabilities_to_its_inverse():
    # τ = 1/2 squares: 0.25, 0.09, 0.04 of 0.38
    assert drawn(logits_of(0.5, 0.3, 0.2), temperature=0.5) == pytest.approx([0.658, 0.237, 0.105], abs=0.03)


def test_top_k_keeps_k():
    # 0.5 and 0.3 of 0.8 remain
    assert drawn(logits_of(0.3, 0.2, 0.5), temperature=1.0, top_k=2) == pytest.approx([0.375, 0, 0.625], abs=0.03)
    assert drawn(logits_of(0.3, 0.2, 0.5), draws=50, temperature=5.0, top_k=1) == [0, 0, 1]


def test_top_p_keeps_the_smallest_set_that_reaches_p():
    # 0.5 is less than 0.6; 0.5 + 0.3 reaches it
    assert drawn(logits_of(0.2, 0.5, 0.3), temperature=1.0, top_p=0.6) == pytest.approx([0, 0.625, 0.375], abs=0.03)
    assert drawn(logits_of(0.2, 0.5, 0.3), draws=50, temperature=1.0, top_p=0.4) == [0, 1, 0]
    assert drawn(logits_of(0.2, 0.5, 0.3), temperature=1.0, top_p=1.0) == pytest.approx([0.2, 0.5, 0.3], abs=0.03)


def test_top_p_is_a_share_of_what_top_k_left():
    # top-k leaves 0.4 and 0.3, of 0.7; 0.4/0.7 = 0.57 reaches 0.5 alone
    assert drawn(logits_of(0.4, 0.3, 0.3), draws=50, temperature=1.0, top_k=2, top_p=0.5) == [1, 0, 0]


@settings(deadline=None)
@given(
    st.lists(st.integers(-1920, 1920).map(lambda k: k / 64), min_size=1, max_size=12),  # closer ones may draw level
    st.sampled_from([0.0, 5e-324, 0.1, 1.0, 5.0]),
    st.none() | st.integers(1, 15),
    st.none() | st.floats(0.01, 1.0),
    st.integers(0, 2**31 - 1),
)
def test_draws_are_among_the_characters_kept(values, temperature, top_k, top_p, seed):
    logits = torch.tensor(values)
    how = Generation(temperature=temperature, top_k=top_k, top_p=top_p)
    chosen = sample_token(logits.numpy(), how, torch.Generator().manual_seed(seed))
    better = logits > logits[chosen]
    if temperature == 0.0:
        assert not better.any()
    if top_k is not None:
        assert better.sum() < top_k
    if top_p is not None and temperature > 0.01:
        kept = torch.softmax(logits.double() / temperature, 0).sort(descending=True).values[:top_k]
        probability = torch.softmax(logits.double() / temperature, 0)
        assert probability[better].sum() <= top_p * kept.sum() + 1e-9


# generating


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"model": "lstm", "num_layers": 2},
        {"implementation": "scratch", "encoding": "one-hot"},
        {"model": "rnn"},
        TIED,
    ],
)
def test_greedy_generation_takes_the_argmax_of_the_models_logits(words):
    model = make_model(**words)
    songs = {prefix: song(model, prefix=prefix, length=12, temperature=0.0) for prefix in ("ab", "cd", "ba", "  ")}
    for prefix, generated in songs.items():
        ids = LETTERS.encode(prefix + generated)
        likeliest = model(torch.tensor([ids]))[0][0].argmax(-1).tolist()
        assert LETTERS.decode(likeliest[1:-1]) == list(generated)
    assert len(set(songs.values())) > 1


def test_a_bidirectional_model_rereads_its_text():
    model = make_model(bidirectional=True)
    text = "ab"
    for choice in generate(model, LETTERS, Generation(prefix="ab", length=10, temperature=0.0)):
        logits = model(torch.tensor([LETTERS.encode(text)]))[0][0, -1]
        assert choice.token == LETTERS.tokens[int(logits.argmax())]
        text += choice.token


def test_the_same_seed_generates_the_same_text():
    model = make_model()
    how = {"length": 60, "temperature": 2.0}
    assert song(model, seed=4, **how) == song(model, seed=4, **how)
    assert song(model, seed=4, **how) != song(model, seed=5, **how)


def test_the_probabilities_are_the_models_own_whatever_the_strategy():
    model = make_model()
    start = torch.softmax(model(torch.tensor([LETTERS.encode("ab")]))[0][0, -1].detach(), 0)
    for how in ({"temperature": 0.0}, {"temperature": 3.0, "top_k": 2}, {"temperature": 0.5, "top_p": 0.3}):
        (choice,) = generate(model, LETTERS, Generation(prefix="ab", length=1, **how), alternatives=3)
        assert choice.probability == pytest.approx(float(start[LETTERS.encode(choice.token)[0]]), rel=1e-5)
        best = start.topk(3)
        assert [c for c, _ in choice.alternatives] == LETTERS.decode(best.indices.tolist())
        assert [p for _, p in choice.alternatives] == pytest.approx(best.values.tolist(), rel=1e-5)


def test_a_sampled_token_is_plain_data():
    (choice,) = generate(make_model(), LETTERS, Generation(length=1))
    assert type(choice.token) is str
    assert type(choice.probability) is float
    assert all(type(c) is str and type(p) is float for c, p in choice.alternatives)


def test_one_character_at_a_time():
    generation = generate(make_model(), LETTERS, Generation(length=2000))
    assert next(generation).token in LETTERS
    generation.close()


@pytest.mark.parametrize("training", [True, False])
def test_generation_keeps_the_models_mode_and_uses_no_dropout(training):
    model = make_model(dropout=0.9, num_layers=2).train(training)
    generation = generate(model, LETTERS, Generation(length=3, temperature=0.0))
    next(generation)
    assert model.training is training  # between two characters, too: somebody may be training it
    assert all(part.training is training for part in model.modules())
    assert song(model, length=20, temperature=0.0) == song(model.eval(), length=20, temperature=0.0)


def test_global_random_numbers_are_untouched():
    model = make_model(dropout=0.5)
    torch.manual_seed(1)
    before, own = torch.get_rng_state(), model.generator.get_state()
    song(model, length=10)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(model.generator.get_state(), own)


def test_unknown_and_reserved_tokens_are_never_generated():
    vocab = Vocab("ab", reserved_tokens=["<pad>"])
    model = make_model(vocab)
    model.output.bias.data[:2] = 100.0  # it would love to
    choices = list(generate(model, vocab, Generation(length=50, temperature=5.0)))
    assert {c.text for c in choices} <= {"a", "b"}
    assert all(set(dict(c.alternatives)) == {"a", "b"} for c in choices)
    assert sum(p for _, p in choices[0].alternatives) == pytest.approx(1.0)


def test_a_vocabulary_without_a_character_is_refused():
    vocab = Vocab([], reserved_tokens=["<pad>"])
    with pytest.raises(InvalidInput, match="vocabulary: it holds no character"):
        list(generate(make_model(vocab), vocab, Generation(length=1)))


@pytest.mark.parametrize("vocab", [Vocab("xy", unknown=False), Vocab("xy", reserved_tokens=["<pad>"]), LETTERS])
@pytest.mark.parametrize("prefix", ["", "語"])
def test_a_prefix_of_unknown_characters_still_generates(vocab, prefix):
    assert len(song(make_model(vocab), vocab, prefix=prefix, length=5)) == 5


def test_without_a_prefix_it_begins_a_line():
    model = make_model()
    assert song(model, length=10) == song(model, prefix=" ", length=10)


@pytest.mark.parametrize("size", [1e30, -1e30])
def test_a_diverged_model_still_generates(size):
    model = make_model(nonlinearity="relu", model="rnn")
    for parameter in model.parameters():
        parameter.data.fill_(size)
    for temperature in (0.0, 1.0):
        assert len(song(model, length=5, temperature=temperature)) == 5


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_excluded_tokens_stay_excluded_when_every_other_logit_is_minus_infinity(temperature):
    model = make_model(Vocab("abcd "))
    model.output.bias.data.fill_(-torch.inf)
    model.output.bias.data[0] = 1.0
    choices = list(generate(model, Vocab("abcd "), Generation(length=5, temperature=temperature)))
    assert {choice.text for choice in choices} <= set("abcd ")
    assert all(0 < choice.probability <= 1 for choice in choices)


@pytest.mark.parametrize("words", [{}, TIED])
def test_from_a_checkpoint(words, tmp_path):
    model = make_model(**words)
    saved = Checkpoint(model.config.to_strings(), LETTERS, model.state_dict(), epoch=1)
    checkpoints.save(saved, tmp_path / "a.safetensors")
    loaded = checkpoints.load(tmp_path / "a.safetensors")
    how = {"prefix": "ab", "length": 30, "temperature": 1.5}
    assert song(loaded.build_model(), loaded.vocab, **how) == song(model, **how)


# words

WORDS = Vocab(
    ["The", "night", "is", "n't", ",", "over", "‿over", "␣,", "不", "分开", "␣"],
    reserved_tokens=[END],
    spacing="written",
)


def test_words_are_generated_with_their_spaces():
    choices = list(generate(make_model(WORDS), WORDS, Generation(prefix="The night", length=300, temperature=5.0)))
    tokens = [choice.token for choice in choices]
    assert set(tokens) == set(WORDS.tokens) - {UNKNOWN}
    written = "The night" + "".join(choice.text for choice in choices)
    assert written == detokenize(["The", "night", *tokens])
    assert all(choice.text == "\n" for choice in choices if choice.token == END)
    assert all(token != UNKNOWN for choice in choices for token, _ in choice.alternatives)


def test_without_a_prefix_words_begin_a_line():
    model = make_model(WORDS)
    assert song(model, WORDS, length=10) == song(model, WORDS, prefix="↵", length=10)
    first = next(generate(model, WORDS, Generation(temperature=5.0)))
    assert not first.text.startswith(" ")


def test_a_vocabulary_of_words_survives_a_checkpoint(tmp_path):
    model = make_model(WORDS)
    checkpoints.save(
        Checkpoint(model.config.to_strings(), WORDS, model.state_dict(), epoch=1), tmp_path / "a.safetensors"
    )
    loaded = checkpoints.load(tmp_path / "a.safetensors")
    assert loaded.vocab == WORDS
    assert loaded.vocab.spacing == "written"
    assert song(loaded.build_model(), loaded.vocab, length=20) == song(model, WORDS, length=20)


@pytest.mark.parametrize(
    ("typed", "text", "tokens", "missing"),
    [
        ("The  night isn’t over", "The night isn't over", ("The", "night", "is", "n't", "over"), ()),
        ("The day, night", "The, night", ("The", ",", "night"), ("day",)),
        ("The night↵The", "The night\nThe", ("The", "night", END, "The"), ()),
        ("night\\nis", "night\nis", ("night", END, "is"), ()),
        ("不分开 不", "不分开 不", ("不", "分开", "␣", "不"), ()),
        ("night ,", "night ,", ("night", "␣,"), ()),
        ("over不over", "over不over", ("over", "不", "over"), ()),
        ("<eos>", "", (), ("<", "eos", ">")),
        ("", "", (), ()),
    ],
)
def test_a_typed_prefix_is_cut_into_words(typed, text, tokens, missing):
    fitted = fit_prefix(typed, WORDS)
    assert (fitted.text, fitted.tokens, fitted.missing) == (text, tokens, missing)


def test_a_word_in_another_spelling_is_named():
    assert fit_prefix("isn’t", WORDS).substituted == [("n’t", "n't")]


def test_a_separated_vocabulary_reads_a_text_that_is_not():
    vocab = Vocab(["I", "do", "n't", ",", "@-@"], reserved_tokens=[END], spacing="separated")
    fitted = fit_prefix("I don't, I @-@", vocab)
    assert fitted.text == "I do n't , I @-@"
    assert fitted.missing == ()


@settings(deadline=None)
@given(st.text())
def test_any_prefix_can_be_read_with_words(prefix):
    fitted = fit_prefix(prefix, WORDS)
    assert fitted.text == detokenize(fitted.tokens)
    assert all(token in WORDS for token in fitted.tokens)
    assert all(word not in WORDS for word in fitted.missing)


# prefixes


def test_characters_that_the_vocabulary_lacks_are_named_once_and_skipped():
    fitted = fit_prefix("a語b語x", LETTERS)
    assert fitted.text == "ab"
    assert fitted.missing == ("語", "x")
    assert song(make_model(), prefix="a語b", length=10) == song(make_model(), prefix="ab", length=10)


@pytest.mark.parametrize(
    ("typed", "known"),
    [("！", "!"), ("!", "！"), ("Ａ", "A"), ("A", "Ａ"), ("～", "~"), ("ｶ", "カ"), ("\u3000", " "), (" ", "\u3000")],
)
def test_full_width_and_half_width_forms_are_tried(typed, known):
    fitted = fit_prefix(typed, Vocab(known))
    assert fitted.text == known
    assert fitted.replaced == ((typed, known),)
    assert fitted.missing == ()


def test_a_character_that_is_known_as_typed_stays():
    fitted = fit_prefix("！!", Vocab("!！"))
    assert fitted.text == "！!"
    assert fitted.replaced == ()


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\t", "\u3000"])
def test_a_line_break_is_the_space_that_the_tokenisers_make_of_it(line_break):
    assert fit_prefix(f"a{line_break}b", LETTERS).text == "a b"


@pytest.mark.parametrize("typed", ["\n", "\r", "\r\n", "\u2028", "\x85", "↵", "\\n"])
def test_a_line_end_is_a_character_where_the_vocabulary_has_it(typed):
    assert fit_prefix(f"a{typed}b", Vocab("ab \n")).text == "a\nb"


def test_line_end_signs_in_the_vocabulary_are_taken_literally():
    assert fit_prefix("↵\\n", Vocab("↵\\n\n")).text == "↵\\n"
    assert fit_prefix("a⇥b\\tc", Vocab("abct\t")).text == "a\tb\tc"
    assert fit_prefix("a\\n", Vocab("a\n")).substituted == [("\\n", "\n")]


def test_without_a_prefix_it_begins_a_line_where_lines_end_in_a_line_end():
    vocab = Vocab("abcd \n", unknown=False)
    model = make_model(vocab)
    assert song(model, vocab, length=10) == song(model, vocab, prefix="\n", length=10)
    assert song(model, vocab, length=10) != song(model, vocab, prefix=" ", length=10)


SAME_LETTERS = ["é", "J'ai rêvé d'un", "봄바람이", "ガ", "ế", "क़", "שׁ", "ﬁ", "ĳ"]


@pytest.mark.parametrize("text", SAME_LETTERS)
@pytest.mark.parametrize("learned", ["NFC", "NFD", "NFKC"])
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
def test_composed_and_decomposed_spellings_match(text, learned, typed):
    known = unicodedata.normalize(learned, text)
    fitted = fit_prefix(unicodedata.normalize(typed, text), Vocab(known))
    assert fitted.text == known
    assert fitted.missing == ()


@pytest.mark.parametrize(
    ("typed", "learned", "read"),
    [
        ("I don’t", "I don't", None),
        ("I don't", "I don’t", None),
        ("“hm” he said…", '"hm" he said...', None),
        ('"hm" he said...', "“hm” he said…", None),
        ("« oui »", '" oui "', None),
        ("a – b—c", "a - b-c", None),
        ("a-b", "a–b", None),
        ("ｶﾞ", "ガ", None),
        ("ガ", "ｶﾞ", None),
        ("❤️", "❤", None),
        ("a ü b", "a  b", "a  b"),
        ("ç", "ABC", ""),
    ],
)
def test_punctuation_is_read_as_the_vocabulary_writes_it(typed, learned, read):
    assert fit_prefix(typed, Vocab(learned)).text == (learned if read is None else read)


def test_respelled_and_substituted_characters_are_distinguished():
    fitted = fit_prefix("été’", Vocab(unicodedata.normalize("NFD", "été'")))
    assert fitted.respelled == {"NFD": ["é"]}
    assert fitted.substituted == [("’", "'")]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_missing_letter_with_its_mark_is_reported_as_one(form):
    typed = unicodedata.normalize(form, "né 봄")
    fitted = fit_prefix(typed, Vocab("ne "))
    assert fitted.text == "n "
    assert fitted.missing == (unicodedata.normalize(form, "é"), unicodedata.normalize(form, "봄"))


@settings(deadline=None)
@given(st.text(), st.text(min_size=1), st.booleans())
def test_any_prefix_can_be_read_with_any_vocabulary(prefix, characters, unknown):
    vocab = Vocab(characters, unknown=unknown, reserved_tokens=["...", "<pad>"])
    fitted = fit_prefix(prefix, vocab)
    assert all(len(c) == 1 and c in vocab for c in fitted.text)
    assert len(vocab.encode(fitted.text)) == len(fitted.text)
    assert all(c in prefix and c not in vocab for c in fitted.missing)
