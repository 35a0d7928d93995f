"""Cutting texts into words and writing them again: exact in every script, counts as other programs have them."""

from collections import Counter

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnnlab.resources import shipped_corpus
from rnnlab.text import (
    END,
    UNKNOWN,
    TokenWriter,
    Vocab,
    detokenize,
    make_corpus,
    normalized,
    spacing_of,
    tokenize_words,
)
from rnnlab.text.words import lines_of
from rnnlab.validation import InvalidInput

WILD = ["n't", "'s", "<unk>", "<eos>", "␣", "‿", " ", "  ", "\n", "\r\n", "\u2028", "\u3000", "\u00a0", "...", "--"]
WILD += [*"\"'’‘“”„«»‹›.,;:!?()[]{}-–—/_$€%@#&*~", "走到", "，", "。", "さくら", "한국어", "किताब", "می‌شود", "كَتَبَ"]
WILD += [
    "שָׁלוֹם",
    "ไทย",
    "é",
    "e\u0301",
    "\u0301",
    "\u200d",
    "👩\u200d👧",
    "👍🏽",
    "🇫🇷",
    "l'homme",
    "U.S.",
    "3.5",
    "can",
    "not",
    "cannot",
]
wild_texts = st.lists(st.sampled_from(WILD) | st.characters(exclude_categories=["Cs"]), max_size=30).map("".join)

# A passage in the form of WikiText: words and signs are separated by spaces already.
SEPARATED = """ = Early life =

 The river , it is said , was n't <unk> until 1990 ; the U.S. had 3 @.@ 5 million .
 " I did n't go , " said Mr. Lee @-@ Smith ( then 23 ) .
"""


@settings(deadline=None, max_examples=200)
@given(wild_texts, st.sampled_from([None, "written", "separated"]))
@example("␣<eos> <eos> ‿ <unk>s x<unk>\n␣", "written")
@example("<eos> <eos> ␣ ␣x", "separated")
@example("走 ␣ 走到 ‿走\n 走", "written")
@example("'\"He said 'no',\" she--\"said\" „so“ »so« 'tis dancin' 'n' so", "written")
def test_a_text_is_written_again_up_to_its_blanks(text, spacing):
    spacing = spacing or spacing_of(text)
    assert detokenize(tokenize_words(text, spacing), spacing) == normalized(text)


@settings(deadline=None)
@given(wild_texts, st.sampled_from(["written", "separated"]))
def test_only_a_line_end_is_written_as_the_token_eos(text, spacing):
    assert tokenize_words(text, spacing).count(END) == len(lines_of(text))


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([*WILD, END, UNKNOWN, "␣", "‿x", "␣,"]), max_size=20),
    st.sampled_from(["written", "separated"]),
)
def test_any_tokens_in_any_order_can_be_written(tokens, spacing):
    writer = TokenWriter(spacing)
    for token in filter(None, tokens):
        planned = writer.plan("word", space=False)
        assert writer.plan("word", space=False) == planned  # planning changes nothing
        assert writer.write(token).strip() in (token.strip(), token[1:].strip(), "")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("No, I don't!", ["No", ",", "I", "do", "n't", "!"]),
        ('"Yes," he said.', ['"', "Yes", ",", '"', "he", "said", "."]),
        ("a well-known (old) song - mine", ["a", "well", "-", "known", "(", "old", ")", "song", "␣-", "mine"]),
        ("I cannot", ["I", "can", "‿not"]),
        ("你好，世界！我们 走", ["你好", "，", "世界", "！", "我们", "␣", "走"]),
        ("„Ja“, rief sie »so«", ["„", "Ja", "“", ",", "rief", "sie", "␣»", "so", "«"]),
        ("« Oui ! »", ["«", "␣Oui", "␣!", "␣»"]),
        ("यह किताब है।", ["यह", "किताब", "है", "।"]),
        ("او می‌شود", ["او", "می‌شود"]),
        ("كَتَبَ الدَّرْسَ، نعم", ["كَتَبَ", "الدَّرْسَ", "،", "نعم"]),
        ("l'homme", ["l'homme"]),
        ("<eos> <unk>", ["<", "‿eos", "‿>", UNKNOWN]),
    ],
)
def test_words_and_signs(text, tokens):
    assert tokenize_words(text, "written") == [*tokens, END]


def test_a_separated_text_has_the_tokens_of_word_language_model():
    lines = SEPARATED.splitlines()
    theirs = [word for line in lines for word in [*line.split(), "<eos>"]]  # as that program reads a file
    assert tokenize_words(SEPARATED) == theirs
    corpus = make_corpus(SEPARATED, tokenizer="words")
    assert set(corpus.vocab.tokens) == set(theirs)
    assert len(corpus.train_ids) == len(theirs) == corpus.text_tokens


@pytest.mark.parametrize(
    ("text", "spacing"),
    [
        (SEPARATED, "separated"),
        ("aer <unk> N years old will join\nmr. <unk> is n't", "separated"),
        ("春天 来 了 花 开 了", "separated"),
        ("想要有直升机 想要和你飞\n不分开 我们走到最后", "written"),
        ("Bonjour ! Ça va, toi ? Oui.", "written"),
        ("la la la", "written"),
        (shipped_corpus("lyrics-en"), "written"),
        (shipped_corpus("lyrics-zh"), "written"),
    ],
)
def test_a_text_whose_writer_has_separated_the_words_is_recognised(text, spacing):
    assert spacing_of(text) == spacing


def test_hardly_a_word_of_the_shipped_songs_needs_a_sign_of_its_spacing():
    for name in ("lyrics-en", "lyrics-zh"):
        counts = Counter(tokenize_words(shipped_corpus(name)))
        assert not [token for token in counts if token[0] in "␣‿" and token != "␣"]


# --- the vocabulary and the corpus -----------------------------------------------------------------------------------


def test_rare_words_become_unknown():
    corpus = make_corpus("a b a\nc a b", tokenizer="words", min_freq=2)
    assert corpus.vocab.tokens == (UNKNOWN, END, "a", "b")
    assert corpus.train_ids.tolist() == [2, 3, 2, 1, 0, 2, 3, 1]
    assert corpus.vocab.spacing == "written"


def test_rare_characters_become_unknown_too():
    corpus = make_corpus("aabbc", min_freq=2)
    assert corpus.vocab.tokens == (UNKNOWN, "a", "b")
    assert corpus.train_ids.tolist() == [1, 1, 2, 2, 0]
    assert make_corpus("aabbc").vocab.tokens == ("a", "b", "c")


@pytest.mark.parametrize("tokenizer", ["lines", "cleaned", "words"])
def test_a_frequency_that_no_token_reaches_is_refused(tokenizer):
    with pytest.raises(InvalidInput, match=r"^min_freq: nothing in the text occurs 9 times"):
        make_corpus("la la\nli", tokenizer=tokenizer, min_freq=9)


def test_max_tokens_counts_words_and_line_ends():
    corpus = make_corpus("one two\nthree four", tokenizer="words", max_tokens=4, held_out=0.5)
    assert corpus.vocab.decode(torch.cat([corpus.train_ids, corpus.held_out_ids]).tolist()) == [
        "one",
        "two",
        END,
        "three",
    ]
    assert corpus.text_tokens == 6
    assert "four" not in corpus.vocab


def test_vocabularies_of_words_and_of_characters_differ():
    tokens = [UNKNOWN, END, "a"]
    assert Vocab.from_list(tokens, spacing="written") != Vocab.from_list(tokens)
    with pytest.raises(InvalidInput, match=r"^spacing: "):
        Vocab.from_list(tokens, spacing="wide")
