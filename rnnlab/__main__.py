"""The command line: `rnnlab` or `python -m rnnlab`. Each command is a consumer of the events of an experiment."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from rnnlab import checkpoints
from rnnlab.devices import DEVICES, MATMUL_PRECISIONS, tune_process, tune_thread
from rnnlab.experiments.language_model import Config, Diverged, Epoch, Finished, Trainer, preset
from rnnlab.flags import given, with_flags
from rnnlab.generation import Generation, fit_prefix, generate
from rnnlab.resources import SHIPPED_CORPORA, SHIPPED_MODELS, shipped_corpus, shipped_model
from rnnlab.text import read_corpus
from rnnlab.validation import InvalidInput

SAVE_EVERY = 2.0  # seconds at most between two saves, as long as epochs are shorter than that
SHOWN = tuple(item.name for item in fields(Epoch))  # what --json prints of an epoch

cli = typer.Typer(add_completion=False, no_args_is_help=True, help="A laboratory for recurrent networks.")
notes = Console(stderr=True, highlight=False)


@cli.command("app")
def app_command(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 7860,
) -> None:
    """Serve the laboratory to a browser."""
    from rnnlab.ui import launch  # gradio takes seconds to import, and no other command needs it

    launch(host=host, port=port)


Device = Annotated[str, typer.Option(help="Where to compute.", metavar="|".join(DEVICES))]
Precision = Annotated[str, typer.Option(help="Of float32 matrix products.", metavar="|".join(MATMUL_PRECISIONS))]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


@cli.command("train")
@with_flags(Config, but=frozenset({"corpus"}))
def train_command(
    preset_name: Annotated[str, typer.Option("--preset", help="Recipe to start from; flags change it.")] = "quick",
    corpus: Annotated[str | None, typer.Option(help="A .txt or .zip file, or a shipped text.", metavar="PATH")] = None,
    save: Annotated[Path | None, typer.Option(help="Write the model here while it trains.", metavar="FILE")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on from this file; --epochs counts from the start.")] = None,
    device: Device = "auto",
    matmul_precision: Precision = "highest",
    as_json: AsJson = False,
    **flags: str | None,
) -> None:
    """Train a language model on lyrics."""
    tune_process(matmul_precision)
    tune_thread()
    checkpoint = checkpoints.load(resume, "resume") if resume else None
    strings = dict(checkpoint.config) if checkpoint else preset(preset_name).config().to_strings()
    config = Config.from_strings(strings | given(flags | {"corpus": corpus}))
    trainer = Trainer(config, _text(config.corpus), device=device, checkpoint=checkpoint)
    saver = _Saver(trainer, save)
    for event in _with_progress(trainer, shown=not as_json):
        if isinstance(event, Epoch):
            _print_epoch(event, as_json)
        saver.save(at_once=isinstance(event, Diverged | Finished))
        if isinstance(event, Diverged):
            raise InvalidInput("diverged", "learning_rate", epoch=event.epoch, step=event.step, kept=event.kept_epoch)


def _text(corpus: str) -> str:
    """A shipped text by name, or the text in a file."""
    if corpus in SHIPPED_CORPORA:
        return shipped_corpus(corpus)
    return read_corpus(corpus)


class _Saver:
    """Saves the last whole epoch to `path` (None: nowhere) often enough that a crash costs seconds."""

    def __init__(self, trainer: Trainer, path: Path | None) -> None:
        self.trainer, self.path, self.saved, self.when = trainer, path, None, 0.0
        self.save(at_once=True)

    def save(self, at_once: bool = False) -> None:
        latest, now = self.trainer.latest, time.monotonic()
        if self.path is None or latest is self.saved or not (at_once or now - self.when > SAVE_EVERY):
            return
        checkpoints.save(latest, self.path)
        self.saved, self.when = latest, now


def _with_progress(trainer: Trainer, shown: bool) -> Iterator[Any]:
    """The trainer's events, with a bar over its epochs when standard error is a terminal."""
    columns = (
        TextColumn("epoch {task.completed:.0f}/{task.total:.0f}"),
        BarColumn(),
        TextColumn("perplexity {task.fields[perplexity]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=notes, disable=not (shown and notes.is_terminal), transient=True) as bar:
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
        print(f"  {sample}", flush=True)


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
        notes.print(f"The model does not know {' '.join(fitted.missing)}; it goes on without.", markup=False)
    choices = generate(saved.build_model(), saved.vocab, how)
    if as_json:
        sung = [{"character": c.character, "probability": c.probability} for c in choices]
        text = fitted.text + "".join(c["character"] for c in sung)
        print(json.dumps({"text": text, "missing": fitted.missing, "choices": sung}, ensure_ascii=False))
        return
    print(fitted.text, end="")
    for choice in choices:
        print(choice.character, end="", flush=True)
    print()


def main() -> None:
    """Run the command line. A refusal is one line on standard error and exit status 2."""
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
        if not hasattr(error, "format_message"):  # what Typer raises for a wrong flag or argument has it
            raise
        status = _refuse(error.format_message())
    sys.exit(status)


def _refuse(message: str) -> int:
    line = " ".join(message.split())
    print(f"rnnlab: {line}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
