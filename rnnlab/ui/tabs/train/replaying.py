"""An epoch of a run of which nothing is kept: train it anew, exactly, if that does not take too long."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.event import plain
from rnnlab.experiments.language_model.recording import (
    Recording,
    ReplayCost,
    Tick,
    replay,
    replay_cost,
    row_with_songs,
)
from rnnlab.limits import MAX_REPLAY_BYTES, MAX_REPLAY_SECONDS, MAX_REPLAYED_EPOCHS, MAX_REPLAYED_EPOCHS_BYTES
from rnnlab.resources import CORPORA
from rnnlab.runs import Run, Training
from rnnlab.ui.latest import Latest
from rnnlab.ui.tabs.train.passages import learned_of, trained_anew
from rnnlab.validation import InvalidInput

SONG_FIELDS = ("epoch", "samples", "copied_share", "longest_copied", "copied_runs")
BUSY = 4  # times MAX_REPLAY_SECONDS after which a replay ends on a busy machine
_states: Latest[tuple[str, int], Checkpoint] = Latest(
    MAX_REPLAYED_EPOCHS, nbytes=lambda state: nbytes_of(state), max_bytes=MAX_REPLAYED_EPOCHS_BYTES
)


@dataclass(frozen=True)
class Replaying:
    """Trains epochs of one run anew; the latest ones are kept."""

    key: str  # differs from those of all other runs
    training: Training

    def cost(self, epoch: int) -> ReplayCost | None:
        """Return what it takes to train an epoch anew; None where it cannot be done at all."""
        if self.training.recording is None:
            return None
        try:
            return replay_cost(self.training.recording, epoch, self.training.epoch)
        except InvalidInput:
            return None

    def is_affordable(self, epoch: int) -> bool:
        """Return whether an epoch can be trained anew within the limits of time and memory."""
        cost = self.cost(epoch)
        return cost is not None and cost.seconds <= MAX_REPLAY_SECONDS and cost.nbytes <= MAX_REPLAY_BYTES

    def known(self, epoch: int) -> Checkpoint | None:
        """Return the state after an epoch, if it is still kept from before."""
        return _states.known((self.key, epoch))

    def at_once(self, epoch: int) -> Checkpoint | None:
        """Return the state after an epoch, if it is kept from before or recorded whole: nothing is trained."""
        recording = self.training.recording
        if (known := self.known(epoch)) is not None or recording is None or epoch not in recording.states:
            return known
        try:
            return _states.get((self.key, epoch), lambda: recording.state(epoch))
        except InvalidInput:  # dropped meanwhile, or damaged
            return None

    def state(self, epoch: int, tick: Tick) -> Checkpoint:
        """Return the state after an epoch. Raises InvalidInput if it takes too long, and what `tick` raises."""
        if (known := self.known(epoch)) is not None:
            return known
        if not self.is_affordable(epoch):
            raise InvalidInput("replay_too_long", "epoch", value=epoch, high=MAX_REPLAY_SECONDS)
        recording, began = self.training.recording, time.monotonic()
        assert isinstance(recording, Recording)

        def bounded(share: float) -> None:
            if time.monotonic() - began > BUSY * MAX_REPLAY_SECONDS:
                raise InvalidInput("replay_too_long", "epoch", value=epoch, high=MAX_REPLAY_SECONDS)
            tick(share)

        def make() -> Checkpoint:
            device, last = self.training.device, self.training.epoch
            return replay(
                recording, epoch, self.text(), device=device, tick=bounded, last=last, nearer=self._nearer(epoch),
                passed=lambda state: _states.keep((self.key, state.epoch), state),
            )  # fmt: skip

        return _states.get((self.key, epoch), make)

    def _nearer(self, epoch: int) -> Checkpoint | None:
        """Return the latest state before an epoch that is still kept from a replay."""
        before = range(epoch - 1, max(0, epoch - MAX_REPLAYED_EPOCHS), -1)
        return next((state for state in map(self.known, before) if state is not None), None)

    def text(self) -> str | None:
        """Return the text of the run if it has no name. Raises InvalidInput if it was lost with its file."""
        return None if self.training.config.corpus in CORPORA else self.training.resume_point().text


def replaying_of(run: Run) -> Replaying | None:
    """Return what trains epochs of a run anew; None for a lesson, and for a run that has recorded nothing."""
    training = run.experiment
    return Replaying(run.key, training) if isinstance(training, Training) and training.recording is not None else None


def replayed_row(run: Run, epoch: int, tick: Tick) -> dict[str, Any] | None:
    """Return the row of an epoch with the songs that its network writes; None where it is not affordable.

    Raises InvalidInput, and what `tick` raises.
    """
    replaying = replaying_of(run)
    if replaying is None or not (replaying.known(epoch) or replaying.is_affordable(epoch)):
        return None

    def make() -> dict[str, Any]:
        row = row_with_songs(replaying.state(epoch, tick), learned_of(run))
        return {"kind": "epoch", **{name: plain(row[name]) for name in SONG_FIELDS}}

    return trained_anew.get((run.key, epoch), make)


def nbytes_of(state: Checkpoint) -> int:
    """Return the bytes of the tensors of a state."""
    return sum(tensor.nbytes for part in (state.weights, state.training or {}) for tensor in part.values())
