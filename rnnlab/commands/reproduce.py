"""`rnnlab reproduce`: train the tutorials' experiments and compare with their published results."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from rnnlab.commands.console import AsJson, notes, print_json, print_source, source_of
from rnnlab.commands.language import say, say_if_known
from rnnlab.devices import describe_machine
from rnnlab.experiments.language_model.baselines import ORDERS
from rnnlab.reproduce import ANOTHER_TEXT, TABLE_ROWS, Result, TableRow, measure_baselines, reproduce, tasks_of
from rnnlab.validation import Choice

BASELINES = "baselines"  # the value of --only for the baselines without a network
NAMES = tuple(row.name for row in TABLE_ROWS)
BASELINE_LABELS = {"uniform": "uniform", "unigram": "unigram", **{f"ngram{n}": f"{n}-gram" for n in ORDERS}}


Only = Annotated[
    list[str] | None,
    typer.Option(help=f"This row, or {BASELINES}; may be given several times. Without it, all.", metavar="NAME"),
]
Corpus = Annotated[
    str | None,
    typer.Option(help="The tutorials' lyrics: .txt, .zip or a folder; else the shipped songs.", metavar="PATH"),
]
Quick = Annotated[bool, typer.Option("--quick", help="One seed per language model, the first two published epochs.")]
Workers = Annotated[int | None, typer.Option(min=1, max=256, help="Trainings at once; else one for each core.")]


def reproduce_command(
    only: Only = None, corpus: Corpus = None, quick: Quick = False, workers: Workers = None, as_json: AsJson = False
) -> None:
    """Train every published experiment over several seeds and compare the results."""
    for name in only or ():
        Choice((*NAMES, BASELINES)).check("only", name)
    rows = [row for row in TABLE_ROWS if (row.name in only if only else row.published or not quick)]
    text = None
    if corpus is not None:
        source = source_of(corpus)
        print_source(corpus, source, only_if_recognised=True)
        text = source.text
    baselines = measure_baselines(text) if not only or BASELINES in only else None
    if as_json and baselines:
        _print_json(baselines)
    results: list[Result] = []
    try:
        for result in _with_progress(rows, text, quick, workers, shown=not as_json):
            results.append(result)
            if as_json:
                _print_json(result.to_dict())
    finally:  # also after an interruption, so that finished results are not lost
        missing = [row.name for row in rows if row.name not in {result.row for result in results}]
        if as_json:
            _print_json({"complete": not missing, "missing": missing})
        else:
            print_tables(results, missing, baselines)


def _print_json(line: Mapping[str, Any]) -> None:
    """Print a line of JSON with a description of the machine."""
    print_json({**line, "machine": describe_machine()})


def _with_progress(
    rows: list[TableRow], text: str | None, quick: bool, workers: int | None, shown: bool
) -> Iterator[Result]:
    """Yield results as they are finished, with a progress bar if standard error is a terminal."""
    console = notes()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not (shown and console.is_terminal), transient=True) as bar:
        task = bar.add_task("reproduce", total=sum(task.epochs[-1] for task in tasks_of(rows, text, quick)))
        for result in reproduce(rows, text, quick, lambda epochs: bar.advance(task, epochs), workers):
            bar.update(task, description=f"{result.row}: {_word(result.verdict)}")
            yield result


def print_tables(results: Sequence[Result], missing: Sequence[str], baselines: Mapping[str, Any] | None) -> None:
    """Print finished results as a Markdown table in the order of TABLE_ROWS, and the baselines."""
    if results:
        _print_table(table_of(sorted(results, key=lambda result: NAMES.index(result.row))))
        print(say("reproduced_on", machine=describe_machine()))
        if any(result.verdict == ANOTHER_TEXT for result in results):
            print(say("another_text", verdict=_word(ANOTHER_TEXT)))
        if missing:
            print(say("incomplete", rows=", ".join(missing)))
    if baselines:
        _print_table(table_of_baselines(baselines))
        counted, held_out = baselines["training_tokens"], baselines["held_out_tokens"]
        text = say("of_shipped_songs") if baselines["shipped"] else ""
        print(say("baselines_counted", counted=counted, held_out=held_out, text=text))


def _print_table(table: Table) -> None:
    """Print a table without wrapping its lines, which would break the Markdown."""
    Console(width=240).print(table)


def table_of(results: Sequence[Result]) -> Table:
    """Return a table with a line for each epoch; values of the whole row are in its first line."""
    titles = ("row", "epoch", "published", "ours", "seeds", "verdict", "time")
    table = Table(*(say(f"column_{title}") for title in titles), box=box.MARKDOWN)
    for result in results:
        name, verdict = say("comma").join((result.row, _word(result.what))), _word(result.verdict)
        verdict += say("the_shipped_songs") if result.shipped else ""
        time = say("seconds", n=result.seconds) if result.seconds >= 1 else say("under_a_second")
        for epoch, (middle, low, high) in result.ours.items():
            published = result.published.get(epoch)
            spread = f" ({_number(low)} – {_number(high)})" if result.seeds > 1 else ""
            theirs = "" if published is None else _number(published)
            table.add_row(name, str(epoch), theirs, _number(middle) + spread, str(result.seeds), verdict, time)
            name = verdict = time = ""
    return table


def table_of_baselines(baselines: Mapping[str, Any]) -> Table:
    """Return a table with the perplexities of the baselines without a network."""
    table = Table(say("column_baseline"), say("column_training"), say("column_held_out"), box=box.MARKDOWN)
    for name, values in baselines["baselines"].items():
        table.add_row(_word(BASELINE_LABELS[name]), _number(values["training"]), _number(values["held_out"]))
    return table


def _word(text: str) -> str:
    """Translate a verdict, a quantity or the name of a baseline, which JSON has in English."""
    return say_if_known(f"word.{text}", text)


def _number(value: float | None) -> str:
    """Write a number with four digits; None is empty."""
    return "" if value is None else "∞" if math.isinf(value) else f"{value:.4g}"
