"""Coming back: after a reload, which a change of language is, every tab finds the run that this browser left there.

The browser keeps the run's id, the server the run. All tabs look for theirs in one event: the session is replaced as a
whole, so two events at once would undo each other's work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MethodType
from typing import Any

import gradio as gr
from gradio.events import Dependency

from rnnlab.runs import Runner
from rnnlab.ui.lessons import Lesson, View
from rnnlab.ui.session import NOBODY, Session

# Gradio encrypts what a browser keeps with a secret of its own, anew at each start: then a restart would lose it all.
SECRET = "the browser's own business"

# From what the browser has kept to what the panel shall show, and the session that knows the run.
Find = Callable[[Runner, Session, Any], tuple[Any, Session]]


@dataclass(frozen=True)
class Returning:
    """What a tab that can come back consists of."""

    saved: gr.BrowserState  # the id of its run
    panel: gr.HTML
    find: Find


def returning_lesson(view: View, panel: gr.HTML, started: Dependency, session: gr.State) -> Returning:
    """A lesson's tab; the browser learns of each run that the event `started` has started."""
    saved = kept_by_the_browser(view.name)
    quiet = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    started.success(MethodType(id_of, view.name), session, saved, **quiet)
    return Returning(saved, panel, partial(find_lesson, view.name))


def kept_by_the_browser(name: str) -> gr.BrowserState:
    """Rendered by `come_back`: among the tabs Gradio would take it for one more, and show the next tab twice."""
    return gr.BrowserState(None, storage_key=f"rnnlab_{name}", secret=SECRET, render=False)


def id_of(name: str, session: Session | None) -> str | None:
    """The id of this visitor's run of a lesson."""
    return (session or NOBODY).lessons.get(name)


def find_lesson(name: str, runner: Runner, session: Session, run_id: Any) -> tuple[Any, Session]:
    """The lesson's run, if it is still kept; else the panel stays as it is."""
    run = runner.get(run_id) if isinstance(run_id, str) else None
    if run is None or not isinstance(run.experiment, Lesson) or run.experiment.view.name != name:
        return gr.skip(), session
    return f"runs/{run_id}", replace(session, lessons={**session.lessons, name: run_id})


@dataclass(frozen=True)
class Return:
    """The one event of a page that loads."""

    runner: Runner
    tabs: Sequence[Returning]

    def on_load(self, session: Session | None, *saved: Any) -> list[Any]:
        """The session that knows the runs, and what each panel shall show."""
        session, shown = session or NOBODY, []
        for tab, run_id in zip(self.tabs, saved, strict=True):
            reference, session = tab.find(self.runner, session, run_id)
            shown.append(reference)
        return [session, *shown]


def come_back(app: gr.Blocks, runner: Runner, session: gr.State, tabs: Sequence[Returning]) -> None:
    """Let the tabs of `app` find their runs whenever a page loads, or meets a server that was started anew.

    Such a server knows no session; static/panel.js notices and presses the button that nobody sees.
    """
    for tab in tabs:
        tab.saved.render()
    again = gr.Button(visible="hidden", elem_id="come-back")
    gr.on(
        [app.load, again.click],
        Return(runner, tabs).on_load,
        [session, *(tab.saved for tab in tabs)],
        [session, *(tab.panel for tab in tabs)],
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )
