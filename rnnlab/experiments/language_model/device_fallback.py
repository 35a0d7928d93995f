"""Go back to the last whole epoch: on the same device, or on the CPU when the device has failed."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod

import torch

from rnnlab.checkpoints import Checkpoint
from rnnlab.devices import DEVICE_ERRORS, classify_device_error
from rnnlab.experiments.language_model.checkpointing import TrainingState, restore
from rnnlab.hosting import line

logger = logging.getLogger(__name__)


class DeviceFallback(TrainingState, ABC):
    """A run that goes on, on the CPU, when its device fails."""

    latest: Checkpoint  # the last whole epoch
    device_trouble: str  # why the run is no longer on the device that was asked for

    @abstractmethod
    def _build(self, device: torch.device) -> None:
        """Make everything that has tensors on `device`, from the seed."""

    def _note_device_error(self, error: Exception) -> None:
        """Note the device's failure; raise `error` again if something else caused it, or if it is the second."""
        trouble = classify_device_error(error, self.device)
        if self.device_trouble or not trouble:
            raise error
        logger.warning(line("device_trouble", trouble=trouble, error=type(error).__name__, so="training on the CPU"))
        self.device_trouble = trouble

    def _restore_latest(self) -> None:
        """Go back to the last whole epoch."""
        try:
            restore(self, self.latest)
        except DEVICE_ERRORS as error:
            self._move_to_cpu(error)

    def _move_to_cpu(self, error: Exception) -> None:
        """Go back to the last whole epoch, on the CPU; raise `error` again unless the device caused it."""
        self._note_device_error(error)
        self._build(torch.device("cpu"))
        restore(self, self.latest)
