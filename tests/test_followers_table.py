"""The table of what followed typed characters, counted by hand."""

import pytest

from rnnlab.experiments.language_model import text_to_count, what_followed
from rnnlab.generation import followers_table
from rnnlab.models import NGrams
from rnnlab.text import END, Vocab, make_corpus
from rnnlab.validation import InvalidInput

SONG = "la la li\nla lu la\nli la lo\n"


def found(typed, text=SONG, **options):
    return what_followed(typed, text_to_count(text), **options)


def rows(table):
    return [(row.token, row.count, row.line) for row in table.rows]


def test_three_characters_by_hand():
    """ "la " occurs four times: before la (line 1), li (1), lu (2), and lo (3): always before l."""
    table = found("la ")
    assert (table.n, table.context, table.used, table.total, table.counted) == (4, "la ", "la ", 4, 27)
    assert rows(table) == [("l", 4, 1)]
    (row,) = table.rows
    assert (row.before, row.run, row.after) == ("", "la l", "a li")
    assert row.share == 1.0


def test_followers_in_the_order_of_their_counts_with_their_first_line():
    """The text is la la li la lu la li la lo: l is followed by a five times, by i twice, by u and o once."""
    table = found("l")
    assert rows(table) == [("a", 5, 1), ("i", 2, 1), ("u", 1, 2), ("o", 1, 3)]
    assert [row.share for row in table.rows] == pytest.approx([5 / 9, 2 / 9, 1 / 9, 1 / 9])
    third = table.rows[2]
    assert (third.before, third.run, third.after) == ("la ", "lu", " la")


def test_probabilities_are_those_of_the_ngram_model():
    """The 4-gram reads exactly three characters; with n = 5 the 5-gram reads the same three, as at a song's start."""
    corpus = make_corpus(SONG)
    ngrams = NGrams(corpus.train_ids.tolist(), len(corpus.vocab), 5)
    for typed, n in (("\nla", None), ("\nla", 5), ("a la", None), ("l", 2), ("zo", None)):
        table = found(typed, n=n)
        context = corpus.vocab.encode([character for character in typed if character in corpus.vocab])
        assert table.n == (n or len(context) + 1)
        for row in table.rows:
            token = corpus.vocab.encode([row.token])[0]
            assert row.probability == ngrams.probabilities(token, context)[table.n - 1]


def test_the_levels_lead_to_the_probability():
    """After ' lo' a line end, once. From the levels: (1 - D)/1 + passed_on · (…), down to 1/V."""
    table = found(" lo")
    assert [level.context for level in table.levels] == [" lo", "lo", "o", ""]
    assert [level.counts_occurrences for level in table.levels] == [True, False, False, False]
    (row,) = table.rows
    assert (row.token, row.run, row.after, row.line) == ("\n", " lo\n", "", 3)
    seen = {"": 3}  # a line end stands after a, i and o
    p = table.uniform
    for level in reversed(table.levels):
        p = max(seen.get(level.context, 1) - level.discount, 0) / level.total + level.passed_on * p
    assert p == pytest.approx(row.probability)
    assert table.uniform == 1 / 7


def test_the_fall_back_is_told():
    table = found("ouo")
    assert (table.context, table.used) == ("ouo", "o")
    assert rows(table) == [("\n", 1, 3)]
    assert [level.total for level in table.levels[:2]] == [0, 0]
    assert [level.passed_on for level in table.levels[:2]] == [1.0, 1.0]


def test_characters_that_the_text_lacks_are_named():
    table = found("xl")
    assert (table.context, table.missing, table.n) == ("l", ("x",), 2)
    nothing = found("xyz", most=2)
    assert (nothing.context, nothing.used, nothing.total, nothing.different) == ("", "", 27, 7)
    assert rows(nothing) == [("l", 9, 1), (" ", 6, 1)]  # two spaces in each line


def test_words_are_joined_as_the_text_joins_them():
    tokens = ["The", "cat", ",", "the", "dog", END, "the", "cat", "sat", END]
    vocab = Vocab(tokens, reserved_tokens=[END], spacing="written")
    ids = vocab.encode(tokens)
    table = followers_table("the", ids, vocab, NGrams(ids, len(vocab), 5))
    assert [(row.token, row.line) for row in table.rows] == [("dog", 1), ("cat", 2)]
    assert [row.before + row.run + row.after for row in table.rows] == ["The cat, the dog", "the cat sat"]


def test_the_end_of_a_long_line_is_left_out():
    (row,) = found("ab", text="x" * 50 + "abc" + "y" * 50).rows
    assert (row.before, row.run, row.after) == ("x" * 20, "abc", "y" * 20)


@pytest.mark.parametrize(
    ("typed", "word"), [("", "context"), ("a" * 41, "context"), (5, "context"), ("a\0", "context")]
)
def test_what_cannot_be_typed_is_refused(typed, word):
    with pytest.raises(InvalidInput, match=f"{word}: "):
        found(typed)


def test_a_text_that_is_too_short_is_refused_by_name():
    with pytest.raises(InvalidInput, match=r"text: .* at least 5"):
        text_to_count("abcd", "text")
