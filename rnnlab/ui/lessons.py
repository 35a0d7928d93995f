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
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from rnnlab.devices import tune_thread
from rnnlab.experiments.event import Event, row
from rnnlab.figures.theme import DARK_COLORS
from rnnlab.runs import ENDED, FAILED, LESSON, Recorder, Row, Run, Runner, Snapshot, plain_row
from rnnlab.ui.language import Language
from rnnlab.ui.session import NOBODY, Session
from rnnlab.ui.words import message_of, section
from rnnlab.validation import Choice, Config, InvalidInput


@dataclass(frozen=True)
class View:
    """What the page knows of a lesson: its settings, how it runs, its empty figures, and an event's row in the log."""

    name: str
    config: type[Config]
    run: Callable[[Any], Iterator[Event]]
    figures: Callable[[Any, Mapping[str, str]], dict[str, Any]]  # its plotly figures, by name
    record: Recorder = row


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


def start_lesson(runner: Runner, session: Session | None, lesson: Lesson, pool: str = LESSON) -> tuple[str, Session]:
    """Start it in the background, in place of this visitor's earlier run of the same lesson.

    Returns the panel's reference, and the session that knows the run. Raises InvalidInput when too many wait.
    """
    session, name = session or NOBODY, lesson.view.name
    run = runner.start(Run(lesson, lesson.view.record, pool=pool))
    stop_lesson(runner, session, lesson.view)
    return f"runs/{run.id}?{secrets.token_hex(4)}", replace(session, lessons={**session.lessons, name: run.id})


def stop_lesson(runner: Runner, session: Session | None, view: View) -> None:
    """Stop this visitor's run of the lesson, if there is one."""
    if (run := run_of(runner, session, view)) is not None:
        run.stop()


def run_of(runner: Runner, session: Session | None, view: View) -> Run | None:
    return runner.get((session or NOBODY).lessons.get(view.name))


@dataclass(frozen=True)
class Recordings:
    """The default run of each lesson, computed when it is first asked for and then kept."""

    views: Sequence[View]
    _rows: dict[str, tuple[Row, ...]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def picture(self, name: str, language: Language) -> dict[str, Any]:
        """Raises InvalidInput for a lesson that there is not."""
        views = {view.name: view for view in self.views}
        view = views[Choice(tuple(views)).check("lesson", name)]
        with self._lock:  # a whole class opens the tab at once: one of them computes
            if name not in self._rows:
                tune_thread(1)
                rows = map(view.record, view.run(view.config()))
                self._rows[name] = tuple(plain_row(item) for item in rows if item is not None)
        rows = self._rows[name]
        return picture(view, view.config(), rows, language) | {"state": "recorded", "live": False, "cursor": len(rows)}


def picture(view: View, config: Config, rows: Sequence[Row], language: Language) -> dict[str, Any]:
    """What a panel needs to draw a lesson from nothing."""
    own = section(view.name, language)
    labels = {key.removeprefix("figure."): text for key, text in own.items() if key.startswith("figure.")}
    figures = view.figures(config, labels)
    return {
        "words": own,
        "figures": {name: json.loads(figure.to_json()) for name, figure in figures.items()},
        "dark_colors": DARK_COLORS,
        "config": config.to_strings(),
        "rows": rows,
    }


def picture_of_run(run: Run, snapshot: Snapshot, language: Language) -> dict[str, Any]:
    """`snapshot` holds all of the run's rows."""
    lesson = run.experiment
    whole = picture(lesson.view, lesson.config, snapshot.rows, language)
    return {**news(run, snapshot, language), **whole, "live": snapshot.state not in ENDED}


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
