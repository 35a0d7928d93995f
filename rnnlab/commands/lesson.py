"""`rnnlab <name>`: the command of a lesson that has none of its own."""

from __future__ import annotations

from collections.abc import Callable

from rnnlab.commands.console import AsJson, print_row, printable
from rnnlab.commands.language import say_if_known
from rnnlab.devices import tune_thread
from rnnlab.experiments.event import row
from rnnlab.experiments.registry import LessonSpec
from rnnlab.flags import given, with_flags


def lesson_command(lesson: LessonSpec) -> Callable[..., None]:
    """Return a command that runs `lesson` with a flag per setting and prints a line per event."""

    def command(as_json: AsJson = False, **flags: str | None) -> None:
        config = lesson.config.from_strings(given(flags))
        tune_thread(1)
        for event in lesson.run(config):
            if as_json:
                print_row(event)
                continue
            facts = {name: value for name, value in row(event).items() if isinstance(value, str | int | float)}
            line = "  ".join(f"{say_if_known(f'fact.{name}', name)} {_short(value)}" for name, value in facts.items())
            print(printable(line), flush=True)

    command.__doc__ = lesson.summary
    return with_flags(lesson.config)(command)


def _short(value: str | float) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
