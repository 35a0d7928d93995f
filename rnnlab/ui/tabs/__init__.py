"""The tabs, one folder each.

In a folder: `layout.py` (components and events), `handlers.py` (a function per event), `payload.py` (the plain data
that the panel draws) and `panel.html`, `.css` and `.js`, which draw it. The package has `build_tab()`, called inside
`gr.Tabs`. A lesson's package has a `VIEW`, from which its tab is derived if it has no `build_tab` of its own; the
lessons are those of `rnnlab.experiments.registry`.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from types import ModuleType

import gradio as gr

from rnnlab.experiments.registry import LESSONS
from rnnlab.runs import Runner
from rnnlab.runs.stored_lessons import Restore
from rnnlab.ui.session.restore import RestoredRun
from rnnlab.ui.session.state import Visitor
from rnnlab.ui.tabs import generate, inside, layers, train
from rnnlab.ui.tabs.lesson import View
from rnnlab.ui.tabs.lesson_tab import build_lesson_tab

TabBuilder = Callable[[gr.Blocks, Runner, Visitor], RestoredRun | None]


def tab_builders() -> list[TabBuilder]:
    """Return the functions that build the tabs, in the order of the page.

    First what it is about: a network learns, and writes. Then, in the order of a lecture, how a text becomes batches
    and what a layer holds, the lessons, and at last the opened network.
    """
    lessons = [_lesson_builder(lesson.name) for lesson in LESSONS]
    return [train.build_tab, generate.build_tab, layers.build_tab, *lessons, inside.build_tab]


def views() -> tuple[View, ...]:
    """Return the views of all lessons, in the order of the page."""
    return tuple(_package(lesson.name).VIEW for lesson in LESSONS)


def stored_lessons() -> dict[str, Restore]:
    """Return what restores the lessons that survive the server: those whose package has a `restore`."""
    packages = {lesson.name: _package(lesson.name) for lesson in LESSONS}
    return {name: partial(each.restore, each.VIEW) for name, each in packages.items() if hasattr(each, "restore")}


def _lesson_builder(name: str) -> TabBuilder:
    package = _package(name)
    return getattr(package, "build_tab", None) or partial(build_lesson_tab, package.VIEW)


def _package(name: str) -> ModuleType:
    return import_module(f"{__name__}.{name}")
