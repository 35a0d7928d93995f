"""Train the other cells alike: RNN, GRU and LSTM on the same text, with the same settings, seed and minibatches.

    recording = Recording(folder)                       # of a run, whatever its cell
    plan = plan_other_cells(recording, last=20)         # what it takes, before it begins
    train_other_cells(recording, plan)                  # each is recorded beside the run, as the run itself is
    other_curves(recording, ids, 7)                     # how far the gradient reaches in each of them after epoch 7

Only the cell differs, and the weights that are drawn for it. The minibatches are those of the run, also where they are
drawn at random: each training takes over the random generator as the run had it after its weights were drawn. What was
changed while the run trained changes at the same minibatch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.event import Event
from rnnlab.experiments.language_model.config import Config
from rnnlab.experiments.language_model.data import bytes_of_training
from rnnlab.experiments.language_model.evaluation import Work
from rnnlab.experiments.language_model.events import Recorded
from rnnlab.experiments.language_model.gradient_curves import CELLS, MAX_CURVE_TOKENS, LensCurve, alike, lens_curve
from rnnlab.experiments.language_model.recording import Recorder, Recording, Tick
from rnnlab.experiments.language_model.recording.replay import Quiet
from rnnlab.experiments.language_model.surprise_at import nearest_model
from rnnlab.experiments.language_model.trainer import Trainer
from rnnlab.limits import MAX_OTHER_CELLS_BYTES, MAX_OTHER_CELLS_SECONDS, MIB
from rnnlab.models import LanguageModel
from rnnlab.validation import InvalidInput

# Processor time of an epoch against that of an RNN: measured with 64 and 192 units, from scratch and by torch.
COST = {"rnn": 1.0, "gru": 1.9, "lstm": 1.8}


@dataclass(frozen=True)
class OtherCells:
    """What it takes to train the other cells like a run, up to the last epoch that the bound on seconds allows."""

    config: Config  # of the run
    cells: tuple[str, ...]  # the others
    last: int  # epochs of the run
    epochs: int  # up to which they can be trained
    trained: tuple[int, ...]  # up to which each is recorded already; −1: not at all
    seconds: float  # estimated, of what is left to train
    nbytes: int  # of memory while the larger one trains, besides the text

    @property
    def is_done(self) -> bool:
        """Whether all of them are recorded as far as they can be."""
        return min(self.trained) >= self.epochs


def plan_other_cells(recording: Recording, last: int, most_seconds: float = MAX_OTHER_CELLS_SECONDS) -> OtherCells:
    """Return what it takes to train the other cells like the recorded run, which has trained `last` epochs.

    most_seconds: of training, for all of them together. Raises InvalidInput where it cannot be done.
    """
    index = recording.index
    if index.first_epoch:
        raise InvalidInput("other_cells_beginning", "recording", value=index.first_epoch)
    config = Config.from_strings(index.config_at(1, 1))
    cells = tuple(cell for cell in CELLS if cell != config.model)
    configs = [alike(config, cell) for cell in cells]
    nbytes = max(bytes_of_training(other, len(index.vocab)) for other in configs)
    if nbytes > MAX_OTHER_CELLS_BYTES:
        needed, high = round(nbytes / MIB), round(MAX_OTHER_CELLS_BYTES / MIB)  # megabytes
        raise InvalidInput("other_cells_too_large", "model", needed=needed, high=high)
    each = _seconds_of_epoch(recording) * sum(map(_cost, cells)) / _cost(config.model)
    epochs = min(last, int(most_seconds / each)) if each else last
    if last and not epochs:
        raise InvalidInput("other_cells_too_long", "model", seconds=round(each), high=round(most_seconds))
    trained = tuple(max(recording.beside(cell).weighted, default=-1) for cell in cells)
    left = sum(max(0, epochs - max(0, done)) * _cost(cell) for cell, done in zip(cells, trained, strict=True))
    seconds = left * _seconds_of_epoch(recording) / _cost(config.model)
    return OtherCells(config, cells, last, epochs, trained, seconds, nbytes)


def train_other_cells(
    recording: Recording,
    plan: OtherCells,
    text: str | None = None,
    *,
    device: str = "cpu",
    tick: Tick = lambda share: None,
) -> None:
    """Train each of the other cells up to `plan.epochs`, and record it beside the run. What is recorded goes on.

    text: needed where the run's corpus has no name in `resources.CORPORA`. tick: called at each minibatch with the
    share that is done; what it raises ends the training, and the epochs so far stay recorded. Raises InvalidInput, also
    at the end where one of them has diverged, and as soon as the disk takes no more.
    """
    costs, diverged = [_cost(cell) for cell in plan.cells], list[str]()
    for number, cell in enumerate(plan.cells):
        before = sum(costs[:number])

        def of_all(share: float, before: float = before, own: float = costs[number]) -> None:
            tick((before + own * share) / sum(costs))

        if not _train(recording, cell, plan.epochs, text, device, of_all):
            diverged.append(cell)
    if diverged:
        names = ", ".join(cell.upper() for cell in diverged)
        raise InvalidInput("other_cells_diverged", "model", value=names)


def other_curves(recording: Recording, ids: Sequence[int], epoch: int) -> list[LensCurve]:
    """Return the curves of the other cells after `epoch`, or the nearest epoch whose weights are kept, on `ids` (T,).

    Those that have been trained; each is measured on the first MAX_CURVE_TOKENS. Raises InvalidInput.
    """
    curves = []
    for cell in CELLS:
        other = recording.beside(cell)
        if other.weighted:
            model, nearest = nearest_model(other, epoch)
            config = Config.from_strings(other.index.config_at(nearest + 1, 1))
            curves.append(lens_curve(model, config, ids[:MAX_CURVE_TOKENS], nearest))
    return curves


class OtherCell(Trainer):
    """The training of another cell, whose minibatches are those of the run that it is compared with."""

    def __init__(self, own: Config, config: Config, text: str | None, **options: Any) -> None:
        """Prepare the training. `own` is the configuration of that run, `config` the same with another cell."""
        self._own = own
        super().__init__(config, text, **options)

    def _build(self, device: torch.device) -> None:
        super()._build(device)
        generator = torch.Generator().manual_seed(self._own.seed)
        LanguageModel(self._own, len(self.vocab), generator=generator)  # draws what the run has drawn
        self.generator.set_state(generator.get_state())


class AlikeRecorder:
    """Gives a training the settings that the recorded run had at each minibatch, and records it beside that run."""

    def __init__(self, recording: Recording, cell: str) -> None:
        self._recording, self._quiet, self._cell = recording, Quiet(recording), cell
        self._recorder = Recorder(recording.beside(cell))
        self._known: dict[int, Config] = {}

    def begin(self, run: OtherCell) -> None:
        """Go on with what is recorded, or begin anew. Raises InvalidInput if the run was forgotten meanwhile."""
        assert self._recording.index
        self._recorder.begin(run)

    def settings(self, epoch: int, step: int, config: Config | None = None) -> Config:
        """Return the run's settings at that minibatch, both from 1, with the other cell."""
        own = self._quiet.settings(epoch, step)
        if id(own) not in self._known:
            self._known[id(own)] = alike(own, self._cell)
        mine = self._known[id(own)]
        return mine if config is None else self._recorder.settings(epoch, step, mine)

    def record(self, run: OtherCell, event: Event) -> Work[Recorded | None]:
        """Have the epoch that has just ended recorded."""
        return (yield from self._recorder.record(run, event))

    def check(self) -> None:
        """Raise InvalidInput if nothing is recorded any more: training on would be for nothing."""
        if self._recorder.failed:
            raise InvalidInput("other_cells_not_recorded", "recording", value=self._cell.upper())

    def wait(self) -> None:
        """Block until everything is recorded."""
        self._recorder.wait()


