"""A race that survives the server: its lanes after their last epoch, and the rows up to there.

race.json   the settings
text.sha256 the digest of the visitor's own text, which is a file of its own; none of a shipped text
others      `rnnlab.experiments.race.race_state`; none of a race that has ended
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rnnlab.experiments.race import Config, Race, RaceRows, RaceState, state_from
from rnnlab.resources import CORPORA
from rnnlab.runs import Row
from rnnlab.runs.stored_lessons import StoredFiles, StoredLesson
from rnnlab.ui.tabs.lesson import Lesson, View
from rnnlab.validation import InvalidInput

SETTINGS, DIGEST = "race.json", "text.sha256"
WITHOUT_EPOCH = ("started", "line")  # kinds of rows from before the first minibatch


@dataclass(frozen=True)
class RaceLesson(Lesson):
    """A race as `rnnlab.runs` takes it, and saves it."""

    kind: ClassVar[str] = "race"
    stored: StoredFiles | None = None  # the files of an earlier process
    digest: str = ""  # of the visitor's own text

    @property
    def _race(self) -> Race:
        assert isinstance(self.trainer, Race)
        return self.trainer

    @property
    def stamp(self) -> object:
        """Return what differs when there is something new to save."""
        return 0 if self._race.state is None else self._race.state.epoch

    def to_store(self, read_rows: Callable[[], Sequence[Row]], ended: bool) -> tuple[Mapping[str, bytes], list[Row]]:
        """Return the files of the race, and its rows: of one that goes on those up to its last epoch."""
        files = {SETTINGS: json.dumps(self.config.to_strings()).encode()}
        files |= {DIGEST: self.digest.encode()} if self.digest else {}
        if ended:
            return files, list(read_rows())
        state = self._state()
        if state is None:
            return files, []
        rows = [
            row
            for row in read_rows()
            if row["kind"] in WITHOUT_EPOCH or row.get("epoch", state.epoch + 1) <= state.epoch
        ]
        return files | state.to_files(), rows

    def own_text(self) -> str | None:
        """Return the visitor's own text; None for a shipped one, and for one that has not been read."""
        return self._race.text

    def _state(self) -> RaceState | None:
        if self._race.state is None and self.stored is not None:  # an earlier process's, not resumed yet
            return state_from(self.stored.read)
        return self._race.state


def restore(view: View, stored: StoredFiles, rows: list[Row]) -> StoredLesson:
    """Return the race of the files that `to_store` has returned. Raises InvalidInput.

    A text of the visitor's own is read when the race goes on; where it was lost, the race then says so.
    """
    started = next((row for row in rows if row["kind"] == "started"), None)
    record = RaceRows()
    try:
        config = Config.from_strings(json.loads(stored.read(SETTINGS)))
        digest = "" if config.corpus in CORPORA else stored.read(DIGEST).decode("ascii")
        if started is not None:
            record.begin(int(started["steps"]), int(started["epochs"]))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        raise InvalidInput("stored_run", "race") from None
    race = Race(
        config,
        read_text=(lambda: stored.text(digest)) if digest else None,
        read_state=None if started is None else lambda: state_from(stored.read),
    )
    return StoredLesson(RaceLesson(view, config, race, None if started is None else stored, digest), record, view.pool)
