"""Tagged sentences, and the lexicon that numbers their words."""

import pytest

from rnnlab.text import Lexicon, TaggedSentence
from rnnlab.text.tagged_sentences import lexicon_key, shown


def test_a_sentence_has_as_many_tags_as_words():
    with pytest.raises(ValueError, match="2 words and 1 tags"):
        TaggedSentence.of("two words", "X")


def test_a_lower_case_lexicon_keeps_capitals_in_its_characters():
    sentences = [TaggedSentence.of("The the THE end", "D D D N")]
    lexicon = Lexicon.of(sentences, lowercase=True)
    assert lexicon.words.tokens == ("<unk>", "the", "end")
    assert {"T", "t"} <= set(lexicon.characters)
    assert Lexicon.of(sentences).words.tokens == ("<unk>", "The", "the", "THE", "end")
    assert lexicon.tags == ("D", "N")


def test_a_lexicon_keeps_both_ends_of_an_over_long_word():
    address = "https://example.org/" + "a" * 500 + "/index.html"
    (_, kept) = Lexicon.of([TaggedSentence((address,), ("X",))]).words.tokens
    assert kept == lexicon_key(address)
    assert len(kept) == 200
    assert kept.startswith("https://example.org/")
    assert kept.endswith("/index.html")
    assert shown(address) == f"{kept[:100]}…{kept[100:]}"
    assert shown("short") == lexicon_key("short") == "short"
