"""Handlers of the Race tab: start a race on a shipped text or the visitor's own, pause it, and go on with it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnnlab.experiments.race import Config
from rnnlab.runs import Run, Runner
from rnnlab.text import Source
from rnnlab.ui.components.settings_form import given_values, shown_values
from rnnlab.ui.i18n import spans
from rnnlab.ui.i18n.errors import refusals_shown, refuse
from rnnlab.ui.session.client_id import client_id_of
from rnnlab.ui.session.uploads import Upload
from rnnlab.ui.tabs.lesson import lesson_of, start_lesson
from rnnlab.ui.tabs.own_text import OWN, chosen_text, tell_part
from rnnlab.ui.tabs.race.payload import VIEW

SENT = 400  # characters of a pasted text that the browser sends for its description


def on_race(
    runner: Runner, saved: Any, uploaded: Upload[str] | None, pasted: str, request: gr.Request, *values: Any
) -> tuple[str, str]:
    """Start a race, which the panel follows; an earlier one of this visitor is stopped."""
    with refusals_shown(request):
        given = given_values(Config, VIEW.settings, values)
        given["corpus"], text = chosen_text(given["corpus"], uploaded, pasted)
        config = Config(**given)
        owner = client_id_of(request)
        lesson = runner.make(owner, lambda: VIEW.lesson_on(config, text))
        started = start_lesson(runner, saved, lesson, owner=owner)
    tell_part(config, text, request)
    return started


def on_corpus(corpus: str) -> dict[str, Any]:
    """Show the place of the visitor's own text if that is chosen."""
    return gr.update(visible=corpus == OWN)


def on_another_corpus(corpus: str | None, request: gr.Request) -> Any:
    """Show how many characters of that text a race takes: all of the visitor's own. None: as before."""
    if corpus is None:
        return gr.skip()
    with refusals_shown(request):
        (shown,) = shown_values(Config(corpus=corpus), ("max_tokens",))
    return shown


def on_own_text(characters: Any, beginning: Any, about: Any) -> str:
    """Describe the visitor's own text, as HTML: what is pasted in Train, else what is uploaded.

    The browser sends of a pasted text only its length, as digits, and its `beginning`.
    """
    if isinstance(characters, str) and characters.isascii() and characters.isdigit() and int(characters[:9]):
        shown = Source(str(beginning)[:SENT], ()).beginning
        return spans("race.own_pasted", characters=f"{int(characters[:9]):,}", beginning=shown)
    return about if isinstance(about, str) and about else spans("race.own_none")


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
