"""Exercises on what a song copies from the text that a model has learned."""

from __future__ import annotations

from rnnlab.exercises.exercise import Arguments, Exercise
from rnnlab.text.copied_runs import copied_runs
from rnnlab.text.copied_runs import copied_share as share_copied
from rnnlab.text.copied_runs import longest_copied as longest_run


def longest_copied(song: str, text: str) -> int:
    """Return the length of the longest piece of the song that stands in the text word for word."""
    return longest_run(copied_runs(song, text, 1))


def _from_the_beginning(song: str, text: str) -> int:
    return max((end for end in range(len(song) + 1) if song[:end] in text), default=0)


def _with_gaps(song: str, text: str) -> int:
    """Return the length of the longest common subsequence, whose characters need not be neighbours."""
    row = [0] * (len(text) + 1)
    for character in song:
        before, row = row, [0]
        for place, other in enumerate(text):
            row.append(before[place] + 1 if character == other else max(before[place + 1], row[-1]))
    return row[-1]


def _known_characters(song: str, text: str) -> int:
    return sum(character in text for character in song)


def copied_share(song: str, text: str, length: int) -> float:
    """Return the share of the song's characters in pieces of at least `length` characters that stand in the text."""
    return share_copied(song, text, length)


def _covered(song: str, text: str, length: int) -> list[bool]:
    covered = [False] * len(song)
    for start in range(len(song) - length + 1):
        if song[start : start + length] in text:
            covered[start : start + length] = [True] * length
    return covered


def _share_of_pieces(song: str, text: str, length: int) -> float:
    starts = range(len(song) - length + 1)
    return sum(song[start : start + length] in text for start in starts) / max(1, len(starts))


def _pieces_apart(song: str, text: str, length: int) -> float:
    """Cut the song into pieces that do not overlap."""
    pieces = [song[start : start + length] for start in range(0, len(song) - length + 1, length)]
    return sum(length for piece in pieces if piece in text) / max(1, len(song))


def _counted_twice(song: str, text: str, length: int) -> float:
    starts = range(len(song) - length + 1)
    return sum(length for start in starts if song[start : start + length] in text) / max(1, len(song))


def _longer_only(song: str, text: str, length: int) -> float:
    return sum(_covered(song, text, length + 1)) / max(1, len(song))


def _count(song: str, text: str, length: int) -> int:
    return sum(_covered(song, text, length))


TEXT = "the rain has gone and the river is high\nthe night train goes along the river\n"
SONGS = ("the rain train goes", "and the night has gone along", "river high, river low, the river is", "xyz")


def _pairs() -> list[Arguments]:
    return [("a bad cab", "a cab"), *((song, TEXT) for song in SONGS)]


def _pairs_and_length() -> list[Arguments]:
    return [("a bad cab", "a cab", 3), *((song, TEXT, 6) for song in SONGS)]


RUN_COPIED = Exercise(
    "longest_copied",
    {"song": "str", "text": "str"},
    {"length": ""},
    longest_copied,
    _pairs,
    {"only_from_beginning": _from_the_beginning, "with_gaps": _with_gaps, "known_characters": _known_characters},
)
COPIED_SHARE = Exercise(
    "copied_share",
    {"song": "str", "text": "str", "length": "int"},
    {"share": ""},
    copied_share,
    _pairs_and_length,
    {
        "share_of_pieces": _share_of_pieces,
        "pieces_apart": _pieces_apart,
        "overlaps_counted_twice": _counted_twice,
        "longer_only": _longer_only,
        "count_for_share": _count,
    },
)
