"""End a run whose numbers are no longer finite."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab.experiments.event import Event


class NotFinite(ArithmeticError):
    """Raised when a loss, a gradient or a weight is infinite or NaN, or a perplexity is beyond a float."""


@dataclass(frozen=True)
class Diverged(Event):
    """The last event of a run in which a loss, a gradient or a weight was no longer finite."""


@dataclass(frozen=True)
class EpochDiverged(Diverged, kind="diverged"):
    """Diverged while training in epochs. The weights are again those after the last finite epoch."""

    epoch: int
    step: int
    kept_epoch: int  # the epoch whose weights were kept; 0 for the initial ones
