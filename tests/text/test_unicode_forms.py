"""Other spellings of the same characters."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.text import clusters, visible
from rnnlab.text.unicode_forms import spellings


@pytest.mark.parametrize("word", ["peut-être", "تَقُول", "봄바람", "tiếng", "naïve", "की"])
def test_a_word_is_found_in_each_of_its_canonical_forms(word):
    forms = {unicodedata.normalize(form, word) for form in ("NFC", "NFD")}
    assert all(forms <= set(spellings(form)) for form in forms)


@pytest.mark.parametrize(
    ("typed", "learned"),
    [
        ("l’eau", "l'eau"),
        ("l'eau", "l’eau"),
        ("peut‐être", "peut-être"),
        ("צה״ל", 'צה"ל'),
        ("ＡＢ", "AB"),
        ("AB", "ＡＢ"),
    ],
)
def test_a_word_is_found_with_other_marks_and_widths(typed, learned):
    assert learned in spellings(typed)


def test_a_straight_quotation_mark_opens_where_a_word_begins():
    assert "“hm”" in spellings('"hm"')
    assert next(form for form in spellings('"', opening=True) if form in "“”") == "“"
    assert next(form for form in spellings('"', opening=False) if form in "“”") == "”"


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=8))
def test_the_text_itself_comes_first_and_each_spelling_once(text):
    found = list(spellings(text))
    assert found[:1] == ([text] if text else [])
    assert len(found) == len(set(found))


@settings(deadline=None, max_examples=50)
@given(st.text())
def test_clusters_are_the_text(text):
    assert "".join(clusters(text)) == text


def test_marks_stay_with_their_letters():
    assert [len(cluster) for cluster in clusters("e\u0301a\u0302\u0323 \u1112\u1161\u11ab")] == [2, 3, 1, 3]
    assert clusters("की ❤️") == ["की", " ", "❤️"]


@pytest.mark.parametrize(
    ("character", "shown"),
    [("\n", "↵"), ("\t", "⇥"), (" ", "␣"), ("\u0301", "◌\u0301"), ("\u200d", "U+200D"), ("\x1b", "U+001B"), ("é", "é")],
)
def test_an_invisible_character_is_shown_by_a_sign(character, shown):
    assert visible(character) == shown
