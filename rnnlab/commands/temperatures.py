"""`rnnlab temperatures`: the same beginning at several temperatures, by the same random numbers."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rnnlab.commands.console import AsJson, print_json, printable_lines
from rnnlab.commands.generate import tell_fitted
from rnnlab.commands.language import say
from rnnlab.commands.writers import writer_called
from rnnlab.experiments.language_model import TemperatureColumn, temperature_columns
from rnnlab.flags import given, with_flags
from rnnlab.generation import TEMPERATURES, Generation, check_temperatures, fit_prefix
from rnnlab.text.copied_runs import copied_parts

LISTED = ",".join(f"{temperature:g}" for temperature in TEMPERATURES)


@with_flags(Generation, but=frozenset({"temperature"}))
def temperatures_command(
    checkpoint: Annotated[
        str, typer.Argument(help="A file from `train --save`, a shipped model, or uniform, 2-gram, 5-gram.")
    ],
    temperatures: Annotated[str, typer.Option(help="At most five, with commas between.", metavar="LIST")] = LISTED,
    corpus: Annotated[
        str | None, typer.Option(help="The text that it learned; not needed for a shipped one.", metavar="PATH")
    ] = None,
    as_json: AsJson = False,
    **flags: str | None,
) -> None:
    """Write the same beginning on at several temperatures, by the same random numbers."""
    how, checked = Generation.from_strings(given(flags)), check_temperatures(temperatures)
    writer = writer_called(checkpoint, corpus)
    fitted = fit_prefix(how.prefix, writer.vocab)
    tell_fitted(fitted)
    columns = temperature_columns(writer, how, checked)
    if as_json:
        print_json({"prefix": fitted.text, "columns": [column.to_dict() for column in columns]})
        return
    for number, column in enumerate(columns):
        _print(column, fitted.text, number)


def _print(column: TemperatureColumn, prefix: str, number: int) -> None:
    """Print one column: what is copied in ⟦ ⟧, ▸ where it departs from the one before, and its three figures."""
    song = prefix + column.text
    departs = None if column.departs is None else len(prefix) + column.departs
    starts, ends = (set(places) for places in zip(*copied_parts(column.runs), strict=True)) if column.runs else ((), ())
    marked: list[str] = []
    for place in range(len(song) + 1):
        marked.append(
            ("⟧" if place in ends else "") + ("▸" if place == departs else "") + ("⟦" if place in starts else "")
        )
        marked.append(song[place : place + 1])
    facts: dict[str, Any] = {"temperature": column.temperature, "entropy": column.entropy, "distinct": column.distinct}
    share = "–" if column.copied_share is None else f"{column.copied_share:.0%}"
    print(("\n" if number else "") + say("temperature_column", share=share, **facts))
    print(printable_lines("".join(marked)))
