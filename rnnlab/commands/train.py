"""`rnnlab train`: train a language model on lyrics, save it, go on with it."""

from __future__ import annotations

import sys
import textwrap
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from rnnlab import checkpoints
from rnnlab.checkpoints import Checkpoint
from rnnlab.commands.console import (
    AsJson,
    Device,
    Precision,
    notes,
    print_json,
    print_source,
    print_training_facts,
    printable,
    printable_lines,
    source_of,
)
from rnnlab.commands.language import language, message_of_system, say
from rnnlab.devices import tune_process, tune_thread
from rnnlab.experiments.event import plain
from rnnlab.experiments.language_model import (
    Baselines,
    Config,
    Epoch,
    EpochDiverged,
    Finished,
    Started,
    Trainer,
    Untrained,
    preset,
)
from rnnlab.experiments.language_model.baselines import best_ngram
from rnnlab.flags import given, with_flags
from rnnlab.perplexity import bits, with_bits
from rnnlab.resources import SHIPPED_CORPORA
from rnnlab.text import Source, visible
from rnnlab.ui.i18n import words
from rnnlab.validation import InvalidInput

SAVE_EVERY = 2.0  # seconds at least between two saves


@with_flags(Config, but=frozenset({"corpus"}))
def train_command(
    preset_name: Annotated[
        str | None, typer.Option("--preset", help="Recipe to start from, else quick; flags change it.")
    ] = None,
    corpus: Annotated[
        str | None, typer.Option(help="A .txt or .zip file, a folder of .txt files, or a shipped text.", metavar="PATH")
    ] = None,
    held_out_corpus: Annotated[
        str | None, typer.Option(help="Held-out text from here, in place of --held-out.", metavar="PATH")
    ] = None,
    test_corpus: Annotated[
        str | None, typer.Option(help="Test text from here, in place of --test.", metavar="PATH")
    ] = None,
    save: Annotated[Path | None, typer.Option(help="Write the model here while it trains.", metavar="FILE")] = None,
    weights_only: Annotated[bool, typer.Option(help="Save enough to generate, but not to resume.")] = False,
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
    own = {} if corpus is None else {"corpus": corpus}  # what a recipe leaves open may depend on the text
    strings = dict(checkpoint.config) if checkpoint else preset(preset_name or "quick").config(**own).to_strings()
    config = Config.from_strings(strings | given(flags) | own)
    for slip in preset(preset_name).slips if preset_name and not as_json else ():
        notes().print(words(language())[f"slips.{slip}"], markup=False, soft_wrap=True)
    source = source_of(config.corpus)
    others = {
        "held_out_text": held_out_corpus and source_of(held_out_corpus).text,
        "test_text": test_corpus and source_of(test_corpus).text,
    }
    trainer = Trainer(config, source.text, **others, device=device, checkpoint=checkpoint)
    if device == "cuda" and trainer.device.type == "cpu" and not trainer.device_trouble:
        notes().print(say("no_cuda"))
    if trainer.epoch >= config.epochs:
        notes().print(say("epochs_done", epochs=trainer.epoch))
    _train(trainer, source, _Saver(trainer, save, weights_only), as_json)


def _train(trainer: Trainer, source: Source, saver: _Saver, as_json: bool) -> None:
    """Train to the end, print every epoch, and save. Raises InvalidInput if the run diverges."""
    corpus, used = trainer.config.corpus, None
    try:
        for event in _with_progress(trainer, shown=not as_json):
            if isinstance(event, Started):
                if event.device_trouble:
                    notes().print(say(f"gpu_{event.device_trouble}"))
                if used is None:
                    print_source(corpus, source, only_if_recognised=as_json)
                    used = _tokens_used(event, corpus, "words" if trainer.vocab.has_words else "characters")
                    if not as_json:
                        print_training_facts(source, event)
                    if (unknown := trainer.corpus.unknown_tokens) and not as_json:
                        notes().print(say("unknown_left_out", unknown=unknown))
            elif isinstance(event, Baselines) and not as_json:
                _print_best_ngram(event)
            elif isinstance(event, Untrained):
                _print_untrained(event, used or {}, as_json)
            elif isinstance(event, Epoch):
                _print_epoch(event, used or {}, as_json)
            elif isinstance(event, Finished) and event.test_perplexity is not None:
                _print_test(event, as_json)
            elif isinstance(event, EpochDiverged):
                raise InvalidInput(
                    "diverged", "learning_rate", epoch=event.epoch, step=event.step, kept=event.kept_epoch
                )
            saver.save()
    finally:  # interrupted or not
        saver.save(at_once=True)


class _Saver:
    """Saves the last whole epoch to `path` (None: nowhere), at most once in SAVE_EVERY seconds.

    A crash loses what was trained since the last save. When the disk is full, training goes on and the saver tries
    again; only the first save and the last must succeed.
    """

    def __init__(self, trainer: Trainer, path: Path | None, weights_only: bool) -> None:
        self.trainer, self.path, self.weights_only = trainer, path, weights_only
        self.saved: Checkpoint | None = None
        self.when, self.warned = 0.0, False
        if path is not None and not path.is_file():  # raises OSError now if the path cannot be written
            self.save(at_once=True)

    def save(self, at_once: bool = False) -> None:
        """Save the last whole epoch if it is new and SAVE_EVERY has passed, or `at_once`."""
        latest, now = self.trainer.latest, time.monotonic()
        if self.path is None or latest is self.saved or not (at_once or now - self.when > SAVE_EVERY):
            return
        self.when = now
        try:
            checkpoints.save(replace(latest, training=None) if self.weights_only else latest, self.path)
        except OSError as error:
            if at_once or self.saved is None:
                raise
            if not self.warned:
                message = say("not_saved", epoch=latest.epoch, error=message_of_system(error))
                notes().print(message, markup=False, soft_wrap=True)
            self.warned = True
        else:
            self.saved, self.warned = latest, False


def _with_progress(trainer: Trainer, shown: bool) -> Iterator[Any]:
    """Yield the trainer's events, with a bar over its epochs when standard error is a terminal."""
    columns = (
        TextColumn(say("bar_epoch", epoch="{task.completed:.0f}", epochs="{task.total:.0f}")),
        BarColumn(),
        TextColumn(say("perplexity") + " {task.fields[perplexity]}"),
        TimeRemainingColumn(),
    )
    # Prints must pass through the bar only if they go to the same terminal, where they would break it.
    one_screen, console = sys.stdout.isatty(), notes()
    hidden = not (shown and console.is_terminal)
    with Progress(*columns, console=console, disable=hidden, transient=True, redirect_stdout=one_screen) as bar:
        task = bar.add_task("train", total=trainer.config.epochs, completed=trainer.epoch, perplexity="—")
        for event in trainer.events():
            if isinstance(event, Epoch):
                bar.update(task, completed=event.epoch, perplexity=f"{event.perplexity:.4g}")
            yield event


def _tokens_used(event: Started, corpus: str, unit: str) -> dict[str, int]:
    """Print how much of the text is used, if it is not all of it; return that as fields for JSON."""
    if event.characters_taken >= event.characters_total:
        return {}
    name = corpus if corpus in SHIPPED_CORPORA else Path(corpus).name
    notes().print(
        printable(say(f"{unit}_taken", name=name, taken=event.characters_taken, total=event.characters_total)),
        markup=False,
        soft_wrap=True,
    )
    return {"characters_taken": event.characters_taken, "characters_total": event.characters_total}


def _print_untrained(event: Untrained, used: Mapping[str, int], as_json: bool) -> None:
    """Print what the model writes before training; as JSON, an epoch 0 without numbers."""
    if event.missing:
        missing = printable(" ".join(map(visible, event.missing)))
        notes().print(say("prefix_missing", missing=missing), markup=False, soft_wrap=True)
    if as_json:
        blank = with_bits(dict.fromkeys(item.name for item in fields(Epoch)))
        print_json({**blank, "epoch": 0, "samples": event.samples, **used})
        return
    print(say("train_untrained"), flush=True)
    _print_samples(event.samples)


def _print_best_ngram(event: Baselines) -> None:
    """Print the perplexity that the network should beat, once the n-grams of a long text have been counted."""
    if best := best_ngram(event.to_dict()):
        n, value = best
        notes().print(say("train_best_ngram", n=n, counted=event.counted_tokens, perplexity=_in_bits(value)))


def _print_test(event: Finished, as_json: bool) -> None:
    """Print the test perplexity of the kept model."""
    value = event.test_perplexity
    assert value is not None  # the caller has asked
    if as_json:
        test = {"test_perplexity": value, "test_bits_per_token": bits(value)}
        print_json(plain({"epoch": event.epoch, **test}))
    else:
        print(say("train_test", perplexity=_in_bits(value)))


def _in_bits(value: float) -> str:
    """Write a perplexity, and in brackets its log2: the bits per token."""
    return say("in_bits", perplexity=value, bits=bits(value))


def _print_epoch(event: Epoch, used: Mapping[str, int], as_json: bool) -> None:
    """Print an epoch with its samples, or as JSON with the fields of `used`."""
    if as_json:
        print_json({**with_bits(event.to_dict()), **used})
        return
    held_out = event.held_out_perplexity
    line = say(
        "train_epoch",
        epoch=event.epoch,
        perplexity=_in_bits(event.perplexity),
        held_out="" if held_out is None else say("train_held_out", perplexity=_in_bits(held_out)) + "  ",
        speed=event.tokens_per_second,
        norm=event.grad_norm,
    )
    print(line, flush=True)
    _print_samples(event.samples)


def _print_samples(samples: Iterable[str]) -> None:
    for sample in samples:
        print(textwrap.indent(printable_lines(sample), "  ", predicate=lambda line: True), flush=True)
