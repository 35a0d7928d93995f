"""The command line: `rnnlab` or `python -m rnnlab`. Each command is a consumer of the events of an experiment."""

from __future__ import annotations

import json
import os
import sys
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from rnnlab import checkpoints
from rnnlab.devices import DEVICES, MATMUL_PRECISIONS, describe_machine, tune_process, tune_thread
from rnnlab.experiments.language_model import Config, Diverged, Epoch, Trainer, preset
from rnnlab.flags import given, with_flags
from rnnlab.generation import Generation, fit_prefix, generate
from rnnlab.resources import SHIPPED_CORPORA, SHIPPED_MODELS, shipped_corpus, shipped_model
from rnnlab.text import read_corpus
from rnnlab.validation import Choice, InvalidInput

SAVE_EVERY = 2.0  # seconds at most between two saves, as long as epochs are shorter than that

cli = typer.Typer(add_completion=False, no_args_is_help=True, help="A laboratory for recurrent networks.")
notes = Console(stderr=True, highlight=False)


@cli.command("app")
def app_command(
    host: Annotated[str | None, typer.Option(help="Address to listen on; else GRADIO_SERVER_NAME, 127.0.0.1.")] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port; else GRADIO_SERVER_PORT, the first free from 7860.")
    ] = None,
) -> None:
    """Serve the laboratory to a browser."""
    from rnnlab.ui.app import launch  # gradio takes seconds to import, and no other command needs it

    launch(host, port)


Device = Annotated[str, typer.Option(help="Where to compute.", metavar="|".join(DEVICES))]
Precision = Annotated[str, typer.Option(help="Of float32 matrix products.", metavar="|".join(MATMUL_PRECISIONS))]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


@cli.command("train")
@with_flags(Config, but=frozenset({"corpus"}))
def train_command(
    preset_name: Annotated[
        str | None, typer.Option("--preset", help="Recipe to start from, else quick; flags change it.")
    ] = None,
    corpus: Annotated[str | None, typer.Option(help="A .txt or .zip file, or a shipped text.", metavar="PATH")] = None,
    save: Annotated[Path | None, typer.Option(help="Write the model here while it trains.", metavar="FILE")] = None,
    weights_only: Annotated[bool, typer.Option(help="Save what singing needs; it cannot be resumed.")] = False,
    resume: Annotated[Path | None, typer.Option(help="Go on from this file; --epochs counts from the start.")] = None,
    device: Device = "auto",
    matmul_precision: Precision = "highest",
    threads: Annotated[
        int, typer.Option(min=1, max=256, help="Cores for one product; more is faster on an idle machine.")
    ] = 1,
    as_json: AsJson = False,
    **flags: str | None,
) -> None:
    """Train a language model on lyrics."""
    tune_process(matmul_precision)
    tune_thread(threads)
    if resume and preset_name:
        raise InvalidInput("preset_and_resume", "preset")
    checkpoint = checkpoints.load(resume, "resume") if resume else None
    strings = dict(checkpoint.config) if checkpoint else preset(preset_name or "quick").config().to_strings()
    config = Config.from_strings(strings | given(flags | {"corpus": corpus}))
    trainer = Trainer(config, _text(config.corpus), device=device, checkpoint=checkpoint)
    if device == "cuda" and trainer.device.type == "cpu":
        notes.print("There is no CUDA device here: training on the CPU.")
    if trainer.epoch >= config.epochs:
        notes.print(f"The model has {trainer.epoch} epochs already: give a larger --epochs to train on.")
    saver = _Saver(trainer, save, weights_only)
    try:
        for event in _with_progress(trainer, shown=not as_json):
            if isinstance(event, Epoch):
                _print_epoch(event, as_json)
            if isinstance(event, Diverged):
                raise InvalidInput(
                    "diverged", "learning_rate", epoch=event.epoch, step=event.step, kept=event.kept_epoch
                )
            saver.save()
    finally:  # interrupted or not
        saver.save(at_once=True)


def _text(corpus: str) -> str:
    """A shipped text by name, or the text in a file."""
    if corpus in SHIPPED_CORPORA:
        return shipped_corpus(corpus)
    return read_corpus(corpus)


