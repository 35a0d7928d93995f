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
from rnnlab.commands.language import say
from rnnlab.experiments.event import plain, row
from rnnlab.experiments.language_model import Baselines, Epoch, Finished, Progress, Trainer, Untrained
from rnnlab.experiments.language_model.baselines import best_ngram
from rnnlab.perplexity import bits, with_bits
from rnnlab.text import visible

MAX_SILENCE = 5.0  # seconds without a row of JSON
REDRAW_EVERY = 0.2  # seconds between two states of the bar


class Report:
    """Prints epochs and interim evaluations with their samples, as lines or as JSON."""

    def __init__(self, trainer: Trainer, as_json: bool) -> None:
        self.trainer, self.as_json = trainer, as_json
        self.printed = time.monotonic()

    def print_untrained(self, event: Untrained, used: Mapping[str, float]) -> None:
        """Print what the model writes before training; as JSON, an epoch 0 without numbers."""
        if event.missing:
            missing = printable(" ".join(map(visible, event.missing)))
            notes().print(say("prefix_missing", missing=missing), markup=False, soft_wrap=True)
        if self.as_json:
            numbers = with_bits(dict.fromkeys(item.name for item in fields(Epoch)))
            known = {name: value for name, value in event.to_dict().items() if name in numbers}
            print_json({**numbers, **known, **used})
            return
        print(say("train_untrained"), flush=True)
        _print_samples(event.samples)

    def print_epoch(self, event: Epoch, used: Mapping[str, float]) -> None:
        """Print an epoch, as JSON with the fields of `used`."""
        self.printed = time.monotonic()
        if self.as_json:
            print_json({**with_bits(event.to_dict()), **used})
            return
        line = say(
            "train_epoch",
            epoch=event.epoch,
            perplexity=_in_bits(event.perplexity),
            held_out=_held_out(event.held_out_perplexity),
            speed=event.tokens_per_second,
            norm=event.grad_norm,
        )
        print(line, flush=True)
        _print_samples(event.samples)
        if event.copied_share is not None:
            print("  " + say("train_copied", share=event.copied_share, longest=event.longest_copied), flush=True)

    def print_progress(self, event: Progress) -> None:
        """Print an interim evaluation."""
        self.printed = time.monotonic()
        if self.as_json:
            print_json(with_bits(row(event)))
            return
        line = say(
            "train_progress",
            epoch=event.epoch,
            share=event.step / event.steps,
            perplexity=_in_bits(event.perplexity),
            held_out=_held_out(event.held_out_perplexity),
        )
        print(line.rstrip(), flush=True)
        _print_samples(event.samples)

    def print_possible(self, perplexity: float) -> None:
        """Print the lowest perplexity that a model can reach, of a text whose entropy is known."""
        if not self.as_json:
            notes().print(say("train_possible", perplexity=_in_bits(perplexity)), soft_wrap=True)

    def print_best_ngram(self, event: Baselines) -> None:
        """Print the perplexity that the network should beat, once the n-grams of a long text have been counted."""
        if not self.as_json and (best := best_ngram(event.to_dict())):
            n, value = best
            notes().print(say("train_best_ngram", n=n, counted=event.counted_tokens, perplexity=_in_bits(value)))

    def print_test(self, event: Finished) -> None:
        """Print the test perplexity of the kept model, if there is a test text."""
        value = event.test_perplexity
        if value is None:
            return
        if self.as_json:
            print_json(plain({"epoch": event.epoch, "test_perplexity": value, "test_bits_per_token": bits(value)}))
        else:
            print(say("train_test", perplexity=_in_bits(value)))

    def keep_talking(self) -> None:
        """Print how far the epoch is, as JSON, if nothing was printed for MAX_SILENCE."""
        if self.as_json and time.monotonic() - self.printed > MAX_SILENCE and (now := self.trainer.progress):
            self.printed = time.monotonic()
            now.pop("seconds")
            print_json(with_bits(row(Progress(**now, held_out_perplexity=None, samples=()))))


def _held_out(value: float | None) -> str:
    return "" if value is None else say("train_held_out", perplexity=_in_bits(value)) + "  "


def _in_bits(value: float) -> str:
    """Write a perplexity, and in brackets its log2: the bits per token."""
    return say("in_bits", perplexity=value, bits=bits(value))


def _print_samples(samples: Sequence[str]) -> None:
    for sample in samples:
        print(textwrap.indent(printable_lines(sample), "  ", predicate=lambda line: True), flush=True)


def with_progress_bar(trainer: Trainer, shown: bool) -> Iterator[Any]:
    """Yield the trainer's events, with a bar over all minibatches when standard error is a terminal."""
    columns = (
        TextColumn(say("bar_epoch", epoch="{task.fields[epoch]}", epochs="{task.fields[epochs]}{task.fields[steps]}")),
        BarColumn(),
        TextColumn(say("perplexity") + " {task.fields[perplexity]}"),
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
                steps = say("bar_step", step=now["step"], steps=now["steps"])
                value = "—" if now["perplexity"] is None else f"{now['perplexity']:.4g}"
                bar.update(task, completed=done, epoch=now["epoch"], steps=steps, perplexity=value)
            yield event
