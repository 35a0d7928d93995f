"""Find what a text copies: its runs of characters that stand word for word in another text.

A run counts from a minimal length on, for short ones stand in any text by chance. `min_copied_length` chooses it from
the text itself. The search is exact and needs no index: CPython finds a piece in ten million characters in about five
milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHORTEST = 5  # characters of a run at least, whatever the text
MAX_CHANCE = 0.02  # share of one half of a text in runs that the other half has by chance, at most
MAX_COMPARED, MIN_COMPARED = 4000, 400  # characters of the second half that are looked up in the first
SEARCHED = 2_000_000_000  # characters that are searched for that, by which there are fewer in a long text: a second


@dataclass(frozen=True)
class CopiedRun:
    """A run of characters of a song, song[start:end], that stands in the text; the longest possible one there."""

    start: int
    end: int


@dataclass(frozen=True)
class Passage:
    """Where a run stands in the text: the first place, with the lines around it."""

    before: str  # from the beginning of the line before to the run
    run: str
    after: str  # from the run to the end of the line after
    count: int  # how often the run occurs, overlapping or not


class CopyTracker:
    """Follow a song character by character, with its longest ending that stands in `text`."""

    def __init__(self, text: str, min_length: int) -> None:
        self.text, self.min_length = text, min_length
        self.length = 0  # characters so far
        self.ending = ""  # the longest ending of the song that stands in the text
        self._runs: list[CopiedRun] = []  # those that have ended
        self._open: CopiedRun | None = None

    def add(self, characters: str) -> None:
        """Continue the song."""
        for character in characters:
            self.length += 1
            self.ending += character
            while self.ending not in self.text:
                self.ending = self.ending[1:]
            self._update()

    def _update(self) -> None:
        """Extend the open run, or end it where the song leaves that place of the text."""
        start = self.length - len(self.ending)
        if self._open is not None and start > self._open.start:
            self._runs.append(self._open)
            self._open = None
        if len(self.ending) >= self.min_length:
            self._open = CopiedRun(start, self.length)

    @property
    def runs(self) -> list[CopiedRun]:
        """The runs so far, by their beginning; one may begin before the one before it ends."""
        return self._runs if self._open is None else [*self._runs, self._open]


def copied_runs(song: str, text: str, min_length: int) -> list[CopiedRun]:
    """Return the runs of at least `min_length` characters of `song` that stand in `text`, each as long as possible.

    >>> copied_runs("the cat sat on a dog", "a dog sat; the cat sat", 5)
    [CopiedRun(start=0, end=11), CopiedRun(start=15, end=20)]
    """
    tracker = CopyTracker(text, min_length)
    tracker.add(song)
    return tracker.runs


def copied_parts(runs: Iterable[CopiedRun]) -> list[tuple[int, int]]:
    """Return the parts (start, end) of the song that `runs`, ordered by their beginning, cover together."""
    parts: list[tuple[int, int]] = []
    for run in runs:
        if parts and run.start <= parts[-1][1]:
            parts[-1] = (parts[-1][0], max(parts[-1][1], run.end))
        else:
            parts.append((run.start, run.end))
    return parts


def copied_characters(runs: Iterable[CopiedRun]) -> int:
    """Return the number of characters inside `runs`, ordered by their beginning; each counts once."""
    return sum(end - start for start, end in copied_parts(runs))


def copied_share(song: str, text: str, min_length: int, prefix: int = 0) -> float:
    """Return the share of the characters of `song` after the first `prefix` that are inside copied runs; 0 if empty.

    A run may begin in the prefix, which was typed and is not counted.
    """
    return share_of(copied_runs(song, text, min_length), len(song), prefix)


def share_of(runs: Iterable[CopiedRun], length: int, prefix: int = 0) -> float:
    """Return the share of the characters of a song of `length` after the first `prefix` that are inside `runs`."""
    copied = copied_characters(runs_after(runs, prefix))
    return copied / (length - prefix) if length > prefix else 0.0


def runs_after(runs: Iterable[CopiedRun], prefix: int) -> list[CopiedRun]:
    """Return the parts of `runs` after the first `prefix` characters of the song."""
    return [CopiedRun(max(run.start, prefix), run.end) for run in runs if run.end > prefix]


def longest_copied(runs: Sequence[CopiedRun]) -> int:
    """Return the length of the longest run, 0 without one."""
    return max((run.end - run.start for run in runs), default=0)


def min_copied_length(text: str) -> int:
    """Return the length from which on a run that stands in `text` is hardly there by chance.

    One half of the text is compared with the other, from which nobody copied it: the length is the smallest at which
    at most MAX_CHANCE of its characters are in common runs of that length. Runs of twice the length and more are left
    out: they are refrains, and songs that the cut divides.
    """
    compared = max(MIN_COMPARED, min(MAX_COMPARED, SEARCHED // max(1, len(text))))
    first, second = text[: len(text) // 2], text[len(text) // 2 :][:compared]
    runs, length = copied_runs(second, first, SHORTEST), SHORTEST
    while copied_characters(run for run in runs if length <= run.end - run.start < 2 * length) > MAX_CHANCE * len(
        second
    ):
        length += 1
    return length


def passage(run: str, text: str) -> Passage | None:
    """Return where `run` stands in `text` first, with the line before and the line after; None if it does not."""
    start = text.find(run)
    if start < 0:
        return None
    end = start + len(run)
    line = text.rfind("\n", 0, start) + 1
    begin = text.rfind("\n", 0, max(0, line - 1)) + 1
    this_end = _line_end(text, end)
    last = _line_end(text, this_end + 1)
    return Passage(text[begin:start], run, text[end:last], _occurrences(run, text))


def _line_end(text: str, start: int) -> int:
    """Return where the line that holds place `start` ends."""
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _occurrences(run: str, text: str) -> int:
    count, place = 0, text.find(run)
    while place >= 0:
        count, place = count + 1, text.find(run, place + 1)
    return count