class _Saver:
    """Saves the last whole epoch to `path` (None: nowhere), every few seconds when epochs are shorter than that.

    A crash costs what has been trained since: those seconds, or the epoch that it falls into.
    """

    def __init__(self, trainer: Trainer, path: Path | None, weights_only: bool) -> None:
        self.trainer, self.path, self.weights_only = trainer, path, weights_only
        self.saved, self.when = None, 0.0
        if path is not None and not path.exists():  # so that a crash in the first epoch finds something to resume
            self.save(at_once=True)

    def save(self, at_once: bool = False) -> None:
        latest, now = self.trainer.latest, time.monotonic()
        if self.path is None or latest is self.saved or not (at_once or now - self.when > SAVE_EVERY):
            return
        checkpoints.save(replace(latest, training=None) if self.weights_only else latest, self.path)
        self.saved, self.when = latest, now


def _with_progress(trainer: Trainer, shown: bool) -> Iterator[Any]:
    """The trainer's events, with a bar over its epochs when standard error is a terminal."""
    columns = (
        TextColumn("epoch {task.completed:.0f}/{task.total:.0f}"),
        BarColumn(),
        TextColumn("perplexity {task.fields[perplexity]}"),
        TimeRemainingColumn(),
    )
    # The bar must not swallow what is printed, unless that goes to the same terminal and would tear the bar.
    one_screen = sys.stdout.isatty()
    hidden = not (shown and notes.is_terminal)
    with Progress(*columns, console=notes, disable=hidden, transient=True, redirect_stdout=one_screen) as bar:
        task = bar.add_task("train", total=trainer.config.epochs, completed=trainer.epoch, perplexity="—")
        for event in trainer.events():
            if isinstance(event, Epoch):
                bar.update(task, completed=event.epoch, perplexity=f"{event.perplexity:.4g}")
            yield event


def _print_epoch(event: Epoch, as_json: bool) -> None:
    if as_json:
        print(json.dumps(event.to_dict(), ensure_ascii=False), flush=True)
        return
    held_out = "" if event.held_out_perplexity is None else f"  held out {event.held_out_perplexity:.4g}"
    print(
        f"epoch {event.epoch}  perplexity {event.perplexity:.4g}{held_out}  "
        f"{event.tokens_per_second:,.0f} tokens/s  gradient norm {event.grad_norm:.3g}",
        flush=True,
    )
    for sample in event.samples:
        print(f"  {_printable(sample)}", flush=True)


def _printable(text: str) -> str:
    """Replace control characters: somebody else's model must not steer the terminal that it sings in."""
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) == "Cc" else c for c in text)


@cli.command("generate")
@with_flags(Generation)
def generate_command(
    checkpoint: Annotated[str, typer.Argument(help="A file from `train --save`, or a shipped model: lyrics-zh, …")],
    as_json: AsJson = False,
    **flags: str | None,
) -> None:
    """Sing with a trained model."""
    how = Generation.from_strings(given(flags))
    path = shipped_model(checkpoint) if checkpoint in SHIPPED_MODELS else Path(checkpoint)
    saved = checkpoints.load(path)
    fitted = fit_prefix(how.prefix, saved.vocab)
    if fitted.missing:
        missing = _printable(" ".join(fitted.missing))
        print(f"The model does not know {missing}; it goes on without.", file=sys.stderr)
    choices = generate(saved.build_model(), saved.vocab, how)
    if as_json:
        sung = [{"character": c.character, "probability": c.probability} for c in choices]
        text = fitted.text + "".join(c["character"] for c in sung)
        print(json.dumps({"text": text, "missing": fitted.missing, "choices": sung}, ensure_ascii=False))
        return
    print(_printable(fitted.text), end="")
    for choice in choices:
        print(_printable(choice.character), end="", flush=True)
    print()


@cli.command("bench")
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


def main() -> None:
    """Run the command line. A refusal is one line on standard error and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character must not end a run
    try:
        status = cli(standalone_mode=False)
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:  # the reader of our output has gone: nobody to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 141
    except (InvalidInput, OSError) as error:
        status = _refuse(str(error))
    except Exception as error:
        if (
            isinstance(error, MemoryError | RuntimeError) and "memory" in str(error).lower()
        ):  # torch has no class for it
            status = _refuse("there is not enough memory; lower batch_size, num_steps, hidden_size or num_layers")
        elif hasattr(error, "format_message"):  # what Typer raises for a wrong flag or argument has it
            status = _refuse(error.format_message())
        else:
            raise
    sys.exit(status)


def _refuse(message: str) -> int:
    if line := " ".join(message.split()):  # empty after Typer has shown the help instead
        print(f"rnnlab: {line}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
