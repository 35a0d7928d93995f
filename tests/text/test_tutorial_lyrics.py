"""Recognition of the text to which the published results belong."""

import pytest

from rnnlab.resources import shipped_corpus
from rnnlab.text import read_corpus
from rnnlab.text.tutorial_lyrics import is_tutorial_lyrics


@pytest.mark.parametrize("text", [None, "one fish two fish", "", shipped_corpus("lyrics-zh")])
def test_other_texts_are_not_taken_for_the_tutorials_lyrics(text):
    assert not is_tutorial_lyrics(text)


def test_the_tutorials_lyrics_are_recognised_with_all_line_ends(tutorial_corpus):
    text = read_corpus(tutorial_corpus)
    assert is_tutorial_lyrics(text)
    assert is_tutorial_lyrics(text.replace("\n", "\r\n"))
    assert not is_tutorial_lyrics(text[1:])
