"""Lessons on the page: an experiment in the background, and the picture that its panel is told.

A lesson's panel gets all rows at once and draws from them whatever moment its sliders point at, so walking through a
training costs the server nothing. Before anybody has pressed anything it shows the lesson's default run, which is
computed once for all visitors.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

from rnnlab.devices import tune_thread
from rnnlab.experiments.event import Event, row
from rnnlab.figures.theme import DARK_COLORS
from rnnlab.runs import FAILED, LESSON, EventToRow, Row, Run, Runner, Snapshot, plain_row
from rnnlab.ui.components.form_restore import settings_shown
from rnnlab.ui.components.run_title import title_of_lesson
from rnnlab.ui.i18n import message_of, section
from rnnlab.ui.i18n.languages import Language
from rnnlab.validation import Choice, Config, InvalidInput


@dataclass(frozen=True)
class View:
    """What the page knows of a lesson: its settings, how it runs, its empty figures, and an event's row in the log."""

    name: str
    config: type[Config]
    run: Callable[[Any], Iterator[Event]]
    figures: Callable[[Any, Mapping[str, str]], dict[str, Any]]  # its plotly figures, by name
    record: EventToRow = row
    fields: Mapping[str, str] = field(default_factory=dict)  # of each setting, the elem_id of its field on the page


class Experiment(Protocol):
    def events(self) -> Iterator[Event]: ...


@dataclass(frozen=True)
class Lesson:
    """One run of a lesson, as `runs` takes it. `trainer` is what trains, where a tab wants to use what it has made."""

    view: View
    config: Config
    trainer: Experiment | None = None

    def events(self) -> Iterator[Event]:
        return self.view.run(self.config) if self.trainer is None else self.trainer.events()

    @property
    def nbytes(self) -> int:
        """About what it takes in memory."""
        return getattr(self.trainer, "nbytes", 0)

    def release(self) -> None:
        """Keep no more than what was learned."""
        if hasattr(self.trainer, "release"):
            self.trainer.release()


def start_lesson(runner: Runner, saved: Any, lesson: Lesson, pool: str = LESSON, owner: str = "") -> tuple[str, str]:
    """Start it in the background, in place of the earlier run of the same lesson whose id the page has `saved`.

    Returns the panel's reference and the id to save. Raises InvalidInput when too many wait.
    """
    run = runner.start(Run(lesson, lesson.view.record, pool=pool, owner=owner))
    if (old := lesson_of(lesson.view, runner, saved)) is not None:
        runner.forget(old)  # with all that it holds: a visitor keeps one run of a lesson
    return f"runs/{run.id}?{secrets.token_hex(4)}", run.id


def stop_lesson(runner: Runner, saved: Any, view: View) -> None:
    """Stop this visitor's run of the lesson, if there is one."""
    if (run := lesson_of(view, runner, saved)) is not None:
        runner.stop(run)


def lesson_of(view: View, runner: Runner, saved: Any) -> Run | None:
    """The run of this lesson whose id the page has `saved`, if it is kept."""
    run = runner.get(saved)
    lesson = None if run is None else run.experiment
    return run if isinstance(lesson, Lesson) and lesson.view.name == view.name else None


@dataclass(frozen=True)
class DefaultRuns:
    """The default run of each lesson, computed when it is first asked for and then kept."""

    views: Sequence[View]
    _rows: dict[str, Future[tuple[Row, ...]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _pool: ThreadPoolExecutor = field(  # one thread, and a tuned one: a class that opens a tab waits for one run
        default_factory=lambda: ThreadPoolExecutor(1, "lesson", initializer=tune_thread)
    )

    def picture(self, name: str, language: Language) -> dict[str, Any]:
        """Raises InvalidInput for a lesson that there is not."""
        views = {view.name: view for view in self.views}
        view = views[Choice(tuple(views)).check("lesson", name)]
        rows = self._recorded(view).result()
        return picture(view, view.config(), rows, language) | {"state": "recorded", "live": False, "cursor": len(rows)}

    def warm(self) -> None:
        """Begin to compute all of them, so that nobody waits."""
        for view in self.views:
            self._recorded(view)

    def _recorded(self, view: View) -> Future[tuple[Row, ...]]:
        with self._lock:
            if view.name not in self._rows:
                self._rows[view.name] = self._pool.submit(default_rows, view)
            return self._rows[view.name]


def default_rows(view: View) -> tuple[Row, ...]:
    """The log of the lesson's default run."""
    rows = map(view.record, view.run(view.config()))
    return tuple(plain_row(item) for item in rows if item is not None)


def picture(view: View, config: Config, rows: Sequence[Row], language: Language) -> dict[str, Any]:
    """What a panel needs to draw a lesson from nothing."""
    own = section(view.name, language)
    labels = {key.removeprefix("figure."): text for key, text in own.items() if key.startswith("figure.")}
    figures = view.figures(config, labels)
    return {
        "words": own | {"title": title_of_lesson(config, language)},
        "figures": {name: json.loads(figure.to_json(remove_uids=False)) for name, figure in figures.items()},
        "dark_colors": DARK_COLORS,
        "config": config.to_strings(),
        "settings": settings_shown(config, view.fields),
        "rows": rows,
    }


def picture_of_run(run: Run, snapshot: Snapshot, language: Language) -> dict[str, Any]:
    """`snapshot` holds all of the run's rows."""
    lesson = run.experiment
    whole = picture(lesson.view, lesson.config, snapshot.rows, language)
    return {**news(run, snapshot, language), **whole, "live": not snapshot.over}


def news(run: Run, snapshot: Snapshot, language: Language) -> dict[str, Any]:
    """What has happened since the panel last heard, and how the run stands."""
    error = run.error if isinstance(run.error, InvalidInput) else InvalidInput("run_failed", "run")
    return {
        "rows": snapshot.rows,
        "cursor": snapshot.cursor,
        "state": snapshot.state,
        "position": snapshot.position,
        "problem": message_of(error, language) if snapshot.state == FAILED else None,
    }
