"""Handlers of the Race tab beside those that all lessons share: pause a race, and go on with it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnnlab.runs import Run, Runner
from rnnlab.ui.i18n.errors import refusals_shown, refuse
from rnnlab.ui.tabs.lesson import lesson_of
from rnnlab.ui.tabs.race.payload import VIEW


def on_pause(runner: Runner, saved: Any, request: gr.Request) -> None:
    """Pause this visitor's race: all lanes stop after the present minibatch."""
    runner.pause(_race(runner, saved, request))


def on_resume(runner: Runner, saved: Any, request: gr.Request) -> None:
    """Go on with this visitor's race; it waits if another run has its place by now."""
    run = _race(runner, saved, request)
    with refusals_shown(request):
        runner.resume(run)


def _race(runner: Runner, saved: Any, request: gr.Request) -> Run:
    """Return this visitor's race; without one, raise a message."""
    if (run := lesson_of(VIEW, runner, saved)) is None:
        raise refuse("race.nothing_to_steer", request)
    return run
