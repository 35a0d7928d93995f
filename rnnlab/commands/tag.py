"""`rnnlab tag`: name the parts of speech of a sentence, or train a tagger that does."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.cells import cell_len, set_cell_size
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from rnnlab import checkpoints
from rnnlab.checkpoints import TaggerCheckpoint
from rnnlab.commands.console import AsJson, notes, print_json, print_row, printable
from rnnlab.devices import tune_thread
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
    sentence_words,
)
from rnnlab.flags import given, with_flags
from rnnlab.models import TAGGER_MODELS
from rnnlab.resources import SHIPPED_TAGGERS, shipped_tagger
from rnnlab.tagging import tag_sentence
from rnnlab.text import TaggedSentence, language_of, read_treebank, split_words
from rnnlab.validation import Choice, Integer, InvalidInput

AUTO = "auto"
FIELDS = frozenset({"corpus", "model"})  # settings whose flags say more than the setting
COUNT = Integer(1, 1_000_000)
MEASURING = ("eval", "first", "last")  # flags that say what a training is measured on, and so do not ask for one


@with_flags(Config, but=FIELDS)
def tag_command(
    text: Annotated[
        str | None,
        typer.Option(help="A sentence to tag; for a tagger trained on your own sentences, spaces part its words."),
    ] = None,
    tokens: Annotated[
        str | None,
        typer.Option(
            help="Instead of --text: the words to tag, with spaces between; _ inside a word is a space of its own, "
            r"\_ an underscore.",
            metavar="WORDS",
        ),
    ] = None,
    language: Annotated[
        str, typer.Option(help="Whose shipped tagger; auto asks the script.", metavar="auto|en|zh")
    ] = AUTO,
    model: Annotated[
        str | None,
        typer.Option(
            help="A tagger's file from --save, to tag --text; or the recurrent layer to train with (default lstm).",
            metavar="FILE|" + "|".join(TAGGER_MODELS),
        ),
    ] = None,
    corpus: Annotated[
        str | None, typer.Option(help="Sentences that ship, to train on (default toy-en).", metavar="NAME")
    ] = None,
    train: Annotated[Path | None, typer.Option(help="A CoNLL-U file to train on.", metavar="FILE")] = None,
    evaluate: Annotated[
        Path | None,
        typer.Option(
            "--eval",
            help="Another to measure on; if it is that of --train, what --first, --last or --held-out keeps from "
            "training.",
            metavar="FILE",
        ),
    ] = None,
    first: Annotated[
        int | None, typer.Option(help="Train on the first N sentences, measure on the rest.", metavar="N")
    ] = None,
    last: Annotated[int | None, typer.Option(help="Measure on the last N sentences only.", metavar="N")] = None,
    save: Annotated[Path | None, typer.Option(help="Write the trained tagger here.", metavar="FILE")] = None,
    as_json: AsJson = False,
    **flags: str | None,
) -> None:
    """Tag a sentence, or train a tagger: without --text the tutorial's, with --train one of your own."""
    tune_thread(1)
    settings = given(flags)
    file = None if model is None or model in TAGGER_MODELS else Path(model)
    others = {"corpus": corpus, "train": train, "eval": evaluate, "first": first, "last": last, "save": save}
    chosen = [*(name for name, value in others.items() if value is not None), *settings]
    if text is not None and tokens is not None:
        _refuse_beside("--text", ["tokens"])
    sentence = _Sentence(text, tokens) if tokens is not None or text is not None else None
    if file is not None:
        _refuse_beside("--model FILE", chosen + ["language"] * (language != AUTO))
        _print_tagged(checkpoints.load_tagger(file, "model"), sentence or _Sentence("", None), as_json)
        return
    if sentence is not None and model is None and not set(chosen) - set(MEASURING):
        if chosen:
            raise InvalidInput("tag_nothing_trained", chosen[0], flag=_flag(chosen[0]))
        _print_tagged(_shipped(sentence.written, language), sentence, as_json)
        return
    _check_training(chosen, language, of_one_file=evaluate == train)
    if model:
        settings["model"] = model
    trainer = _trainer(settings, corpus, train, evaluate, (first, last))
    _train(trainer, save, as_json)
    if sentence is not None:
        _print_tagged(trainer.latest, sentence, as_json)


def _check_training(chosen: Collection[str], language: str, of_one_file: bool) -> None:
    """Refuse flags that a training would leave unread."""
    if language != AUTO:
        raise InvalidInput("tag_language", "language")
    if "train" in chosen:
        _refuse_beside("--train", {"corpus"} & set(chosen))
    for name in MEASURING:
        if name in chosen and not (name == "eval" and of_one_file):
            _refuse_beside(_flag(name), {"held_out"} & set(chosen))


def _refuse_beside(other: str, idle: Collection[str]) -> None:
    for name in idle:
        raise InvalidInput("tag_no_effect", name, flag=_flag(name), other=other)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


@dataclass(frozen=True)
class _Sentence:
    """What is to be tagged: a sentence as people type it, or its words as --tokens writes them."""

    text: str | None
    tokens: str | None

    @property
    def written(self) -> str:
        return self.text if self.tokens is None else self.tokens

    def words(self, tagger: TaggerCheckpoint) -> tuple[str, ...]:
        known = tagger.lexicon.words
        if self.tokens is not None:
            return split_words(self.tokens, known)
        return sentence_words(self.text, known, tagger.config.get("corpus", "own"))


