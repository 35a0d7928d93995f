"""`rnnlab bench`: measure speed and memory against reference implementations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from rnnlab.commands.console import AsJson, print_json
from rnnlab.commands.language import refusal, say, say_if_known
from rnnlab.devices import describe_machine
from rnnlab.validation import Choice, InvalidInput


def bench_command(
    only: Annotated[
        list[str] | None,
        typer.Option(help="This measurement; may be given several times. Without it, all.", metavar="NAME"),
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Pairs of runs; medians are reported.")] = 5,
    figure: Annotated[
        Path | None, typer.Option(help="With --only growth: draw it into this .png file.", metavar="FILE")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure side by side: speed, memory, start, and the cost of the live curve in a browser."""
    from rnnlab.bench import MEASUREMENTS  # here, because only this command needs the driver of a browser

    if figure is not None and (only != ["growth"] or figure.suffix.lower() != ".png"):
        raise InvalidInput("bench_figure", "figure")
    names = [Choice(tuple(MEASUREMENTS)).check("only", name) for name in dict.fromkeys(only or MEASUREMENTS)]
    failure: InvalidInput | RuntimeError | None = None
    for name in names:
        about = {"measurement": name, "date": date.today().isoformat(), "machine": describe_machine()}
        try:
            result = about | MEASUREMENTS[name](repeats)
        except (InvalidInput, RuntimeError) as error:
            failure = failure or error
            said = refusal(error) if isinstance(error, InvalidInput) and not as_json else str(error)
            result = about | {"skipped": said}  # and go on with the others
        if as_json:
            print_json(result)
        else:
            print("\n".join(say("fact_line", name=name, value=value) for name, value in _translated(result).items()))
        if figure is not None and failure is None:
            _draw(result, figure)
    if only and failure is not None:  # a measurement that was requested by name must not be skipped
        raise failure


def _translated(result: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return a result with its names, and the texts that are known, in the language of the command line."""
    return {say_if_known(f"fact.{name}", name): _told(value) for name, value in result.items()}


def _told(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _translated(value)
    if isinstance(value, list):
        return [_told(item) for item in value]
    return say_if_known(f"word.{value}", value) if isinstance(value, str) else value


def _draw(growth: dict[str, Any], path: Path) -> None:
    """Draw the growth of costs into a PNG file."""
    from rnnlab.bench.browser import save_picture
    from rnnlab.figures import growth_figure

    save_picture(growth_figure(growth["sweeps"], growth["model"]), path)
