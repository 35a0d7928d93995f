"""Payload of what a song copies: the runs that stand word for word in the training text, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rnnlab.experiments.language_model import LearnedText
from rnnlab.generation import Generation
from rnnlab.text import CopiedRun, CopyTracker, longest_copied, passage

MAX_PASSAGES = 100  # runs whose place in the text is sent
MAX_CONTEXT = 200  # characters before and after a run


def copied_value(tracker: CopyTracker | None) -> dict[str, Any] | None:
    """Return the runs of a song that still grows; None without a text to look it up in."""
    return None if tracker is None else {"runs": _places(tracker.runs)}


def compared_value(learned: LearnedText, song: str, prefix: int, how: Generation) -> dict[str, Any]:
    """Return the runs of a whole song with their places in the text, and the shares that it is compared by.

    prefix: characters of the song that were typed.
    """
    return {
        **whole_value(learned, song, prefix),
        "ngram_share": learned.ngram_share(how),
        "held_out_share": learned.held_out_share,
    }


def whole_value(learned: LearnedText, song: str, prefix: int) -> dict[str, Any]:
    """Return the runs of a whole song with their places in the text, its longest one, and its share."""
    tracker = learned.tracker()
    tracker.add(song)
    runs = tracker.runs
    return {
        **runs_value(learned, song, runs),
        "longest": longest_copied(runs),
        "share": learned.share(song, prefix),
    }


def runs_value(learned: LearnedText, song: str, runs: Sequence[CopiedRun]) -> dict[str, Any]:
    """Return the `runs` of a song with their places in the text; the first of these only, where there are many."""
    found = [passage(song[run.start : run.end], learned.text) for run in runs[:MAX_PASSAGES]]
    return {
        "runs": _places(runs),
        "passages": [_shortened(asdict(place)) for place in found if place is not None],
        "min_length": learned.min_length,
    }


def _places(runs: Sequence[CopiedRun]) -> list[list[int]]:
    return [[run.start, run.end] for run in runs]


def _shortened(place: dict[str, Any]) -> dict[str, Any]:
    """Keep the ends of the context that are next to the run; a text without lines would be sent whole."""
    return {**place, "before": place["before"][-MAX_CONTEXT:], "after": place["after"][:MAX_CONTEXT]}
