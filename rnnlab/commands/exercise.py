"""`rnnlab exercise`: list the exercises, begin one, and compare a student's function with ours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rnnlab.commands.console import AsJson, notes, print_json, printable, printable_lines
from rnnlab.commands.language import language
from rnnlab.exercises import EXERCISES, Exercise, Grade, grade_file
from rnnlab.exercises.skeleton import skeleton
from rnnlab.limits import MAX_EXERCISE_SECONDS
from rnnlab.ui.i18n import words
from rnnlab.validation import Choice, InvalidInput


def exercise_command(
    name: Annotated[
        str | None, typer.Argument(help="The exercise, as its function; without it all are listed.")
    ] = None,
    path: Annotated[Path | None, typer.Argument(help="The Python file with the function.")] = None,
    start: Annotated[bool, typer.Option("--start", help="Write the file to be completed to this path.")] = False,
    as_json: AsJson = False,
) -> None:
    """Exercises: write a function and compare it with ours; the first difference is named. Without a name: the list."""
    if name is None:
        _list(as_json)
        return
    Choice(tuple(EXERCISES)).check("name", name)
    exercise = EXERCISES[name]
    if path is None:
        raise InvalidInput("no_exercise_file", "path", name=name)
    if start:
        _start(exercise, path, as_json)
        return
    grade = grade_file(exercise, path)
    if as_json:
        said = _text(f"mistake.{grade.mistake}") if grade.mistake else ""
        print_json({**grade.to_dict(), "said": said})
    else:
        if grade.printed:
            notes().print(_text("exercise.printed"), markup=False)
            notes().print(printable_lines(grade.printed), markup=False, soft_wrap=True)
        print(printable_lines("\n".join(_lines(exercise, grade, path))))
    if not grade.passed:
        raise typer.Exit(1)


def _text(key: str, **facts: object) -> str:
    return words(language())[key].format(**facts)


def _list(as_json: bool) -> None:
    """Print a line for each exercise: its name and its title, in JSON with its signature and its task."""
    if not as_json:
        print(_text("exercise.list_title"))
    width = max(map(len, EXERCISES))
    for name, exercise in EXERCISES.items():
        title = _text(f"exercise_title.{name}")
        if as_json:
            task = _text(f"exercise_task.{name}")
            print_json({"exercise": name, "title": title, "signature": exercise.signature, "task": task})
        else:
            print(f"  {name:{width}}  {title}")


def _start(exercise: Exercise, path: Path, as_json: bool) -> None:
    """Write the file that a student begins with. Raises FileExistsError for one that is there."""
    name = exercise.name
    title, task = _text(f"exercise_title.{name}"), _text(f"exercise_task.{name}")
    text = skeleton(exercise, title, task, _text("exercise.returns"), _text("exercise.shape_letters"))
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    if as_json:
        print_json({"exercise": name, "path": str(path)})
    else:
        print(_text("exercise.started", name=name, path=path))


def _lines(exercise: Exercise, grade: Grade, path: Path) -> list[str]:
    """Say what came of a file, in the language of the command line."""
    facts = {
        "name": exercise.name,
        "path": path.name,
        "error": grade.error,
        "message": printable(grade.message),
        "line": grade.line,
        "cases": grade.cases,
        "seconds": MAX_EXERCISE_SECONDS,
        "signature": exercise.signature,
    }
    if grade.verdict == "raised":
        case = _text("exercise.in_case", case=grade.case) if grade.case else ""
        return [_text("exercise.raised" if grade.line else "exercise.raised_elsewhere", **facts, case=case)]
    said = [_text(f"exercise.{grade.verdict}", **facts, case=grade.case)]
    if (found := grade.difference) is None:
        return said
    place = f"[{found.place}]" if found.place else ""
    said.append(
        _text(
            f"exercise.difference_{found.kind}",
            output=found.output,
            place=place,
            got=found.got,
            expected=found.expected,
        )
    )
    if grade.mistake:
        said.append(_text("exercise.likely", mistake=_text(f"mistake.{grade.mistake}")))
    elif found.kind == "value":
        said.append(_text("exercise.unknown_mistake", task=_text(f"exercise_task.{exercise.name}")))
    return said
