"""Turn events into the rows of a curve, as a run's history and a page use them."""

from __future__ import annotations

import math
from typing import Any

from rnnlab import limits
from rnnlab.experiments.divergence import Diverged
from rnnlab.experiments.event import Event, row
from rnnlab.experiments.language_model.events import Baselines, Epoch, Finished, Progress, Started, Step, Untrained


class CurveRows:
    """Makes rows of events; None of others.

    The rows are `start`, `baselines`, `untrained`, `step` (x, y), `progress`, `epoch`, `diverged` and `finished`.

    Other events have no row. Minibatches are averaged in groups (geometrically, as perplexities are) so that a run adds
    at most about MAX_MINIBATCH_POINTS of them. A run that is extended adds as many again, in groups of twice the size,
    and so on. No group goes beyond the end of its epoch, so a run that was interrupted has the same points as one that
    was not.
    Interim evaluations become at most as many rows again.
    """

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs
        self._group, self._points = 1, 0  # minibatches per point; points so far
        self._interim = 0  # interim evaluations so far
        self._logs: list[float] = []  # of the perplexities in the current group

    def __call__(self, event: Event) -> dict[str, Any] | None:
        """Return the row of `event`, or None."""
        match event:
            case Started():
                self._group = max(self._group, math.ceil(event.steps * self.epochs / limits.MAX_MINIBATCH_POINTS))
                self._logs = []  # an epoch that was stopped in the middle begins anew
                return {"kind": "start", **event.to_dict()}
            case Step():
                return self._minibatch(event)
            case Progress():
                self._interim += 1
                return None if self._interim > limits.MAX_MINIBATCH_POINTS else {"kind": "progress", **event.to_dict()}
            case Untrained() | Baselines() | Epoch():
                return row(event)
            case Diverged():
                return {"kind": "diverged", **event.to_dict()}
            case Finished():
                return {"kind": "finished", **event.to_dict()}
        return None

    def _minibatch(self, event: Step) -> dict[str, Any] | None:
        """Return the point of the group that ends with this minibatch, if one does."""
        self._logs.append(math.log(event.perplexity))
        if len(self._logs) < self._group and event.step < event.steps:
            return None
        if event.epoch % math.ceil(self._group / event.steps):  # the run is so long that not each epoch has a point
            self._logs = []
            return None
        self._points += 1
        if self._points % limits.MAX_MINIBATCH_POINTS == 0:  # the run was extended
            self._group *= 2
        mean, self._logs = math.exp(sum(self._logs) / len(self._logs)), []
        return {"kind": "step", "x": round(event.epoch - 1 + event.step / event.steps, 4), "y": round(mean, 4)}
