"""A race that survives the server: its lanes after their last epoch, and the rows up to there.

race.json   the settings
others      `rnnlab.experiments.race.race_state`; none of a race that has ended
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rnnlab.experiments.race import Config, Race, RaceRows, RaceState, state_from
from rnnlab.runs import Row
from rnnlab.runs.stored_lessons import Read, StoredLesson
from rnnlab.ui.tabs.lesson import Lesson, View
from rnnlab.validation import InvalidInput

SETTINGS = "race.json"
WITHOUT_EPOCH = ("started", "line")  # kinds of rows from before the first minibatch


@dataclass(frozen=True)
class RaceLesson(Lesson):
    """A race as `rnnlab.runs` takes it, and saves it."""

    kind: ClassVar[str] = "race"
    read: Read | None = None  # the files of an earlier process

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

    def _state(self) -> RaceState | None:
        if self._race.state is None and self.read is not None:  # an earlier process's, not resumed yet
            return state_from(self.read)
        return self._race.state


def restore(view: View, read: Read, rows: list[Row]) -> StoredLesson:
    """Return the race of the files that `to_store` has returned. Raises InvalidInput."""
    try:
        config = Config.from_strings(json.loads(read(SETTINGS)))
        started = next((row for row in rows if row["kind"] == "started"), None)
        record = RaceRows()
        if started is not None:
            record.begin(int(started["steps"]), int(started["epochs"]))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        raise InvalidInput("stored_run", "race") from None
    race = Race(config, read_state=None if started is None else lambda: state_from(read))
    return StoredLesson(RaceLesson(view, config, race, read if started is not None else None), record, view.pool)
