"""Lessons on the page: an experiment in the background, and the payload of the panel that draws it.

A lesson's panel gets all rows at once and draws any moment of the run from them, so that its sliders cost the server
nothing. Before the visitor's first run it shows the lesson's default run, which is computed once for all visitors.

To add a lesson, add a line to `rnnlab.experiments.registry` and a package `rnnlab/ui/tabs/<name>` with a `VIEW`:

    VIEW = view_of(lesson_called("dummy"), figures)

That is enough for a tab with every setting, a start and a stop button and a plain panel. A package may replace each
part: `build_tab` the tab (`lesson_tab.py` has the default), `panel.html`, `.css` and `.js` the panel.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from typing import Any, Protocol, runtime_checkable

from rnnlab.devices import tune_thread
from rnnlab.experiments.event import Event, row
from rnnlab.experiments.registry import LessonSpec
from rnnlab.figures.theme import DARK_COLORS
from rnnlab.runs import (
    FAILED,
    LESSON,
    EventToRow,
    HasMemoryEstimate,
    Releasable,
    Row,
    Run,
    Runner,
    Snapshot,
    plain_row,
)
from rnnlab.ui.components.form_restore import settings_shown
from rnnlab.ui.components.run_title import title_of_lesson
from rnnlab.ui.i18n import message_of, section
from rnnlab.ui.i18n.languages import Language
from rnnlab.validation import Choice, Config, InvalidInput

FIELDS_IN_REACH = 6  # of a View that does not choose: its first settings; the others are under "Advanced"


@dataclass(frozen=True)
class View:
    """A lesson as the page shows it: settings, run, empty figures, and the row of each event."""

    name: str
    config: type[Config]
    run: Callable[[Any], Iterator[Event]]
    figures: Callable[[Any, Mapping[str, str]], Mapping[str, Any]]  # its plotly figures, by name
    record: EventToRow = row
    fields: Mapping[str, str] = field(default_factory=dict)  # elem_ids of settings' fields, if not as in elem_id()
    in_reach: Sequence[str] = ()  # settings that stand above the panel
    advanced: Sequence[str] = ()  # settings that stand below it
    summary: str = ""  # one sentence, for the documentation of the endpoint
    pool: str = LESSON  # LESSON for a run of seconds, TRAINING for a longer one

    @property
    def settings(self) -> tuple[str, ...]:
        """Return all settings that the page shows, in its order."""
        return (*self.in_reach, *self.advanced)

    def elem_id(self, setting: str) -> str:
        """Return the elem_id of the field of `setting`."""
        return self.fields.get(setting, f"{self.name}-{setting.replace('_', '-')}")

    # A lesson may have a class of its own, and replace these:

    def lesson(self, config: Config) -> Lesson:
        """Return a run of the lesson, not started yet. Raises InvalidInput."""
        return Lesson(self, config)

    def new_record(self) -> EventToRow:
        """Return what turns the events of one run into rows."""
        return self.record

    def first_events(self, config: Config) -> Iterator[Event]:
        """Yield what the panel shows before the visitor's first run: the events of the default run."""
        yield from self.run(config)

    def figures_of(self, config: Config, labels: Mapping[str, str], rows: Sequence[Row]) -> Mapping[str, Any]:
        """Return the figures of a run whose first rows are known."""
        return self.figures(config, labels)

    def form_of(self, config: Config) -> Config:
        """Return the settings as the form shows them."""
        return config

    def texts(self, config: Config, language: Language) -> Mapping[str, str]:
        """Return texts that depend on the settings, by their keys in the lesson's section."""
        return {}


def view_of(
    spec: LessonSpec,
    figures: Callable[[Any, Mapping[str, str]], Mapping[str, Any]] = lambda config, labels: {},
    **others: Any,
) -> View:
    """Return the view of a registered lesson with all its settings; `others` replaces fields of View."""
    names = tuple(item.name for item in fields(spec.config))
    shown = {"in_reach": names[:FIELDS_IN_REACH], "advanced": names[FIELDS_IN_REACH:]}
    given = {"config": spec.config, "run": spec.run, "summary": spec.summary, **shown, **others}
    return View(spec.name, figures=figures, **given)


class LessonTrainer(Protocol):
    """What trains in a run of a lesson, where a tab uses it after the run: a tagger, say."""

    def events(self) -> Iterator[Event]:
        """Train, and yield the events."""
        ...


@runtime_checkable
class TakesText(Protocol):
    """A View whose lesson also runs on a text of the visitor's own."""

    def lesson_on(self, config: Config, text: str | None) -> Lesson:
        """Return a run on that text, or without one as `View.lesson`. Raises InvalidInput."""


@dataclass(frozen=True)
class Lesson:
    """One run of a lesson, as `rnnlab.runs` takes it; without a `trainer` the view's own `run` is run."""

    view: View
    config: Config
    trainer: LessonTrainer | None = None

    def events(self) -> Generator[Event, None, None]:
        """Run, and yield the events."""
        yield from self.view.run(self.config) if self.trainer is None else self.trainer.events()

    @property
    def nbytes(self) -> int:
        """Return about how many bytes the trainer takes."""
        return self.trainer.nbytes if isinstance(self.trainer, HasMemoryEstimate) else 0

    def release(self) -> None:
        """Release what the trainer no longer needs."""
        if isinstance(self.trainer, Releasable):
            self.trainer.release()


