"""Payload of the surprise panel: the text of a run, and how unexpected each token was after the chosen epoch.

`tabs/train/surprise_panel.js` draws it. A run's id is a secret of its visitor: it grants access to the beginning of
the run's text, as to its songs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab import checkpoints
from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.language_model import Config
from rnnlab.experiments.language_model.data import prepare
from rnnlab.experiments.language_model.recording import Recording
from rnnlab.experiments.language_model.surprise_at import (
    PARTS,
    Surprise,
    SurpriseText,
    instead,
    measure_surprise,
    nearest_epoch,
    nearest_model,
    surprise_at,
)
from rnnlab.limits import MAX_HEADER_COUNT, MAX_KEPT_SURPRISES, MAX_SURPRISE_TEXTS
from rnnlab.models import LanguageModel
from rnnlab.resources import SHIPPED_RECORDINGS, shipped_model, shipped_recording
from rnnlab.runs import Run, Runner, Training
from rnnlab.text import Corpus
from rnnlab.ui.session.latest import Latest
from rnnlab.validation import Choice, Integer, InvalidInput

WINDOW = 3000  # tokens of each part that are sent at once
UNITS = 10  # of a bit: bits are sent as whole numbers

NOTHING_KEPT = ("epoch_not_recorded", "recording_missing")  # the codes of what a recording says then
_texts: Latest[str, SurpriseText] = Latest(MAX_SURPRISE_TEXTS)
_surprises: Latest[tuple[str, int, bool], Surprise] = Latest(MAX_KEPT_SURPRISES)


@dataclass(frozen=True)
class Subject:
    """Whose surprise is shown."""

    key: str  # differs from all others
    read_corpus: Callable[[], Corpus]  # raises InvalidInput if it was lost
    recording: Recording | None
    latest: Callable[[], Checkpoint | None]  # the model, for a run of which nothing else is kept
    now: int  # the last whole epoch
    live: bool  # whether there are more to come

    @property
    def text(self) -> SurpriseText:
        """The text. Raises InvalidInput if it was lost."""
        return _texts.get(self.key, lambda: SurpriseText(self.read_corpus()))

    def surprise(self, epoch: int) -> Surprise:
        """Return the surprise after the nearest epoch that is known. Raises InvalidInput if there is none."""
        if self.recording is not None and (known := self._recorded(self.recording, epoch)) is not None:
            return known
        saved = self._saved(epoch)
        key = (self.key, saved.kept_epoch, False)
        return _surprises.get(key, lambda: measure_surprise(saved.build_model(), self.text, saved.kept_epoch, "final"))

    @property
    def has_model(self) -> bool:
        """Whether the weights of any epoch are kept: a recipe's recorded run has none."""
        return bool(self.recording and self.recording.weighted) or self.latest() is not None

    def model(self, surprise: Surprise) -> tuple[LanguageModel, int]:
        """Return the model of a surprise, or the one nearest to it whose weights are kept, and its epoch."""
        if surprise.source != "final" and self.recording is not None:
            return nearest_model(self.recording, surprise.epoch)
        saved = self._saved(surprise.epoch)
        return saved.build_model(), saved.kept_epoch

    def _recorded(self, recording: Recording, epoch: int) -> Surprise | None:
        """Return the surprise after the nearest recorded epoch; None if the recording was dropped or has just begun."""
        try:
            nearest = nearest_epoch(recording, epoch)
            return _surprises.get((self.key, nearest, True), lambda: surprise_at(recording, self.text, nearest))
        except InvalidInput as error:
            if error.code not in NOTHING_KEPT:
                raise
            return None

    def _saved(self, epoch: int) -> Checkpoint:
        saved = self.latest()
        if saved is None:
            raise InvalidInput("epoch_not_recorded", "epoch", value=epoch)
        return saved


def subject_of_run(runner: Runner, run: Run) -> Subject | None:
    """Return a run of the Train tab as a subject; None for a lesson."""
    training = run.experiment
    if not isinstance(training, Training):
        return None
    recording = training.recording
    epochs = [] if recording is None else recording.epochs
    return Subject(
        run.id, training.corpus, recording, lambda: runner.latest(run), max([training.epoch, *epochs]), not run.over
    )


@cache
def subject_of_curve(name: str) -> Subject:
    """Return a shipped model or a recipe's recorded run by its name. Raises InvalidInput if there is none."""
    if name in SHIPPED_RECORDINGS:
        return _subject_of_recipe(name)
    saved = checkpoints.load(shipped_model(name))
    corpus = lambda: prepare(Config.from_strings(saved.config)).corpus  # noqa: E731 - read once, when it is shown
    return Subject(f"curves/{name}", corpus, None, lambda: saved, saved.epoch, False)


