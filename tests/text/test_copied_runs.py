"""Runs that stand word for word in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.resources import shipped_corpus
from rnnlab.text.copied_runs import (
    SHORTEST,
    CopiedRun,
    CopyTracker,
    copied_characters,
    copied_runs,
    copied_share,
    longest_copied,
    min_copied_length,
    passage,
)

FEW_LETTERS = st.text("ab\n", max_size=60)


def covered_by_definition(song, text, min_length):
    """The places of `song` that are inside a piece of `min_length` characters that stands in `text`."""
    starts = [k for k in range(len(song) - min_length + 1) if song[k : k + min_length] in text]
    return {place for start in starts for place in range(start, start + min_length)}


@given(FEW_LETTERS, FEW_LETTERS, st.integers(1, 8))
def test_runs_cover_what_stands_in_the_text_and_cannot_be_longer(song, text, min_length):
    runs = copied_runs(song, text, min_length)
    covered = {place for run in runs for place in range(run.start, run.end)}
    assert covered == covered_by_definition(song, text, min_length)
    assert copied_characters(runs) == len(covered)
    assert runs == sorted(runs, key=lambda run: run.start)
    for run in runs:
        assert song[run.start : run.end] in text
        assert run.start == 0 or song[run.start - 1 : run.end] not in text
        assert run.end == len(song) or song[run.start : run.end + 1] not in text


@given(FEW_LETTERS, FEW_LETTERS)
def test_following_a_song_gives_the_runs_of_its_beginning_at_any_time(song, text):
    tracker = CopyTracker(text, 3)
    for number, character in enumerate(song, start=1):
        tracker.add(character)
        assert tracker.runs == copied_runs(song[:number], text, 3)


def test_a_run_by_hand():
    song, text = "abcdeXbcdefg", "__abcde__bcdefg"
    assert copied_runs(song, text, 4) == [CopiedRun(0, 5), CopiedRun(6, 12)]
    assert copied_share(song, text, 4) == 11 / 12
    assert copied_share(song, text, 6) == 6 / 12
    assert copied_share(song, text, 7) == 0.0
    assert longest_copied(copied_runs(song, text, 4)) == 6
    assert longest_copied([]) == 0


def test_characters_of_the_prefix_do_not_count_but_a_run_may_begin_there():
    assert copied_share("abcdXY", "abcd", 4, prefix=2) == 2 / 4
    assert copied_share("ab", "abcd", 4, prefix=2) == 0.0


def test_overlapping_runs_count_each_character_once():
    runs = copied_runs("abcdef", "abcde bcdef", 5)
    assert runs == [CopiedRun(0, 5), CopiedRun(1, 6)]
    assert copied_characters(runs) == 6


def test_minimal_length_depends_on_the_text():
    chinese, english = shipped_corpus("lyrics-zh"), shipped_corpus("lyrics-en")
    assert SHORTEST <= min_copied_length(chinese) < 8 <= min_copied_length(english) < 20
    assert min_copied_length("") == min_copied_length("a" * 10_000) == SHORTEST


@pytest.mark.parametrize("name", ["lyrics-zh", "lyrics-en"])
def test_minimal_length_leaves_hardly_a_run_by_chance(name):
    text = shipped_corpus(name)
    length = min_copied_length(text)
    half = len(text) // 2
    runs = copied_runs(text[half : half + 4000], text[:half], length)
    short = [run for run in runs if run.end - run.start < 2 * length]
    assert copied_characters(short) <= 0.02 * 4000


def test_a_passage_has_the_lines_around_it():
    text = "one\ntwo fish\nred fish\nblue\nfive"
    found = passage("red f", text)
    assert (found.before, found.run, found.after) == ("two fish\n", "red f", "ish\nblue")
    assert passage("fish\nred fish\nblue\nfive", text).after == ""
    assert passage("one", text).before == ""
    assert [passage(run, text).count for run in ("fish", "e")] == [2, 4]
    assert passage("aa", "aaaa").count == 3  # overlapping
    assert passage("green", text) is None
