"""`rnnlab reproduce`: train what the tutorials published, and compare."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from rnnlab.commands.console import AsJson, notes
from rnnlab.devices import describe_machine
from rnnlab.reproduce import ROWS, Result, Row, reproduce, tasks_of
from rnnlab.resources import SHIPPED_CORPORA, shipped_corpus
from rnnlab.text import read_corpus
from rnnlab.validation import Choice


def reproduce_command(
    only: Annotated[str | None, typer.Option(help="One row; without it, all.", metavar="NAME")] = None,
    corpus: Annotated[
        str | None, typer.Option(help="The tutorials' lyrics, .txt or .zip; else the shipped songs.", metavar="PATH")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="One seed, the first two published epochs of each row.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Trainings at once; else one for each core.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train every published experiment over several seeds and say whether the figures agree."""
    names = tuple(row.name for row in ROWS)
    if only is not None:
        Choice(names).check("only", only)
    rows = [row for row in ROWS if row.name == only or (only is None and (row.published or not quick))]
    text = None if corpus is None else shipped_corpus(corpus) if corpus in SHIPPED_CORPORA else read_corpus(corpus)
    results = []
    for result in _with_progress(rows, text, quick, workers, shown=not as_json):
        results.append(result)
        if as_json:
            print(json.dumps({**result.to_dict(), "machine": describe_machine()}, ensure_ascii=False), flush=True)
    if not as_json:
        print_table(sorted(results, key=lambda result: names.index(result.row)))


def _with_progress(
    rows: list[Row], text: str | None, quick: bool, workers: int | None, shown: bool
) -> Iterator[Result]:
    """The results as they come, with a bar over all epochs of all trainings when standard error is a terminal."""
    console = notes()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not (shown and console.is_terminal), transient=True) as bar:
        task = bar.add_task("reproduce", total=sum(task.epochs[-1] for task in tasks_of(rows, text, quick)))
        for result in reproduce(rows, text, quick, lambda epochs: bar.advance(task, epochs), workers):
            bar.update(task, description=f"{result.row}: {result.verdict}")
            yield result


def print_table(results: list[Result]) -> None:
    """The table as README shows it."""
    table = Table("row", "epoch", "published", "ours: median (spread)", "verdict", "time", box=box.MARKDOWN)
    for result in results:
        for number, (epoch, (middle, low, high)) in enumerate(result.ours.items()):
            first = number == 0
            published = result.published.get(epoch)
            spread = f"{middle:.4g} ({low:.4g} – {high:.4g})" if result.seeds > 1 else f"{middle:.4g}"
            table.add_row(
                f"{result.row}, {result.what}" if first else "",
                str(epoch),
                "" if published is None else f"{published:.4g}",
                spread,
                result.verdict + (", on the shipped songs" if result.shipped else "") if first else "",
                f"{result.seconds:.0f} s" if first else "",
            )
    Console(width=140).print(table)
    print(f"{describe_machine()}; spread over the seeds; processor time of one training.")
