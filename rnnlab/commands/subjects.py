"""Open what a command looks into: a shipped model, a model's file, or a recorded run at an epoch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from rnnlab import checkpoints
from rnnlab.checkpoints import Checkpoint
from rnnlab.commands.console import notes, source_of
from rnnlab.commands.language import say
from rnnlab.experiments.language_model import Config
from rnnlab.experiments.language_model.data import prepare
from rnnlab.experiments.language_model.recording import Recording, replay
from rnnlab.experiments.language_model.surprise_at import nearest_model
from rnnlab.models import LanguageModel
from rnnlab.resources import CORPORA, SHIPPED_CORPORA, SHIPPED_MODELS, shipped_model
from rnnlab.text import Corpus, Vocab
from rnnlab.validation import InvalidInput

# what the commands that open a network are told
OfModel = Annotated[
    str, typer.Argument(help="A file from `train --save` or `train --record`, or a shipped model: lyrics-zh, …")
]
OfCorpus = Annotated[
    str | None, typer.Option(help="The text that it learned; not needed for a shipped one.", metavar="PATH")
]
AtEpoch = Annotated[int | None, typer.Option(min=0, help="Of a recorded run, 0 before training; else the last.")]
Exactly = Annotated[bool, typer.Option(help="Train a recorded run anew up to that epoch, for its exact weights.")]


class Subject(NamedTuple):
    """A network and what is known of it."""

    model: LanguageModel
    config: Config
    vocab: Vocab
    epoch: int
    source: str  # see `Surprise.source`
    recording: Recording | None
    text_digest: str  # of the text that it has learned


def subject_of(name: str, corpus: str | None, epoch: int | None, exact: bool, *, quiet: bool) -> Subject:
    """Open a shipped model, a model's file, or a recording. Raises InvalidInput."""
    if not is_model(name):
        return _recorded(Recording.open(Path(name)), corpus, epoch, exact, quiet)
    if epoch is not None or exact:
        raise InvalidInput("epoch_of_recording", "epoch")
    saved = checkpoints.load(shipped_model(name) if name in SHIPPED_MODELS else Path(name))
    return _of_checkpoint(saved, saved.kept_epoch, "final", None)


def is_model(name: str) -> bool:
    """Return whether it is a shipped model or the file of one: any that is no zip file, whose fault is then named."""
    path = Path(name)
    if name in SHIPPED_MODELS:
        return True
    try:
        with path.open("rb") as file:
            return file.read(2) != b"PK"
    except OSError:
        return not path.is_dir()


def _of_checkpoint(saved: Checkpoint, epoch: int, source: str, recording: Recording | None) -> Subject:
    return Subject(
        saved.build_model(), Config.from_strings(saved.config), saved.vocab, epoch, source, recording, saved.text_digest
    )


def _recorded(recording: Recording, corpus: str | None, epoch: int | None, exact: bool, quiet: bool) -> Subject:
    wanted = max(recording.epochs, default=0) if epoch is None else epoch
    if exact:
        name = corpus or recording.index.config_at(wanted + 1, 1).get("corpus", "")
        text = source_of(name).text if corpus or name in SHIPPED_CORPORA else None
        return _of_checkpoint(
            replay(recording, wanted, text, progress=None if quiet else _say_progress), wanted, "exact", None
        )
    model, nearest = nearest_model(recording, wanted)
    config = Config.from_strings(recording.index.config_at(nearest + 1, 1))
    index = recording.index
    return Subject(model, config, index.vocab, nearest, "rounded", recording, index.text_digest)


def learned_corpus(subject: Subject, corpus: str | None) -> Corpus:
    """Return the text that a network has learned; `corpus` is the path of one of one's own. Raises InvalidInput."""
    config = subject.config
    if corpus is None and config.corpus not in CORPORA:
        raise InvalidInput("checkpoint_needs_corpus", "corpus", value=config.corpus)
    learned = prepare(config, None if corpus is None else source_of(corpus).text).corpus
    if learned.text_digest != subject.text_digest:
        raise InvalidInput("checkpoint_text", "corpus")
    return learned


def _say_progress(done: int, epochs: int) -> None:
    notes().print(say("look_replayed", done=done, epochs=epochs))
