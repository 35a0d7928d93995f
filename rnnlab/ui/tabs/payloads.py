"""The payloads that the SSE routes send: those of the lessons and those of the Train tab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from rnnlab.runs import Run, Snapshot, Training
from rnnlab.ui.i18n.languages import Language
from rnnlab.ui.tabs import lesson
from rnnlab.ui.tabs.lesson import DefaultRuns, Lesson
from rnnlab.ui.tabs.train import earlier
from rnnlab.ui.tabs.train import payload as training
from rnnlab.ui.tabs.train.passages import CopiedPlace, passage_of_run
from rnnlab.ui.tabs.train.recorded_songs import recorded_row
from rnnlab.ui.tabs.train.recording import recorded_passage


@dataclass(frozen=True)
class TabPayloads:
    """The payloads of all tabs, as `rnnlab.ui.server.sse` asks for them."""

    recordings: DefaultRuns

    def recorded_curve(self, name: str, language: Language) -> Mapping[str, Any]:
        """Return the recorded curve of the shipped model `name`. Raises InvalidInput if there is none."""
        return training.recorded_picture(name, language)

    def default_run(self, name: str, language: Language) -> Mapping[str, Any]:
        """Return the default run of the lesson `name`. Raises InvalidInput if there is none."""
        return self.recordings.picture(name, language)

    def picture(self, run: Run, snapshot: Snapshot, language: Language) -> dict[str, Any]:
        """Return all that a panel needs to draw `run`; `snapshot` holds all of its rows."""
        return payload_module(run).picture_of_run(run, snapshot, language)

    def passage(self, run: Run, place: tuple[int, int, int, int]) -> dict[str, Any] | None:
        """Return where a copied run stands in the text of `run`; None if there is no such run.

        place: epoch, song, run and minibatch by their numbers, see `CopiedPlace`.
        """
        return None if isinstance(run.experiment, Lesson) else passage_of_run(run, CopiedPlace(*place))

    def recorded_passage(self, name: str, place: tuple[int, int, int, int]) -> dict[str, Any] | None:
        """Return the same for the recording of the shipped model `name`. Raises InvalidInput if there is none."""
        return recorded_passage(name, CopiedPlace(*place))

    def news(self, run: Run, snapshot: Snapshot, language: Language) -> dict[str, Any]:
        """Return the new rows in `snapshot`, and the state of the run."""
        return payload_module(run).news(run, snapshot, language)

    def recorded_row(self, run: Run, epoch: int) -> dict[str, Any] | None:
        """Return the row of an epoch from the recording of `run`; None if there is none."""
        return recorded_row(run, epoch)

    def summary(self, run: Run, beside: Run | None, language: Language) -> Mapping[str, Any] | None:
        """Return the summary of a run of the Train tab, compared with `beside`; None for another tab's run."""
        if not isinstance(run.experiment, Training):
            return None
        known = beside is not None and isinstance(beside.experiment, Training)
        return earlier.summary(run, beside.config if beside is not None and known else None, language)


def payload_module(run: Run) -> ModuleType:
    """Return the module that makes the payloads of `run`."""
    return lesson if isinstance(run.experiment, Lesson) else training
