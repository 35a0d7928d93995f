"""Whose surprise is shown: a run of the Train tab, a shipped model, or a recipe's recorded run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from rnnlab import checkpoints
from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.language_model import Config
from rnnlab.experiments.language_model.data import prepare
from rnnlab.experiments.language_model.recording import Recording, Tick
from rnnlab.experiments.language_model.recording.measuring import model_of
from rnnlab.experiments.language_model.surprise_at import (
    Surprise,
    SurpriseText,
    Windows,
    measure_surprise,
    nearest_epoch,
    nearest_model,
    surprise_at,
)
from rnnlab.limits import MAX_KEPT_SURPRISES, MAX_SURPRISE_TEXTS, MAX_SURPRISE_TEXTS_BYTES
from rnnlab.models import LanguageModel
from rnnlab.resources import SHIPPED_RECORDINGS, shipped_model, shipped_recording
from rnnlab.runs import Run, Runner, Training
from rnnlab.text import Corpus
from rnnlab.ui.latest import Latest
from rnnlab.ui.tabs.train.replaying import Replaying, replaying_of
from rnnlab.validation import InvalidInput

REPLAYS = ("none", "possible", "too_long")  # training an epoch anew: not needed or not possible; affordable; not so
NOTHING_KEPT = ("epoch_not_recorded", "recording_missing")  # the codes of what a recording says then
_texts: Latest[str, SurpriseText] = Latest(
    MAX_SURPRISE_TEXTS, nbytes=lambda text: text.nbytes, max_bytes=MAX_SURPRISE_TEXTS_BYTES
)
_Key = tuple[str, int, str, tuple[tuple[str, range], ...]]
_surprises: Latest[_Key, Surprise] = Latest(MAX_KEPT_SURPRISES)


@dataclass(frozen=True)
class Subject:
    """Whose surprise is shown."""

    key: str  # differs from all others
    read_corpus: Callable[[], Corpus]  # raises InvalidInput if it was lost
    recording: Recording | None
    latest: Callable[[], Checkpoint | None]  # the model, for a run of which nothing else is kept
    now: int  # the last whole epoch
    live: bool  # whether there are more to come
    replaying: Replaying | None = None  # trains an epoch anew of which nothing is kept

    @property
    def text(self) -> SurpriseText:
        """The text. Raises InvalidInput if it was lost."""
        return _texts.get(self.key, lambda: SurpriseText(self.read_corpus()))

    def surprise(self, epoch: int, windows: Windows) -> Surprise:
        """Return the surprise of the tokens `windows` after the nearest epoch that is known.

        Raises InvalidInput if there is none.
        """
        trained_anew = None if self.replaying is None else self.replaying.known(epoch)
        if trained_anew is not None:
            return self._exact(epoch, windows, lambda: trained_anew)
        if self.recording is not None and (known := self._recorded(self.recording, epoch, windows)) is not None:
            return known
        saved = self._saved(epoch)
        after = saved.kept_epoch
        return _surprises.get(
            self._key(after, "final", windows),
            lambda: measure_surprise(saved.build_model(), self.text, after, "final", windows),
        )

    def exact_surprise(self, epoch: int, windows: Windows, tick: Tick) -> Surprise:
        """Return the surprise of the tokens `windows` after `epoch`, which is trained anew.

        Raises InvalidInput, and what `tick` raises.
        """
        if self.replaying is None:
            raise InvalidInput("epoch_not_recorded", "epoch", value=epoch)
        replaying = self.replaying
        return self._exact(epoch, windows, lambda: replaying.state(epoch, tick))

    def _exact(self, epoch: int, windows: Windows, state: Callable[[], Checkpoint]) -> Surprise:
        return _surprises.get(
            self._key(epoch, "exact", windows),
            lambda: measure_surprise(model_of(state()), self.text, epoch, "exact", windows),
        )

    def _key(self, epoch: int, source: str, windows: Windows) -> _Key:
        return self.key, epoch, source, tuple(sorted(windows.items(), key=lambda window: window[0]))

    def replay(self, surprise: Surprise, wanted: int) -> str:
        """Say what can be done to show the wanted epoch in place of `surprise`, one of REPLAYS."""
        is_coming = self.live and wanted == self.now  # it is being recorded
        if self.replaying is None or wanted == surprise.epoch or is_coming or surprise.source == "final":
            return "none"
        return "possible" if self.replaying.is_affordable(wanted) else "too_long"

    @property
    def has_model(self) -> bool:
        """Whether the weights of any epoch are kept: a recipe's recorded run has none."""
        return bool(self.recording and self.recording.weighted) or self.latest() is not None

    def model(self, surprise: Surprise) -> tuple[LanguageModel, int]:
        """Return the model of a surprise, or the one nearest to it whose weights are kept, and its epoch."""
        if surprise.source == "exact" and self.replaying is not None:
            state = self.replaying.known(surprise.epoch)
            if state is not None:
                return model_of(state), surprise.epoch
        if surprise.source != "final" and self.recording is not None:
            return nearest_model(self.recording, surprise.epoch)
        saved = self._saved(surprise.epoch)
        return saved.build_model(), saved.kept_epoch

    def _recorded(self, recording: Recording, epoch: int, windows: Windows) -> Surprise | None:
        """Return the surprise after the nearest recorded epoch; None if the recording was dropped or has just begun."""
        try:
            nearest = nearest_epoch(recording, epoch)
            whole, key = self._key(nearest, "kept", {}), self._key(nearest, "kept", windows)
            if (known := _surprises.known(whole) or _surprises.known(key)) is not None:
                return known
            found = surprise_at(recording, self.text, nearest, windows)
            _surprises.keep(whole if found.source == "recorded" else key, found)  # what is recorded has all tokens
            return found
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
    now = max([training.epoch, *epochs])
    return Subject(run.id, training.corpus, recording, lambda: runner.latest(run), now, not run.over, replaying_of(run))


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
