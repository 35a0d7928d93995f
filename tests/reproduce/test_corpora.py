"""Recognition of the text, and its effect on the verdict."""

import pytest

from rnnlab.reproduce import AGREES, ANOTHER_TEXT, TABLE_ROWS, UNPUBLISHED, TableRow
from rnnlab.reproduce.corpora import is_shipped
from rnnlab.reproduce.process_pool import summary
from rnnlab.resources import resource, shipped_corpus
from rnnlab.text import read_corpus

OWN = "one fish two fish"
TEXT_ROW = TableRow("x", "perplexity", None, {10: 3.0}, (10,), depends_on_text=True)


def judged(row, text):
    result = summary(row, [({10: 3.0}, 1.0)], text)
    return result.verdict, result.shipped


@pytest.mark.parametrize("name", ["lyrics-zh", "lyrics-en"])
def test_the_shipped_songs_are_known_by_name_and_by_path(name):
    assert is_shipped(None)
    assert is_shipped(shipped_corpus(name))
    assert is_shipped(read_corpus(resource({"lyrics-zh": "data/lyrics.txt", "lyrics-en": "data/lyrics_en.txt"}[name])))
    assert not is_shipped(OWN)


def test_results_on_the_tutorials_lyrics_are_judged(tutorial_corpus):
    assert judged(TEXT_ROW, read_corpus(tutorial_corpus)) == (AGREES, False)


def test_results_on_another_text_have_no_verdict():
    assert judged(TEXT_ROW, None) == (ANOTHER_TEXT, True)
    assert judged(TEXT_ROW, shipped_corpus("lyrics-zh")) == (ANOTHER_TEXT, True)
    assert judged(TEXT_ROW, OWN) == (ANOTHER_TEXT, False)
    assert judged(TableRow("x", "", None, {}, (10,), depends_on_text=True), None) == (UNPUBLISHED, True)


def test_a_lesson_is_judged_without_a_text():
    assert judged(TableRow("x", "", None, {10: 3.0}, (10,)), None) == (AGREES, False)
    assert {row.name for row in TABLE_ROWS if not row.depends_on_text} >= {"hello-RNN", "sine", "tagger-en"}