def _subject_of_recipe(name: str) -> Subject:
    recording = Recording.open(shipped_recording(name))
    config = Config.from_strings(recording.index.config_at(1, 1))
    corpus = lambda: prepare(config).corpus  # noqa: E731 - read once, when it is shown
    return Subject(f"curves/{name}", corpus, recording, lambda: None, recording.epochs[-1], False)


def surprise_value(
    subject: Subject, epoch: int | None, starts: dict[str, int], *, with_text: bool = True
) -> dict[str, Any]:
    """Return what the panel draws: a window of each part with its bits.

    epoch: None for the last one. starts: the first token of each part's window. Raises InvalidInput.
    """
    wanted = subject.now if epoch is None else Integer(0, MAX_HEADER_COUNT).require("epoch", epoch)
    surprise, text = subject.surprise(wanted), subject.text
    return {
        "epoch": surprise.epoch,
        "wanted": wanted,
        "now": subject.now,
        "live": subject.live,
        "has_model": subject.has_model,
        "source": surprise.source,
        "vocab_size": len(text.vocab),
        "words": text.vocab.spacing != "none",
        "parts": {
            part: _window(text, surprise, part, starts.get(part, 0), with_text) if part in text.ids else None
            for part in PARTS
        },
    }


def _window(text: SurpriseText, surprise: Surprise, part: str, start: int, with_text: bool) -> dict[str, Any]:
    """Return WINDOW tokens of a part from `start` on, or from the nearest start of a window."""
    total = text.shown(part)
    start = max(0, min(start, total - 1)) // WINDOW * WINDOW
    shown = slice(start, start + WINDOW)
    mean = surprise.mean_bits(part)
    return {
        "start": start,
        "window": WINDOW,
        "shown": total,
        "total": len(text.ids[part]),
        "mean_bits": None if math.isnan(mean) else mean,
        "tenths": in_tenths(surprise.bits[part][shown]),
    } | ({"pieces": text.pieces[part][shown]} if with_text else {})


def in_tenths(bits: NDArray[np.float32]) -> list[int | None]:
    """Return bits as whole tenths; None for NaN."""
    return [None if math.isnan(value) else round(value * UNITS) for value in bits.tolist()]


def expected_value(subject: Subject, epoch: int | None, part: str, place: int) -> dict[str, Any] | None:
    """Return what was expected at a place of a part, and after which epoch; None where no weights are kept.

    Raises InvalidInput.
    """
    Choice(PARTS).check("part", part)
    if not subject.has_model:
        return None
    surprise = subject.surprise(subject.now if epoch is None else epoch)
    model, of = subject.model(surprise)
    found = instead(model, subject.text, surprise, part, place)
    return {
        "epoch": of,
        "part": part,
        "place": place,
        "token": found.token,
        "bits": found.bits,
        "likeliest": [list(pair) for pair in found.likeliest],
    }


@dataclass(frozen=True)
class TrainSurprise:
    """The payloads that `rnnlab.ui.server.surprise_routes` asks for."""

    runner: Runner

    def of_run(self, run: Run, epoch: int | None, starts: dict[str, int], with_text: bool) -> dict[str, Any] | None:
        """Return `surprise_value` of a run; None for a lesson. Raises InvalidInput."""
        subject = subject_of_run(self.runner, run)
        return None if subject is None else surprise_value(subject, epoch, starts, with_text=with_text)

    def of_curve(self, name: str, epoch: int | None, starts: dict[str, int], with_text: bool) -> dict[str, Any]:
        """Return `surprise_value` of a shipped model or a recipe's recorded run. Raises InvalidInput."""
        return surprise_value(subject_of_curve(name), epoch, starts, with_text=with_text)

    def expected_of_run(self, run: Run, epoch: int | None, part: str, place: int) -> dict[str, Any] | None:
        """Return `expected_value` of a run; None for a lesson. Raises InvalidInput."""
        subject = subject_of_run(self.runner, run)
        return None if subject is None else expected_value(subject, epoch, part, place)

    def expected_of_curve(self, name: str, epoch: int | None, part: str, place: int) -> dict[str, Any] | None:
        """Return `expected_value` of a shipped model; None for a recipe's recorded run. Raises InvalidInput."""
        return expected_value(subject_of_curve(name), epoch, part, place)
