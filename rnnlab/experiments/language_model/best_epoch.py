"""Decide by the held-out perplexities which epoch is kept, and when training stops early.

Early stopping with patience: Prechelt 1998, "Early stopping - but when?"; Goodfellow et al. 2016, algorithm 7.1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rnnlab.checkpoints import Checkpoint

History = Sequence[Mapping[str, Any]]  # a row for each epoch, as events give them


def with_best(checkpoint: Checkpoint, before: Checkpoint) -> Checkpoint:
    """Return `checkpoint` with the best epoch so far: its own last one, or the one that `before` has kept.

    before: the checkpoint of the epoch before. Without held-out text no epoch is the best one.
    """
    if checkpoint.config.get("keep") != "best" or not _has_held_out(checkpoint.history):
        return replace(checkpoint, best_epoch=None, best=None)
    kept = before.best_epoch
    if kept is None or _held_out(checkpoint.history[-1]) < _held_out(checkpoint.history[kept - 1]):
        return replace(checkpoint, best_epoch=checkpoint.epoch, best=None)
    return replace(checkpoint, best_epoch=kept, best=before.best or before.weights)


def resumed_with_best(checkpoint: Checkpoint, before: Checkpoint) -> Checkpoint:
    """Return `checkpoint`, made anew from `before`, with the epoch that is kept.

    If `keep` was "last" until now, no earlier weights are there, and the last epoch is the best one.
    """
    if before.best_epoch is None or checkpoint.config.get("keep") != "best":
        return with_best(checkpoint, before)
    return replace(checkpoint, best_epoch=before.best_epoch, best=before.best)


def epochs_without_progress(history: History) -> int:
    """Return how many epochs have passed since the one with the lowest held-out perplexity; 0 without held-out text.

    >>> epochs_without_progress([{"held_out_perplexity": p} for p in (9.0, 7.0, 8.0, 7.0)])
    2
    """
    if not _has_held_out(history):
        return 0
    values = [_held_out(row) for row in history]
    return len(values) - 1 - values.index(min(values))


def _has_held_out(history: History) -> bool:
    """Return whether any epoch has a finite held-out perplexity."""
    return any(row.get("held_out_perplexity") is not None for row in history)


def _held_out(row: Mapping[str, Any]) -> float:
    """Return the held-out perplexity of an epoch, which is None where it is beyond a float."""
    value = row.get("held_out_perplexity")
    return math.inf if value is None else value
