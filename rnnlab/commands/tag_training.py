"""Train a tagger for `rnnlab tag`: read sentences, show progress, print scores, save the result."""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path

from rich.cells import cell_len, set_cell_size
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from rnnlab import checkpoints
from rnnlab.commands.console import notes, print_row, printable
from rnnlab.commands.language import refusal, say, say_if_known
from rnnlab.experiments.event import Event
from rnnlab.experiments.tagging import (
    PRESETS,
    Config,
    Epoch,
    EpochDiverged,
    Finished,
    Scores,
    Started,
    Step,
    Trainer,
    corpus_sentences,
    preset,
)
from rnnlab.text import TaggedSentence, read_treebank
from rnnlab.validation import Integer, InvalidInput

COUNT = Integer(1, 1_000_000)  # sentences
PRINTED_WORDS = 20  # of the vocabulary


def make_trainer(
    settings: dict[str, str],
    corpus: str | None,
    train: Path | None,
    evaluate: Path | None,
    cut: tuple[int | None, int | None],
) -> Trainer:
    """Make the trainer for a file's or shipped sentences, with their recipe changed by `settings`.

    cut: the values of --first and --last.
    """
    name = corpus or ("own" if train else Config.corpus)
    recipe = preset(name if name in PRESETS else "own").config().to_strings()
    config = Config.from_strings(recipe | settings | {"corpus": name})
    sentences = _read(train, "train") if train else corpus_sentences(name)
    held_out = _read(evaluate, "eval") if evaluate and evaluate != train else None
    first, last = (n if n is None else COUNT.check(name, n) for n, name in zip(cut, ("first", "last"), strict=True))
    return Trainer(config, *_cut(sentences, held_out, first, last))


def _read(path: Path, field: str) -> tuple[TaggedSentence, ...]:
    """Read the sentences of a file; print remarks on left-out lines and sentences on standard error."""
    treebank = read_treebank(path, field)
    for remark in treebank.remarks:
        notes().print(refusal(remark), markup=False, soft_wrap=True)
    return treebank.sentences


def _cut(
    sentences: Sequence[TaggedSentence], held_out: Sequence[TaggedSentence] | None, first: int | None, last: int | None
) -> tuple[Sequence[TaggedSentence], Sequence[TaggedSentence] | None]:
    """Return the sentences for training and for evaluation; None: the configuration has a held-out share."""
    if first is None and last is not None and held_out is None:
        first = max(0, len(sentences) - last)
    if first is not None:
        held_out = sentences[first:] if held_out is None else held_out
        if not (first and held_out):
            raise InvalidInput("too_few_sentences", "first", sentences=len(sentences), low=(first or last or 0) + 1)
        sentences = sentences[:first]
    return sentences, held_out[-last:] if held_out and last else held_out


def train_tagger(trainer: Trainer, save: Path | None, as_json: bool) -> None:
    """Train to the end and print the events; save the last whole epoch, also after an interruption."""
    if save is not None and not save.exists():  # so that a path that is not writable is reported before training
        checkpoints.save(trainer.latest, save)
    try:
        with closing(_with_progress(trainer, shown=not as_json)) as events:
            for event in events:
                if isinstance(event, EpochDiverged):
                    raise InvalidInput(
                        "diverged", "learning_rate", epoch=event.epoch, step=event.step, kept=event.kept_epoch
                    )
                if as_json and not isinstance(event, Step):
                    print_row(event)
                elif not as_json:
                    _print(event, trainer.config)
    finally:
        if save is not None:
            checkpoints.save(trainer.latest, save)


def _with_progress(trainer: Trainer, shown: bool) -> Generator[Event]:
    """Yield the trainer's events, with a progress bar if standard error is a terminal."""
    columns = (
        TextColumn(say("bar_epoch", epoch="{task.fields[epoch]}", epochs="{task.fields[epochs]}")),
        BarColumn(),
        TextColumn(say("loss") + " {task.fields[loss]}"),
        TimeRemainingColumn(),
    )
    console, epochs = notes(), trainer.config.epochs
    hidden = not (shown and console.is_terminal)
    same_terminal = sys.stdout.isatty()  # then printed lines must go above the bar
    with Progress(*columns, console=console, disable=hidden, transient=True, redirect_stdout=same_terminal) as bar:
        task = bar.add_task("tag", total=epochs, epoch=0, epochs=epochs, loss="—")
        for event in trainer.events():
            if isinstance(event, Step):
                done = event.epoch - 1 + event.step / event.steps
                bar.update(task, completed=done, epoch=event.epoch, loss=f"{event.loss:.3f}")
            yield event


def _print(event: Event, config: Config) -> None:
    """Print the start, the scores, some epochs and the end in lines to read."""
    match event:
        case Started():
            print(
                say(
                    "tag_started",
                    sentences=event.sentences,
                    words=event.words,
                    held_out_sentences=event.held_out_sentences,
                    held_out_words=event.held_out_words,
                    tags=len(event.tags),
                    parameters=event.parameters,
                )
            )
            print(_indices(event))
        case Scores():
            _print_scores(event)
        case Epoch() if event.held_out_accuracy is not None or event.epoch % 50 == 0 or event.epoch == config.epochs:
            line = say("tag_epoch", epoch=event.epoch, loss=event.loss, accuracy=event.accuracy)
            if event.held_out_accuracy is not None:
                line += "  " + say("tag_held_out", accuracy=event.held_out_accuracy)
            print(line, flush=True)
        case Finished():
            measured_on = say_if_known(f"measured_on.{event.measured_on}", event.measured_on)
            unknown = event.unknown_accuracy
            others = "" if unknown is None else say("tag_unknown", accuracy=unknown)
            facts = {"accuracy": event.accuracy, "unknown": others, "baseline": event.baseline}
            print(say("tag_finished", measured_on=measured_on, **facts))


def _indices(started: Started) -> str:
    """Return a line with the index of each word in the vocabulary, or of the first ones."""
    first = started.vocabulary[:PRINTED_WORDS]
    entries = [f"{printable(word)} {index}" for index, word in enumerate(first)]
    return say("tag_indices", entries="  ".join(entries + ["…"] * (started.vocab_size > len(first))))


def _print_scores(scores: Scores) -> None:
    """Print log p of each tag for each word like the tutorial, and whether the most likely tag is right."""
    title = say(f"scores_{scores.when}")
    width = max(cell_len(printable(text)) for text in (title, *scores.tokens))  # a Chinese character takes two cells
    print(set_cell_size(title, width), *(f"{tag:>8}" for tag in scores.tags))
    for token, gold, row in zip(scores.tokens, scores.gold, scores.log_probs, strict=True):
        likeliest = scores.tags[row.argmax()]
        verdict = say("right") if likeliest == gold else say("wrong", tag=gold)
        print(set_cell_size(printable(token), width), *(f"{value:8.4f}" for value in row), f" {likeliest}, {verdict}")
