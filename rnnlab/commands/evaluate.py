"""`rnnlab evaluate`: measure how well a trained model predicts a text."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from rnnlab import checkpoints
from rnnlab.checkpoints import Checkpoint
from rnnlab.commands.console import AsJson, Device, notes, print_json, print_source, printable, source_of
from rnnlab.commands.language import say
from rnnlab.devices import tune_thread
from rnnlab.experiments.event import plain
from rnnlab.experiments.language_model import Config
from rnnlab.experiments.language_model.text_evaluation import Evaluation, evaluating
from rnnlab.resources import SHIPPED_MODELS, shipped_model
from rnnlab.text import visible


def evaluate_command(
    checkpoint: Annotated[str, typer.Argument(help="A file from `train --save`, or a shipped model: lyrics-zh, …")],
    corpus: Annotated[
        str, typer.Option(help="A .txt or .zip file, a folder of .txt files, or a shipped text.", metavar="PATH")
    ],
    device: Device = "auto",
    threads: Annotated[
        int, typer.Option(min=1, max=256, help="Cores for one product; more is faster on an idle machine.")
    ] = 1,
    as_json: AsJson = False,
) -> None:
    """Measure nats, bits and perplexity per character of a text that a model predicts."""
    tune_thread(threads)
    saved = checkpoints.load(shipped_model(checkpoint) if checkpoint in SHIPPED_MODELS else Path(checkpoint))
    source = source_of(corpus, Config.from_strings(saved.config).distance)
    print_source(corpus, source, only_if_recognised=as_json)
    result = _with_progress(saved, source.text, device, shown=not as_json)
    if as_json:
        print_json(plain(asdict(result)))
        return
    if result.unknown:
        named = printable(" ".join(map(visible, result.unknown_tokens)))
        told = say("evaluate_unknown", unknown=result.unknown, tokens=result.tokens, named=named)
        print(told, file=sys.stderr)
    print(
        say(
            "evaluate_result",
            perplexity=result.perplexity,
            bits=result.bits,
            nats=result.nats,
            predicted=result.predicted,
        )
    )


def _with_progress(saved: Checkpoint, text: str, device: str, shown: bool) -> Evaluation:
    """Evaluate, with a progress bar if standard error is a terminal."""
    console = notes()
    columns = (TextColumn(say("bar_reading")), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not (shown and console.is_terminal), transient=True) as bar:
        task, parts = bar.add_task("evaluate", total=1.0), evaluating(saved, text, device=device)
        while True:
            try:
                bar.update(task, completed=next(parts))
            except StopIteration as end:
                result: Evaluation = end.value
                return result
