import copy
import pickle

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.text import UNKNOWN, Vocab
from rnnlab.validation import InvalidInput

characters = st.characters(exclude_categories=["Cs"])


def test_order_is_unknown_then_reserved_then_frequency_then_first_sight():
    vocab = Vocab("banana bread", reserved_tokens=["<pad>", "<bos>"])
    # a 4, b 2, n 2, then ' ', r, e, d once each
    assert vocab.tokens == (UNKNOWN, "<pad>", "<bos>", "a", "b", "n", " ", "r", "e", "d")
    assert vocab.unknown_id == 0
    assert list(vocab.frequencies.items()) == [("a", 4), ("b", 2), ("n", 2), (" ", 1), ("r", 1), ("e", 1), ("d", 1)]


def test_min_freq_drops_rare_tokens_but_not_reserved_ones():
    vocab = Vocab("aaabbc", min_freq=2, reserved_tokens=["z"])
    assert vocab.tokens == (UNKNOWN, "z", "a", "b")
    assert vocab.encode("abcz") == [2, 3, 0, 1]
    assert vocab.frequencies["c"] == 1  # still counted


def test_a_reserved_or_unknown_token_in_the_text_is_not_listed_twice():
    vocab = Vocab(["the", "<pad>", "<pad>", UNKNOWN, "the", "cat"], reserved_tokens=["<pad>"])
    assert vocab.tokens == (UNKNOWN, "<pad>", "the", "cat")


def test_tokens_may_be_words():
    vocab = Vocab(["the", "cat", "and", "the", "dog"])
    assert vocab.decode(vocab.encode(["the", "dog", "a", "mouse"])) == ["the", "dog", UNKNOWN, UNKNOWN]


def test_without_unknown_an_unseen_token_is_refused_by_name():
    vocab = Vocab("分开", unknown=False)
    assert vocab.unknown_id is None
    assert vocab.tokens == ("分", "开")
    with pytest.raises(InvalidInput) as refusal:
        vocab.encode("不分开吗不", field="prefix")
    assert (refusal.value.code, refusal.value.field) == ("not_in_vocabulary", "prefix")
    assert refusal.value.details["characters"] == "'不', '吗'"
    assert str(refusal.value).startswith("prefix: ")


def test_a_refusal_names_only_a_few_of_many_tokens():
    with pytest.raises(InvalidInput) as refusal:
        Vocab("a", unknown=False).encode(chr(0x4E00 + i) for i in range(1000))
    assert refusal.value.details["characters"].endswith(", …")
    assert len(str(refusal.value)) < 200


def test_a_surrogate_in_a_refusal_can_be_printed():
    with pytest.raises(InvalidInput) as refusal:
        Vocab("a", unknown=False).encode("\ud800")
    str(refusal.value).encode("utf-8")


@pytest.mark.parametrize("wrong", [-1, 3, 10**9])
def test_an_id_out_of_range_is_refused(wrong):
    with pytest.raises(InvalidInput, match=rf"no token has the number {wrong}"):
        Vocab("ab").decode([0, wrong])


def test_decode_takes_tensors_too():
    assert Vocab("ab", unknown=False).decode(torch.tensor([1, 0])) == ["b", "a"]


@pytest.mark.parametrize("min_freq", [-1, 1.5, True, float("nan"), "2"])
def test_min_freq_is_a_whole_number(min_freq):
    with pytest.raises(InvalidInput, match="min_freq"):
        Vocab("ab", min_freq=min_freq)


def test_a_reserved_token_twice_is_refused():
    with pytest.raises(InvalidInput, match="'x' cannot stand at place 2"):
        Vocab("ab", reserved_tokens=["x", "x"])


def test_no_tokens_at_all():
    assert Vocab("").tokens == (UNKNOWN,)
    with pytest.raises(InvalidInput):
        Vocab("", unknown=False)


@pytest.mark.parametrize("unknown", [True, False])
def test_from_list_rebuilds(unknown):
    vocab = Vocab("hello world", unknown=unknown)
    again = Vocab.from_list(list(vocab.tokens), unknown=unknown)
    assert again == vocab
    assert hash(again) == hash(vocab)
    assert again.frequencies == {}
    assert again.encode("hello") == vocab.encode("hello")


def test_equality_needs_the_same_meaning_of_unknown():
    tokens = [UNKNOWN, "a"]
    assert Vocab.from_list(tokens, unknown=True) != Vocab.from_list(tokens, unknown=False)
    assert Vocab.from_list(tokens) != tokens


@pytest.mark.parametrize(
    ("tokens", "unknown"),
    [
        ([], True),
        ([], False),
        ("abc", False),  # a string is not a list
        (None, True),
        ({"a": 0}, False),
        (["a", "b"], True),  # no <unk> at 0
        (["a", UNKNOWN], True),
        (["a", "a"], False),
        ([UNKNOWN, 1], True),
        ([UNKNOWN, None], True),
        ([UNKNOWN, ["a"]], True),
        ([UNKNOWN, ""], True),
        ([UNKNOWN, "\udc00"], True),
    ],
)
def test_from_list_refuses_lists_that_are_not_distinct_texts(tokens, unknown):
    with pytest.raises(InvalidInput) as refusal:
        Vocab.from_list(tokens, unknown=unknown)
    assert refusal.value.code == "bad_vocabulary"
    str(refusal.value).encode("utf-8")


def test_a_vocabulary_can_be_copied_pickled_and_iterated():
    vocab = Vocab("hello")
    assert copy.deepcopy(vocab) == pickle.loads(pickle.dumps(vocab)) == vocab
    assert list(vocab) == list(vocab.tokens)
    assert "h" in vocab
    assert "x" not in vocab
    assert "6" not in repr(vocab)
    assert repr(vocab) == "Vocab(5 tokens, with <unk>)"


@given(st.text(characters, min_size=1), st.booleans())
def test_encode_and_decode_are_inverse(text, unknown):
    vocab = Vocab(text, unknown=unknown)
    assert "".join(vocab.decode(vocab.encode(text))) == text
    counts = [vocab.frequencies[token] for token in vocab.tokens if token != UNKNOWN]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == len(text)
    assert len(vocab) == len(set(text)) + unknown
