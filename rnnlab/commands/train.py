"""`rnnlab train`: train a language model on lyrics, save it, go on with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from rnnlab import checkpoints
from rnnlab.commands.console import (
    AsJson,
    Device,
    Precision,
    notes,
    print_source,
    print_training_facts,
    printable,
    source_of,
)
from rnnlab.commands.language import language, say
from rnnlab.commands.record import RecordingFile
from rnnlab.commands.train_report import Report, with_progress_bar
from rnnlab.commands.train_saving import Saver
from rnnlab.devices import tune_process, tune_thread
from rnnlab.experiments.language_model import (
    MIN_BOOK_CHARACTERS,
    Baselines,
    Config,
    Epoch,
    EpochDiverged,
    Finished,
    Progress,
    Started,
    Trainer,
    Untrained,
    break_text_facts,
    preset,
)
from rnnlab.experiments.language_model.best_epoch import epochs_without_progress
from rnnlab.flags import given, with_flags
from rnnlab.resources import CORPORA
from rnnlab.text import Source
from rnnlab.ui.i18n import words
from rnnlab.validation import InvalidInput


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
    record: Annotated[Path | None, typer.Option(help="Write what each epoch was like here.", metavar="FILE")] = None,
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
    strings = dict(checkpoint.config) if checkpoint else _recipe(preset_name or "quick", own).to_strings()
    config = Config.from_strings(strings | given(flags) | own)
    if preset_name and not as_json:
        _print_slips(preset_name, config)
    source = source_of(config.corpus, config.distance)
    if not (resume or preset_name):
        _suggest_book(config.corpus, len(source.text))
    recording = RecordingFile(record)
    trainer = Trainer(
        config,
        source.text,
        held_out_text=held_out_corpus and source_of(held_out_corpus).text,
        test_text=test_corpus and source_of(test_corpus).text,
        device=device,
        checkpoint=checkpoint,
        recorder=recording.recorder,
    )
    if device == "cuda" and trainer.device.type == "cpu" and not trainer.device_trouble:
        notes().print(say("no_cuda"))
    if trainer.epoch >= config.epochs:
        notes().print(say("epochs_done", epochs=trainer.epoch))
    with recording:
        _train(trainer, source, Saver(trainer, save, weights_only), as_json)


def _recipe(name: str, own: Mapping[str, str]) -> Config:
    """Return the recipe's configuration for the text in `own`; what depends on its length is said."""
    recipe = preset(name)
    if recipe.sized is None:
        return recipe.config(**own)
    text = source_of(own.get("corpus", recipe.config().corpus)).text
    chosen = "  ".join(f"{key} {value}" for key, value in recipe.sized(len(text)).items())
    told = say("recipe_for_size", characters=len(text), name=name, chosen=chosen)
    notes().print(told, markup=False, soft_wrap=True)
    return recipe.config_for(len(text), **own)


def _print_slips(name: str, config: Config) -> None:
    """Say what the tutorial's code does besides, or why the recipe fails on purpose."""
    recipe, texts = preset(name), words(language())
    for slip in recipe.slips:
        notes().print(texts[f"slips.{slip}"], markup=False, soft_wrap=True)
    if recipe.breaks:
        told = texts[f"breaks.{recipe.breaks}"].format(**break_text_facts(config))
        notes().print(told, markup=False, soft_wrap=True)


def _suggest_book(corpus: str, characters: int) -> None:
    """Name the recipe for a long text of one's own."""
    if corpus not in CORPORA and characters >= MIN_BOOK_CHARACTERS:
        about = printable(say("book_suggested", name=Path(corpus).name, characters=characters))
        notes().print(about, markup=False, soft_wrap=True)


def _train(trainer: Trainer, source: Source, saver: Saver, as_json: bool) -> None:
    """Train to the end, print every epoch, and save. Raises InvalidInput if the run diverges."""
    corpus = trainer.config.corpus
    used: dict[str, float] | None = None
    report = Report(trainer, as_json)
    try:
        for event in with_progress_bar(trainer, shown=not as_json):
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
                    _note_kept(event, trainer)
                    if event.entropy_perplexity is not None:
                        report.print_possible(event.entropy_perplexity)
                        used = {**used, "entropy_perplexity": event.entropy_perplexity}
            elif isinstance(event, Baselines):
                report.print_best_ngram(event)
            elif isinstance(event, Untrained):
                report.print_untrained(event, used or {})
            elif isinstance(event, Epoch):
                report.print_epoch(event, used or {})
            elif isinstance(event, Progress):
                report.print_progress(event)
            elif isinstance(event, Finished):
                if event.stopped_early:
                    waited = epochs_without_progress(trainer.history)
                    notes().print(say("stopped_early", epochs=waited), soft_wrap=True)
                report.print_test(event)
            elif isinstance(event, EpochDiverged):
                raise InvalidInput(
                    "diverged", "learning_rate", epoch=event.epoch, step=event.step, kept=event.kept_epoch
                )
            report.keep_talking()
            saver.save()
    finally:  # interrupted or not
        saver.save(at_once=True)
    if saver.path is not None and trainer.config.keep == "best" and trainer.latest.best_epoch is not None:
        notes().print(_kept(trainer, saver.path), markup=False, soft_wrap=True)


def _note_kept(event: Started, trainer: Trainer) -> None:
    """Say that there is no best epoch without held-out text."""
    if trainer.config.keep == "best" and event.held_out_tokens < 2:
        notes().print(say("no_best_epoch"), soft_wrap=True)


def _kept(trainer: Trainer, path: Path) -> str:
    """Name the kept epoch with its held-out perplexity."""
    latest = trainer.latest
    assert latest.kept_perplexity is not None  # the caller has asked
    facts = {"epoch": latest.kept_epoch, "epochs": latest.epoch, "perplexity": latest.kept_perplexity}
    return say("kept_epoch", path=path, **facts)


def _tokens_used(event: Started, corpus: str, unit: str) -> dict[str, float]:
    """Print how much of the text is used, if it is not all of it; return that as fields for JSON."""
    if event.characters_taken >= event.characters_total:
        return {}
    name = corpus if corpus in CORPORA else Path(corpus).name
    notes().print(
        printable(say(f"{unit}_taken", name=name, taken=event.characters_taken, total=event.characters_total)),
        markup=False,
        soft_wrap=True,
    )
    return {"characters_taken": event.characters_taken, "characters_total": event.characters_total}