def _shipped(text: str, language: str) -> TaggerCheckpoint:
    language = Choice((AUTO, *SHIPPED_TAGGERS)).check("language", language)
    return checkpoints.load_tagger(shipped_tagger(language_of(text) if language == AUTO else language))


def _trainer(
    settings: dict[str, str],
    corpus: str | None,
    train: Path | None,
    evaluate: Path | None,
    cut: tuple[int | None, int | None],
) -> Trainer:
    """What trains on the file, or on sentences that ship, by the recipe for them and what `settings` change in it."""
    name = corpus or ("own" if train else Config.corpus)
    recipe = preset(name if name in PRESETS else "own").config().to_strings()
    config = Config.from_strings(recipe | settings | {"corpus": name})
    sentences = _read(train, "train") if train else corpus_sentences(name)
    held_out = _read(evaluate, "eval") if evaluate and evaluate != train else None
    first, last = (n if n is None else COUNT.check(name, n) for n, name in zip(cut, ("first", "last"), strict=True))
    return Trainer(config, *_cut(sentences, held_out, first, last))


def _read(path: Path, field: str) -> tuple[TaggedSentence, ...]:
    """The sentences of a file; what was not taken of it is said on standard error."""
    treebank = read_treebank(path, field)
    for remark in treebank.remarks:
        notes().print(str(remark), markup=False, soft_wrap=True)
    return treebank.sentences


def _cut(
    sentences: Sequence[TaggedSentence], held_out: Sequence[TaggedSentence] | None, first: int | None, last: int | None
) -> tuple[Sequence[TaggedSentence], Sequence[TaggedSentence] | None]:
    """Sentences to train and to measure on; None leaves the share that is held out to the configuration."""
    if first is None and last is not None and held_out is None:
        first = max(0, len(sentences) - last)
    if first is not None:
        held_out = sentences[first:] if held_out is None else held_out
        if not (first and held_out):
            raise InvalidInput("too_few_sentences", "first", sentences=len(sentences), low=(first or last or 0) + 1)
        sentences = sentences[:first]
    return sentences, held_out[-last:] if held_out and last else held_out


def _train(trainer: Trainer, save: Path | None, as_json: bool) -> None:
    """Train to the end and print; what the last whole epoch made is saved, interrupted or not."""
    if save is not None and not save.exists():  # a path that cannot be written is told of at once
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


def _with_progress(trainer: Trainer, shown: bool) -> Iterator[Event]:
    """The trainer's events, with a bar over its minibatches when standard error is a terminal."""
    columns = (
        TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
        BarColumn(),
        TextColumn("loss {task.fields[loss]}"),
        TimeRemainingColumn(),
    )
    one_screen, console, epochs = sys.stdout.isatty(), notes(), trainer.config.epochs
    hidden = not (shown and console.is_terminal)
    with Progress(*columns, console=console, disable=hidden, transient=True, redirect_stdout=one_screen) as bar:
        task = bar.add_task("tag", total=epochs, epoch=0, epochs=epochs, loss="—")
        for event in trainer.events():
            if isinstance(event, Step):
                done = event.epoch - 1 + event.step / event.steps
                bar.update(task, completed=done, epoch=event.epoch, loss=f"{event.loss:.3f}")
            yield event


def _print(event: Event, config: Config) -> None:
    match event:
        case Started():
            print(
                f"{event.sentences} sentences to train on, {event.words} words; held out {event.held_out_sentences}, "
                f"{event.held_out_words}; {len(event.tags)} tags; {event.parameters:,} parameters"
            )
        case Scores():
            _print_scores(event)
        case Epoch() if event.held_out_accuracy is not None or event.epoch % 50 == 0 or event.epoch == config.epochs:
            held_out = "" if event.held_out_accuracy is None else f"  held out {event.held_out_accuracy:.4f}"
            print(f"epoch {event.epoch}  loss {event.loss:.4f}  accuracy {event.accuracy:.4f}{held_out}", flush=True)
        case Finished():
            unknown = "" if event.unknown_accuracy is None else f", on unknown words {event.unknown_accuracy:.4f}"
            print(
                f"accuracy on {event.measured_on} {event.accuracy:.4f}{unknown}; most frequent tag of each word "
                f"{event.baseline:.4f}"
            )


def _print_scores(scores: Scores) -> None:
    """log p of each tag for each word, as the tutorial prints them; the likeliest is marked, right or wrong."""
    title = f"{scores.when:<6} training"
    width = max(cell_len(printable(text)) for text in (title, *scores.tokens))  # a Chinese character takes two cells
    print(set_cell_size(title, width), *(f"{tag:>8}" for tag in scores.tags))
    for token, gold, row in zip(scores.tokens, scores.gold, scores.log_probs, strict=True):
        likeliest = scores.tags[row.argmax()]
        verdict = "right" if likeliest == gold else f"wrong: {gold}"
        print(set_cell_size(printable(token), width), *(f"{value:8.4f}" for value in row), f" {likeliest}, {verdict}")


def _print_tagged(tagger: TaggerCheckpoint, sentence: _Sentence, as_json: bool) -> None:
    field = "text" if sentence.tokens is None else "tokens"
    tokens = tag_sentence(tagger.build_model(), sentence.words(tagger), field)
    if as_json:
        row = {"kind": "tagged", "text": sentence.written, "tokens": [asdict(token) for token in tokens]}
        print_json(row)
        return
    for token in tokens:
        print(f"{printable(token.form)}\t{printable(token.tag)}\t{token.probability:.3f}", end="")
        print("" if token.known else "\tunknown word")
