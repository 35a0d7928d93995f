"""From events to the rows of a curve: what a page draws, a checkpoint keeps, and a run logs."""

from __future__ import annotations

import math
from typing import Any

from rnnlab.experiments.event import Event
from rnnlab.experiments.language_model.events import Diverged, Epoch, Finished, Started, Step

MOST_MINIBATCH_POINTS = 2000  # per run: more cannot be told apart on a screen


class CurveRecorder:
    """Turns events into rows: `start`, `step` (x, y), `epoch`, `diverged`, `finished`; other events into None.

    Minibatches are averaged in groups (geometrically, as perplexities are) so that a run of any length adds
    at most about MOST_MINIBATCH_POINTS of them.
    """

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs
        self._group, self._logs = 1, []

    def __call__(self, event: Event) -> dict[str, Any] | None:
        match event:
            case Started():
                self._group = math.ceil(event.steps * self.epochs / MOST_MINIBATCH_POINTS)
                return {"kind": "start", **event.to_dict()}
            case Step():
                return self._minibatch(event)
            case Epoch():
                return {"kind": "epoch", **event.to_dict()}
            case Diverged():
                return {"kind": "diverged", **event.to_dict()}
            case Finished():
                return {"kind": "finished", **event.to_dict()}
        return None

    def _minibatch(self, event: Step) -> dict[str, Any] | None:
        self._logs.append(math.log(event.perplexity))
        if len(self._logs) < self._group:
            return None
        mean, self._logs = math.exp(sum(self._logs) / len(self._logs)), []
        return {"kind": "step", "x": round(event.epoch - 1 + event.step / event.steps, 4), "y": round(mean, 4)}
