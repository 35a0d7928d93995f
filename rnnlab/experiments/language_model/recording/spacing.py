"""Choose epochs that stay, so that their distances grow with the epoch however long the run becomes."""

from __future__ import annotations

import math
from collections.abc import Sequence


def least_needed(epochs: Sequence[int]) -> int:
    """Return which of `epochs` (ascending, three at least) leaves the smallest gap on a logarithmic scale.

    The first and the last stay.

    >>> least_needed([0, 1, 2, 3, 4]), least_needed([0, 1, 2, 4, 5, 6])
    (3, 5)
    """
    inner = range(1, len(epochs) - 1)
    return epochs[min(inner, key=lambda i: math.log1p(epochs[i + 1]) - math.log1p(epochs[i - 1]))]


def is_measured(epoch: int) -> bool:
    """Return whether the surprise of every character is recorded: at epochs 0, 1, 4, 16, 64 …"""
    return epoch == 0 or (epoch & (epoch - 1) == 0 and epoch.bit_length() % 2 == 1)
