"""A horizontal axis that grows with a run, in steps: it seldom moves. `tabs/train/axis.js` has the same rule."""

from __future__ import annotations

from typing import Any

FIRST_EPOCHS = 4  # where the axis ends at first; from there it doubles as the run goes on
NEAR_THE_END = 1.25  # an axis that would end within this factor of the planned epochs shows all of them
MARGIN = 1.02  # of the axis, so that the last marker is whole
WHOLE = 10  # epochs: a shorter axis has a label at each of them, and none between


def axis_end(done: float, epochs: int) -> int:
    """Return the epoch at which the axis ends when `done` of the planned `epochs` are drawn.

    >>> [axis_end(done, 20) for done in (0, 4, 4.1, 8.5, 20)], axis_end(0.5, 3), axis_end(100, 200)
    ([4, 4, 8, 20, 20], 3, 128)
    """
    end = FIRST_EPOCHS
    while end < done:
        end *= 2
    return epochs if end * NEAR_THE_END >= epochs else end


def epoch_axis(done: float, epochs: int) -> dict[str, Any]:
    """Describe the axis as it is when `done` of the planned `epochs` are drawn."""
    end = axis_end(done, epochs)
    return {"range": [0, MARGIN * end], "dtick": 1 if end <= WHOLE else None}