def _train(recording: Recording, cell: str, epochs: int, text: str | None, device: str, tick: Tick) -> bool:
    """Train one cell from its last recorded state on; return whether it has got there, or else diverged.

    Raises InvalidInput, and what `tick` raises.
    """
    beside = recording.beside(cell)
    if max(beside.weighted, default=-1) >= epochs:
        tick(1.0)
        return True
    own, recorder = Config.from_strings(recording.index.config_at(1, 1)), AlikeRecorder(recording, cell)
    checkpoint = _last_state(beside)
    first = 0 if checkpoint is None else checkpoint.epoch
    config = recorder.settings(first + 1, 1)
    trainer = OtherCell(own, config, text, device=device, checkpoint=checkpoint, recorder=recorder)
    if trainer.corpus.text_digest != recording.index.text_digest:
        raise InvalidInput("checkpoint_text", "corpus")
    try:
        while trainer.epoch < epochs:
            before, trainer.config = trainer.epoch, recorder.settings(trainer.epoch + 1, 1)  # the run was extended
            for event in trainer.events():
                recorder.check()
                within = trainer.progress
                part = within["step"] / within["steps"] if within else 0.0
                tick(min(1.0, (trainer.epoch - first + part) / (epochs - first)))
                if trainer.epoch == epochs and event.kind != "epoch":  # it is recorded after that event
                    break
            if trainer.epoch == before:
                return False  # what was recorded before stays
    finally:
        recorder.wait()
    recorder.check()
    return True


def _last_state(recording: Recording) -> Checkpoint | None:
    """Return the last whole state that is recorded, if there is one, with the settings of its next minibatch."""
    return recording.state(recording.states[-1]) if recording.states else None


def _seconds_of_epoch(recording: Recording) -> float:
    """Return the seconds that an epoch took the run, by the last one that is recorded; 0 if none is."""
    timed = [epoch for epoch in recording.epochs if epoch > 0]
    return float(recording.epoch(timed[-1]).row.get("seconds") or 0.0) if timed else 0.0


def _cost(cell: str) -> float:
    return COST.get(cell, 1.0)
