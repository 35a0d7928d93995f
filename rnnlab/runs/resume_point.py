"""Hold what a training needs to go on: the checkpoint of its last whole epoch or within the next, and its text.

A run that is paused for less than a minute does not need it: its events stay open (`event_stream.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rnnlab.checkpoints import Checkpoint

Place = tuple[int, int]  # whole epochs, and minibatches of the next one


@dataclass(frozen=True)
class ResumePoint:
    """The state from which a training goes on."""

    checkpoint: Checkpoint | None  # None at the beginning: the configuration and its seed suffice
    text: str | None  # the visitor's own; None for a shipped one

    @property
    def epoch(self) -> int:
        """Return the number of whole epochs so far."""
        return 0 if self.checkpoint is None else self.checkpoint.epoch

    @property
    def place(self) -> Place:
        """Return the number of whole epochs, and of the minibatches that are done of the next one."""
        partial = None if self.checkpoint is None else self.checkpoint.partial
        return self.epoch, 0 if partial is None else len(partial)

    @property
    def nbytes(self) -> int:
        """Estimate the memory of tensors and text in bytes."""
        tensors = {} if self.checkpoint is None else self.checkpoint.tensors()
        return sum(tensor.nbytes for tensor in tensors.values()) + 2 * len(self.text or "")


ReadResumePoint = Callable[[], ResumePoint]  # raises InvalidInput when the resume point was lost with its file
