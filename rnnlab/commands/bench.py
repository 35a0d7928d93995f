"""`rnnlab bench`: measure side by side."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from rnnlab.commands.console import AsJson
from rnnlab.devices import describe_machine
from rnnlab.validation import Choice


def bench_command(
    only: Annotated[str | None, typer.Option(help="One measurement; without it, all.", metavar="NAME")] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Pairs of runs; medians are reported.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Measure side by side: what a browser that watches costs a training run."""
    from rnnlab.bench import MEASUREMENTS  # a browser's driver, which only this command needs

    names = [Choice(tuple(MEASUREMENTS)).check("only", only)] if only else list(MEASUREMENTS)
    for name in names:
        result = {"measurement": name, "machine": describe_machine(), **MEASUREMENTS[name](repeats)}
        print(json.dumps(result) if as_json else "\n".join(f"{key}: {value}" for key, value in result.items()))
