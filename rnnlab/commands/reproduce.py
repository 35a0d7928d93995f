"""`rnnlab reproduce`: train what the tutorials published, and compare."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from rnnlab.commands.console import AsJson, notes, print_json, say_source, source_of
from rnnlab.devices import describe_machine
from rnnlab.experiments.language_model.baselines import ORDERS
from rnnlab.reproduce import ANOTHER_TEXT, ROWS, Result, Row, count, reproduce, tasks_of
from rnnlab.validation import Choice

BASELINES = "baselines"  # what needs no network, by the name that --only knows
NAMES = tuple(row.name for row in ROWS)
WITHOUT = {"uniform": "uniform", "unigram": "unigram", **{f"ngram{n}": f"{n}-gram" for n in ORDERS}}


def reproduce_command(
    only: Annotated[
        list[str] | None,
        typer.Option(help=f"This row, or {BASELINES}; may be given several times. Without it, all.", metavar="NAME"),
    ] = None,
    corpus: Annotated[
        str | None,
        typer.Option(help="The tutorials' lyrics: .txt, .zip or a folder; else the shipped songs.", metavar="PATH"),
    ] = None,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="One seed of each language model, the first two published epochs."),
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Trainings at once; else one for each core.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train every published experiment over several seeds and say whether the figures agree."""
    for name in only or ():
        Choice((*NAMES, BASELINES)).check("only", name)
    rows = [row for row in ROWS if (row.name in only if only else row.published or not quick)]
    text = None
    if corpus is not None:
        source = source_of(corpus)
        say_source(corpus, source, only_if_recognised=True)
        text = source.text
    counted = count(text) if not only or BASELINES in only else None
    if as_json and counted:
        _print_json(counted)
    results: list[Result] = []
    try:
        for result in _with_progress(rows, text, quick, workers, shown=not as_json):
            results.append(result)
            if as_json:
                _print_json(result.to_dict())
    finally:  # interrupted or not: what is finished has taken its time
        missing = [row.name for row in rows if row.name not in {result.row for result in results}]
        if as_json:
            _print_json({"complete": not missing, "missing": missing})
        else:
            print_tables(results, missing, counted)


def _print_json(line: Mapping[str, Any]) -> None:
    print_json({**line, "machine": describe_machine()})


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


def print_tables(results: Sequence[Result], missing: Sequence[str], counted: Mapping[str, Any] | None) -> None:
    """Print the finished rows as Markdown, in the order of ROWS, then the baselines; see rnnlab/reproduce/README.md."""
    if results:
        _print_table(table_of(sorted(results, key=lambda result: NAMES.index(result.row))))
        print(f"{describe_machine()}; spread over the seeds; processor time of one training.")
        if any(result.verdict == ANOTHER_TEXT for result in results):
            print(f"{ANOTHER_TEXT}: the published figures are of the tutorials' lyrics, so they judge nothing here.")
        if missing:
            print(f"Incomplete: {', '.join(missing)} had not ended.")
    if counted:
        _print_table(table_of_baselines(counted))
        print(
            f"Interpolated Kneser-Ney; {counted['training_tokens']:,} characters counted, "
            f"{counted['held_out_tokens']:,} held out{', of the shipped songs' if counted['shipped'] else ''}."
        )


def _print_table(table: Table) -> None:
    Console(width=240).print(table)  # a line that wrapped would be no row of Markdown any more


def table_of(results: Sequence[Result]) -> Table:
    """A line for each epoch; what holds for the whole row stands in its first."""
    table = Table("row", "epoch", "published", "ours: median (spread)", "seeds", "verdict", "time", box=box.MARKDOWN)
    for result in results:
        name, verdict = f"{result.row}, {result.what}", result.verdict
        verdict += " (the shipped songs)" if result.shipped else ""
        time = f"{result.seconds:.0f} s" if result.seconds >= 1 else "under 1 s"
        for epoch, (middle, low, high) in result.ours.items():
            published = result.published.get(epoch)
            spread = f" ({_number(low)} – {_number(high)})" if result.seeds > 1 else ""
            theirs = "" if published is None else _number(published)
            table.add_row(name, str(epoch), theirs, _number(middle) + spread, str(result.seeds), verdict, time)
            name = verdict = time = ""
    return table


def table_of_baselines(counted: Mapping[str, Any]) -> Table:
    table = Table("without a network, perplexity", "training", "held out", box=box.MARKDOWN)
    for name, values in counted["baselines"].items():
        table.add_row(WITHOUT[name], _number(values["training"]), _number(values["held_out"]))
    return table


def _number(value: float | None) -> str:
    return "" if value is None else "∞" if math.isinf(value) else f"{value:.4g}"
