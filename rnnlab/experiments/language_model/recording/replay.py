"""Return to an epoch: by its kept weights, or exactly, by training anew from the nearest kept state before it.

The same configuration and seed give the same events, so a replay gives the weights that the run had, to the last bit,
on the same kind of device with the same number of threads. Another device or number rounds sums otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rnnlab.checkpoints import Checkpoint
from rnnlab.checkpoints.recorded_epoch import RecordedEpoch
from rnnlab.experiments.event import Event, plain
from rnnlab.experiments.language_model.config import Config
from rnnlab.experiments.language_model.copying import LearnedText, copied_of_samples
from rnnlab.experiments.language_model.data import BEGINNING, prefixes_of, prepare
from rnnlab.experiments.language_model.evaluation import Work, drained, readable_prefixes, sample_texts
from rnnlab.experiments.language_model.recording.measuring import model_of, recorded_epoch, surprise_of
from rnnlab.experiments.language_model.recording.recorder import Recordable
from rnnlab.experiments.language_model.recording.recording import Recording
from rnnlab.experiments.language_model.trainer import Trainer
from rnnlab.models import LanguageModel
from rnnlab.recurrent import with_markers
from rnnlab.resources import CORPORA
from rnnlab.text import Corpus, detokenize
from rnnlab.validation import Integer, InvalidInput

Progress = Callable[[int, int], None]  # called with the epochs trained anew so far, and all that there are
Tick = Callable[[float], None]  # called at each minibatch with the share that is done; what it raises ends the replay


class Quiet:
    """Gives a trainer the settings that a recorded run had at each minibatch.

    Left out is what costs time and changes no weight: samples, interim evaluations, and early ends.
    """

    def __init__(self, recording: Recording) -> None:
        self.index = recording.index
        self._known: dict[int, Config] = {}

    def begin(self, run: Recordable) -> None:
        """Do nothing: the settings come with each minibatch."""

    def settings(self, epoch: int, step: int, config: Config | None = None) -> Config:
        """Return the settings with which the run trained that minibatch, both from 1."""
        strings = self.index.config_at(epoch, step)
        if id(strings) not in self._known:
            self._known[id(strings)] = replace(
                Config.from_strings(strings),
                sample_every=None,
                progress_every=None,
                target_perplexity=None,
                patience=None,
                keep="last",
            )
        return self._known[id(strings)]

    def record(self, run: Recordable, event: Event) -> Work[None]:
        """Record nothing."""
        return None
        yield


def replay(
    recording: Recording,
    epoch: int,
    text: str | None = None,
    *,
    device: str = "cpu",
    progress: Progress | None = None,
    tick: Tick | None = None,
    last: int | None = None,
    nearer: Checkpoint | None = None,
    passed: Callable[[Checkpoint], None] | None = None,
) -> Checkpoint:
    """Return the state after `epoch`, exactly as the run had it. Raises InvalidInput, and what `tick` raises.

    text: needed where the run's corpus has no name in `resources.CORPORA`.
    last: the epochs that the run has trained; None: those up to the last one that is recorded.
    nearer: a state of an earlier replay, at `epoch` or before, to begin with if no later one is kept.
    passed: called with the state after each epoch on the way, and after `epoch`.
    """
    index = recording.index
    last = max([*recording.epochs, index.first_epoch, last or 0])
    Integer(index.first_epoch, last).check("epoch", epoch)
    start = start_of(recording, epoch)
    checkpoint: Checkpoint | None = None
    if nearer is not None and (start or 0) < nearer.epoch <= epoch:
        start, checkpoint = nearer.epoch, nearer
    elif start is not None:
        checkpoint = recording.state(start)
    if checkpoint is not None and start == epoch:
        return checkpoint
    settings, first = Quiet(recording), 1 if start is None else start + 1
    config = settings.settings(first, 1)
    _check_text(config, text)
    if checkpoint is not None:
        checkpoint = replace(checkpoint, config=config.to_strings())
    trainer = Trainer(config, text, device=device, checkpoint=checkpoint, recorder=settings)
    if trainer.corpus.text_digest != index.text_digest:
        raise InvalidInput("checkpoint_text", "checkpoint")
    while trainer.epoch < epoch:
        before, trainer.config = (
            trainer.epoch,
            settings.settings(trainer.epoch + 1, 1),
        )  # the run may have been extended
        for event in trainer.events():
            if tick is not None:
                tick(_share(trainer, first, epoch))
            if passed is not None and event.kind == "epoch":
                passed(trainer.latest)
            if progress is not None and event.kind == "epoch":
                progress(trainer.epoch - first + 1, epoch - first + 1)
            if trainer.epoch == epoch:
                break
        if trainer.epoch == before:  # it diverged here, or on this kind of device
            raise InvalidInput("epoch_not_recorded", "epoch", value=epoch)
    return trainer.latest


def start_of(recording: Recording, epoch: int) -> int | None:
    """Return the epoch of the kept state that a replay of `epoch` begins with; None: it begins with the seed.

    Raises InvalidInput if the run was not recorded from its beginning.
    """
    start = max((state for state in recording.states if state <= epoch), default=None)
    if start is None and recording.index.first_epoch:
        raise InvalidInput("epoch_not_recorded", "epoch", value=epoch)
    return start


def _share(trainer: Trainer, first: int, last: int) -> float:
    """Return how much of the epochs from `first` to `last` is trained."""
    within = trainer.progress
    done = trainer.epoch - (first - 1) + (within["step"] / within["steps"] if within else 0.0)
    return min(1.0, done / (last - first + 1))


def model_at(recording: Recording, epoch: int) -> LanguageModel:
    """Return the model after `epoch` from its kept weights, rounded to half precision. Raises InvalidInput."""
    index = recording.index
    model = LanguageModel(Config.from_strings(index.config_at(epoch + 1, 1)), len(index.vocab), device="meta")
    try:
        model.load_state_dict(with_markers(recording.weights(epoch), model), assign=True)
    except RuntimeError:
        raise InvalidInput("recording_damaged", "recording") from None
    return model.eval()


def look(
    recording: Recording, epoch: int, text: str | None = None, *, exact: bool = False, progress: Progress | None = None
) -> tuple[RecordedEpoch, bool]:
    """Return what was recorded of `epoch`, and False; or what is measured on the replayed network, and True.

    exact: replay in any case. Otherwise only an epoch of which nothing is recorded is replayed. Raises InvalidInput.
    text: see `replay`.
    """
    if epoch in recording.epochs and not exact:
        return recording.epoch(epoch), False
    state = replay(recording, epoch, text, progress=progress)
    config = Config.from_strings(state.config)
    _check_text(config, text)
    corpus = prepare(config, text).corpus
    if corpus.text_digest != recording.index.text_digest:
        raise InvalidInput("checkpoint_text", "corpus")
    return measured(state, corpus), True


def measured(state: Checkpoint, corpus: Corpus) -> RecordedEpoch:
    """Return what a recorder notes of the network in `state`: its songs, the probe, and the surprise of its text."""
    model, row = model_of(state), row_with_songs(state, LearnedText(corpus))
    return replace(recorded_epoch(model, corpus, state.epoch, row), surprise=surprise_of(model, corpus))


def row_with_songs(state: Checkpoint, learned: LearnedText) -> dict[str, Any]:
    """Return the row of the epoch in `state`, with the songs that the network writes, and what of them is copied."""
    config, model, corpus = Config.from_strings(state.config), model_of(state), learned.corpus
    chosen = readable_prefixes(config, corpus.vocab, prefixes_of(config, _text_of(corpus), corpus.vocab))
    samples = drained(sample_texts(model, corpus.vocab, chosen, config.sample_length, state.epoch + 1))
    known = state.history[-1] if state.history else {"epoch": 0}
    return {**known, "samples": list(samples), **plain(copied_of_samples(learned, samples, chosen))}


def _check_text(config: Config, text: str | None) -> None:
    """Raise InvalidInput where the text of a run is needed and neither given nor known by its name."""
    if text is None and config.corpus not in CORPORA:
        raise InvalidInput("checkpoint_needs_corpus", "corpus", value=config.corpus)


def _text_of(corpus: Corpus) -> str:
    return detokenize(corpus.vocab.decode(corpus.train_ids[:BEGINNING].tolist()), corpus.vocab.spacing)
