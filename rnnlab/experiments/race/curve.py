"""Turn the events of a race into the rows of its curves, as a run's history and a page use them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from rnnlab import limits
from rnnlab.experiments.event import Event, row
from rnnlab.experiments.language_model import Evaluating
from rnnlab.experiments.race.events import Difference, Started, Step


class RaceRows:
    """Makes a row of each event, with the events' own fields; None of moments at which nothing is new.

    Minibatches of a lane are averaged in groups (geometrically, as perplexities are), so that a lane has at most about
    MAX_MINIBATCH_POINTS. Of the differences of a group the one with the largest size stays. No group goes beyond the
    end of its epoch; in a race so long that not every epoch has a point, the epochs between are left out.
    """

    def __init__(self) -> None:
        self._group = 1  # minibatches per point
        self._logs: dict[str, list[float]] = {}  # by lane: of the perplexities in its current group
        self._largest: Difference | None = None

    def __call__(self, event: Event) -> dict[str, Any] | None:
        """Return the row of `event`, or None."""
        match event:
            case Started():
                self.begin(event.steps, event.epochs)
            case Step():
                logs = self._logs.setdefault(event.lane, [])
                logs.append(math.log(event.perplexity))
                if not self._is_last(event):
                    return None
                mean = math.exp(sum(logs) / len(logs))
                logs.clear()
                return row(replace(event, perplexity=mean)) if self._has_point(event) else None
            case Difference():
                if self._largest is None or abs(event.difference) >= abs(self._largest.difference):
                    self._largest = event
                if not self._is_last(event):
                    return None
                largest, self._largest = self._largest, None
                return row(replace(event, difference=largest.difference)) if self._has_point(event) else None
            case Evaluating():
                return None
        return row(event)

    def begin(self, steps: int, epochs: int) -> None:
        """Begin a race of so many epochs of `steps` minibatches, or go on with one after an epoch."""
        self._group = max(1, math.ceil(steps * epochs / limits.MAX_MINIBATCH_POINTS))

    def _is_last(self, event: Step | Difference) -> bool:
        """Return whether a group ends with this minibatch."""
        return event.step % self._group == 0 or event.step >= event.steps

    def _has_point(self, event: Step | Difference) -> bool:
        return event.epoch % math.ceil(self._group / event.steps) == 0
