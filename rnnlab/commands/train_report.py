"""Show how `rnnlab train` gets on: a bar, lines to read, or rows of JSON."""

from __future__ import annotations

import sys
import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBar

from rnnlab.commands.console import notes, print_json, printable, printable_lines
from rnnlab.experiments.event import row
from rnnlab.experiments.language_model import Epoch, Progress, Trainer, Untrained
from rnnlab.text import visible

MAX_SILENCE = 5.0  # seconds without a row of JSON
REDRAW_EVERY = 0.2  # seconds between two states of the bar


class Report:
    """Prints epochs and interim evaluations with their samples, as lines or as JSON."""

    def __init__(self, trainer: Trainer, as_json: bool) -> None:
        self.trainer, self.as_json = trainer, as_json
        self.printed = time.monotonic()

    def print_untrained(self, event: Untrained, used: Mapping[str, int]) -> None:
        """Print what the model writes before training; as JSON, an epoch 0 without numbers."""
        if event.missing:
            missing = printable(" ".join(map(visible, event.missing)))
            notes().print(f"Not in the text, so the samples go on without: {missing}", markup=False, soft_wrap=True)
        if self.as_json:
            numbers = dict.fromkeys(item.name for item in fields(Epoch))
            print_json({**numbers, "epoch": 0, "samples": event.samples, **used})
            return
        print("epoch 0  before training", flush=True)
        _print_samples(event.samples)

    def print_epoch(self, event: Epoch, used: Mapping[str, int]) -> None:
        """Print an epoch, as JSON with the fields of `used`."""
        self.printed = time.monotonic()
        if self.as_json:
            print_json({**event.to_dict(), **used})
            return
        print(
            f"epoch {event.epoch}  perplexity {event.perplexity:.4g}{_held_out(event.held_out_perplexity)}  "
            f"{event.tokens_per_second:,.0f} tokens/s  gradient norm {event.grad_norm:.3g}",
            flush=True,
        )
        _print_samples(event.samples)

    def print_progress(self, event: Progress) -> None:
        """Print an interim evaluation."""
        self.printed = time.monotonic()
        if self.as_json:
            print_json(row(event))
            return
        print(
            f"epoch {event.epoch}, {event.step / event.steps:.0%}  perplexity {event.perplexity:.4g}"
            f"{_held_out(event.held_out_perplexity)}",
            flush=True,
        )
        _print_samples(event.samples)

    def keep_talking(self) -> None:
        """Print how far the epoch is, as JSON, if nothing was printed for MAX_SILENCE."""
        if self.as_json and time.monotonic() - self.printed > MAX_SILENCE and (now := self.trainer.progress):
            self.printed = time.monotonic()
            now.pop("seconds")
            print_json({"kind": Progress.kind, **now, "held_out_perplexity": None, "samples": []})


def _held_out(value: float | None) -> str:
    return "" if value is None else f"  held out {value:.4g}"


def _print_samples(samples: Sequence[str]) -> None:
    for sample in samples:
        print(textwrap.indent(printable_lines(sample), "  ", predicate=lambda line: True), flush=True)


def with_progress_bar(trainer: Trainer, shown: bool) -> Iterator[Any]:
    """Yield the trainer's events, with a bar over all minibatches when standard error is a terminal."""
    columns = (
        TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}{task.fields[steps]}"),
        BarColumn(),
        TextColumn("perplexity {task.fields[perplexity]}"),
        TimeRemainingColumn(),
    )
    # Prints must pass through the bar only if they go to the same terminal, where they would break it.
    one_screen, console = sys.stdout.isatty(), notes()
    hidden = not (shown and console.is_terminal)
    with ProgressBar(*columns, console=console, disable=hidden, transient=True, redirect_stdout=one_screen) as bar:
        epoch, epochs = trainer.epoch, trainer.config.epochs
        known: dict[str, Any] = {"epoch": epoch, "epochs": epochs, "steps": "", "perplexity": "—"}
        task = bar.add_task("train", total=epochs, completed=epoch, **known)
        drawn = 0.0
        for event in trainer.events():
            if isinstance(event, Epoch):
                bar.update(
                    task, completed=event.epoch, epoch=event.epoch, steps="", perplexity=f"{event.perplexity:.4g}"
                )
            elif not hidden and time.monotonic() - drawn > REDRAW_EVERY and (now := trainer.progress):
                drawn, done = time.monotonic(), now["epoch"] - 1 + now["step"] / now["steps"]
                steps = f", step {now['step']:,}/{now['steps']:,}"
                value = "—" if now["perplexity"] is None else f"{now['perplexity']:.4g}"
                bar.update(task, completed=done, epoch=now["epoch"], steps=steps, perplexity=value)
            yield event