def start_lesson(
    runner: Runner, saved: Any, lesson: Lesson, pool: str | None = None, owner: str = ""
) -> tuple[str, str]:
    """Start a run in place of the earlier run of the same lesson whose id the page has `saved`.

    Returns the panel's reference and the id to save. Raises InvalidInput when too many runs wait.
    """
    run = runner.start(Run(lesson, lesson.view.new_record(), pool=pool or lesson.view.pool, owner=owner))
    if (old := lesson_of(lesson.view, runner, saved)) is not None:
        runner.forget(old)  # with its rows and weights: a visitor keeps one run of a lesson
    return f"runs/{run.id}?{secrets.token_hex(4)}", run.id


def stop_lesson(runner: Runner, saved: Any, view: View) -> None:
    """Stop this visitor's run of the lesson, if there is one."""
    if (run := lesson_of(view, runner, saved)) is not None:
        runner.stop(run)


def lesson_of(view: View, runner: Runner, saved: Any) -> Run | None:
    """Return the run of this lesson whose id the page has `saved`, if the server keeps it."""
    run = runner.get(saved)
    lesson = None if run is None else run.experiment
    return run if isinstance(lesson, Lesson) and lesson.view.name == view.name else None


@dataclass(frozen=True)
class DefaultRuns:
    """The default run of each lesson, computed at the first request for it and then kept."""

    views: Sequence[View]
    _rows: dict[str, Future[tuple[Row, ...]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ending: threading.Event = field(default_factory=threading.Event)
    _pool: ThreadPoolExecutor = field(  # one thread, and a tuned one: a class that opens a tab waits for one run
        default_factory=lambda: ThreadPoolExecutor(1, "lesson", initializer=tune_thread)
    )

    def picture(self, name: str, language: Language) -> dict[str, Any]:
        """Return the picture of the default run of the lesson `name`. Raises InvalidInput for an unknown name."""
        views = {view.name: view for view in self.views}
        view = views[Choice(tuple(views)).check("lesson", name)]
        rows = self._recorded(view).result()
        return picture(view, view.config(), rows, language) | {"state": "recorded", "live": False, "cursor": len(rows)}

    def warm(self) -> None:
        """Begin to compute all of them, so that no visitor waits."""
        for view in self.views:
            self._recorded(view)

    def close(self) -> None:
        """Compute no more: Python waits for the thread before it ends."""
        self._ending.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _recorded(self, view: View) -> Future[tuple[Row, ...]]:
        with self._lock:
            if view.name not in self._rows:
                self._rows[view.name] = self._pool.submit(default_rows, view, self._ending)
            return self._rows[view.name]


def default_rows(view: View, ending: threading.Event | None = None) -> tuple[Row, ...]:
    """Compute the history of the lesson's default run, as far as it has come when `ending` is set."""
    rows: list[Row] = []
    record = view.new_record()
    for event in view.first_events(view.config()):
        if ending is not None and ending.is_set():
            break
        if (item := record(event)) is not None:
            rows.append(plain_row(item))
    return tuple(rows)


def picture(view: View, config: Config, rows: Sequence[Row], language: Language) -> dict[str, Any]:
    """Return what a panel needs to draw a run of the lesson from nothing."""
    own = {**section(view.name, language), **view.texts(config, language)}
    labels = {key.removeprefix("figure."): text for key, text in own.items() if key.startswith("figure.")}
    figures = view.figures_of(config, labels, rows)
    shown = {name: view.elem_id(name) for name in view.fields or view.settings}
    return {
        "words": section("lesson", language) | own | {"title": title_of_lesson(config, language)},
        "figures": {name: json.loads(figure.to_json(remove_uids=False)) for name, figure in figures.items()},
        "dark_colors": dict(DARK_COLORS),
        "config": config.to_strings(),
        "settings": settings_shown(view.form_of(config), shown),
        "rows": rows,
    }


def picture_of_run(run: Run, snapshot: Snapshot, language: Language) -> dict[str, Any]:
    """Return what a panel needs to draw `run` from nothing; `snapshot` holds all of its rows."""
    lesson = run.experiment
    assert isinstance(lesson, Lesson)
    whole = picture(lesson.view, lesson.config, snapshot.rows, language)
    return {**news(run, snapshot, language), **whole, "live": not snapshot.over}


def news(run: Run, snapshot: Snapshot, language: Language) -> dict[str, Any]:
    """Return the rows since the panel's last request, and the state of the run."""
    error = run.error if isinstance(run.error, InvalidInput) else InvalidInput("run_failed", "run")
    return {
        "rows": snapshot.rows,
        "cursor": snapshot.cursor,
        "state": snapshot.state,
        "position": snapshot.position,
        "why": run.why,
        "problem": message_of(error, language) if snapshot.state == FAILED else None,
    }
