"""Save a model while `rnnlab train` trains it."""

from __future__ import annotations

import time
from pathlib import Path

from rnnlab import checkpoints
from rnnlab.commands.console import notes
from rnnlab.commands.language import message_of_system, say
from rnnlab.experiments.language_model import Trainer

SAVE_EVERY = 2.0  # seconds at least between two saves
PARTIAL_EVERY = 10.0  # seconds after a save until a run within a long epoch is saved again


class Saver:
    """Saves the training to `path` (None: nowhere), at most once in SAVE_EVERY seconds.

    A crash loses what was trained since the last save: in a long epoch at most a little more than PARTIAL_EVERY
    seconds. When the disk is full, training goes on and the saver tries again; only the first save and the last must
    succeed.
    """

    def __init__(self, trainer: Trainer, path: Path | None, weights_only: bool) -> None:
        self.trainer, self.path, self.weights_only = trainer, path, weights_only
        self.saved: object = None  # what was saved last, see `_state`
        self.when, self.warned = 0.0, False
        if path is not None and not path.is_file():  # raises OSError now if the path cannot be written
            self.save(at_once=True)

    def save(self, at_once: bool = False) -> None:
        """Save the training if it has got on and SAVE_EVERY has passed, or `at_once`."""
        if self.path is None:
            return
        now = time.monotonic()
        if at_once:
            self.trainer.take_partial()
        elif now - self.when > PARTIAL_EVERY:
            self.trainer.request_partial()
        state = self._state()
        if state == self.saved or not (at_once or now - self.when > SAVE_EVERY):
            return
        checkpoint, self.when = self.trainer.checkpoint(), now
        try:
            checkpoints.save(checkpoint.weights_only() if self.weights_only else checkpoint, self.path)
        except OSError as error:
            if at_once or self.saved is None:
                raise
            if not self.warned:
                message = say("not_saved", epoch=checkpoint.epoch, error=message_of_system(error))
                notes().print(message, markup=False, soft_wrap=True)
            self.warned = True
        else:
            self.saved, self.warned = state, False

    def _state(self) -> object:
        """Return what tells two saved states apart: the place; with `weights_only` the epoch, once there is one."""
        place = self.trainer.place
        return place[0] if self.weights_only and place[0] else place
