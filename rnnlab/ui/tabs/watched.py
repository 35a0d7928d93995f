"""What a watcher gets of another visitor's run: what the panel draws, without the owner's form and without their text.

A watcher cannot act, so a sentence that names a button of the owner's is replaced (the sections `watch_train` and
`watch_race` of the translations).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnnlab.resources import CORPORA
from rnnlab.runs import Run, Snapshot, Training
from rnnlab.ui.i18n import section, words
from rnnlab.ui.i18n.languages import Language
from rnnlab.ui.tabs.lesson import Lesson
from rnnlab.ui.tabs.payloads import TabPayloads

# What is the owner's alone: the form's fields and settings as text; what is wrong with the disk, and a failed run's
# message, which may repeat what the owner has typed.
WITHHELD: Mapping[str, Any] = {
    "settings": {}, "config": {}, "not_saved": "", "recording_ended": "", "recording_dropped": False, "problem": None,
}  # fmt: skip
WATCHED_TABS = ("train", "race")


@dataclass(frozen=True)
class WatchedPayloads:
    """The payloads of runs as others see them; `rnnlab.ui.server.watch_routes` asks for them."""

    own: TabPayloads

    def tab(self, run: Run) -> str:
        """Return the tab that shows the run; "" for a run that cannot be watched."""
        experiment = run.experiment
        name = "train" if isinstance(experiment, Training) else ""
        name = experiment.view.name if isinstance(experiment, Lesson) else name
        return name if name in WATCHED_TABS else ""

    def has_own_text(self, run: Run) -> bool:
        """Return whether the run learns a text of its owner's."""
        return getattr(run.config, "corpus", "") not in CORPORA

    def picture(self, run: Run, snapshot: Snapshot, language: Language) -> dict[str, Any]:
        """Return all that a panel needs to draw the run; `snapshot` holds all of its rows."""
        picture = self._shown(run, self.own.picture(run, snapshot, language), language)
        texts = self._shown(run, picture["words"], language) | section(f"watch_{self.tab(run)}", language)
        if self.has_own_text(run):
            texts |= section("watch_own", language)
            if "unseen.ask_text" in texts:
                texts["unseen.ask"] = texts["unseen.ask_text"]
        return {**picture, "words": texts}

    def news(self, run: Run, snapshot: Snapshot, language: Language) -> dict[str, Any]:
        """Return the new rows in `snapshot`, and the state of the run."""
        return self._shown(run, self.own.news(run, snapshot, language), language)

    def recorded_row(self, run: Run, epoch: int) -> dict[str, Any] | None:
        """Return the row of an epoch from the recording of the run; None if there is none. Nothing is trained anew."""
        return self.own.recorded_row(run, epoch)

    def passage(self, run: Run, place: tuple[int, int, int, int]) -> dict[str, Any] | None:
        """Return where a copied run stands in the text; None if it is the owner's own, or there is no such run."""
        return None if self.has_own_text(run) else self.own.passage(run, place)

    def _shown(self, run: Run, payload: Mapping[str, Any], language: Language) -> dict[str, Any]:
        """Return a payload without what is withheld, and with a title that does not call the text the watcher's own."""
        shown = {name: WITHHELD.get(name, value) for name, value in payload.items()}
        if "rows" in shown:
            shown["rows"] = [row for row in shown["rows"] if not str(row.get("kind", "")).startswith("recording_")]
        if self.has_own_text(run) and shown.get("title"):
            own, theirs = words(language)["choices.corpus.own"], section("watch", language)["their_text"]
            shown["title"] = shown["title"].replace(own, theirs)
        return shown
