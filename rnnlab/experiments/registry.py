"""The lessons: experiments that have a tab, an API endpoint and a command of their own.

To add one, add a line to LESSONS and a package `rnnlab/ui/tabs/<name>` with a `VIEW` (see `rnnlab.ui.tabs.lesson`).
The command `rnnlab <name>` and the endpoint `/<name>` follow from the line, unless `rnnlab.__main__` or `rnnlab.ui.api`
has one of its own for that lesson.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rnnlab.experiments import adding, hello, race, sine, tagging
from rnnlab.experiments.event import Event
from rnnlab.validation import Config


@dataclass(frozen=True)
class LessonSpec:
    """The part of a lesson that needs no page: its name, its settings and its experiment."""

    name: str  # of the command and of the package in rnnlab/ui/tabs
    config: type[Config]
    run: Callable[[Any], Iterator[Event]]
    summary: str  # one sentence, for `rnnlab <name> --help` and the endpoint's documentation


LESSONS = [  # in the order of the page: one cell, a wave, forgetting, context, and the cells against each other
    LessonSpec("hello", hello.Config, hello.run, "Teach a cell to answer hello with ohlol, character by character."),
    LessonSpec("sine", sine.Config, sine.run, "Let a network hear sin t and say cos t: what is a memory worth?"),
    LessonSpec("adding", adding.Config, adding.run, "Let networks add two numbers that stand far apart in a row."),
    LessonSpec("tag", tagging.Config, tagging.run, "Train a tagger, and see what context and spelling are worth."),
    LessonSpec("race", race.Config, race.run, "Let two to four trainings run side by side."),
]


def lesson_called(name: str) -> LessonSpec:
    """Return the registered lesson of that name. Raises KeyError if there is none."""
    return {lesson.name: lesson for lesson in LESSONS}[name]
