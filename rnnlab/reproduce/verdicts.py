"""Compare our results with the published ones.

A published perplexity agrees with ours if it lies within the spread of our seeds, or if it and our median are about
equally far from 1, the smallest perplexity there is: the larger distance is at most MAX_RATIO times the smaller one.
A row agrees if all its points do. It is better if some do not, and each of those is smaller than the published one; it
differs if one of them is larger. A published share (of the tags of a sentence) agrees if our median is at least as
large; otherwise the row differs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

AGREES, BETTER, DIFFERS, UNPUBLISHED = "agrees", "better", "differs", "no figure published"
ANOTHER_TEXT = "another text"  # not the one of the published results, so that a comparison is impossible
MAX_RATIO = 1.1

Spread = tuple[float, float, float]  # median, minimum and maximum over the seeds


def verdict(published: Mapping[int, float], ours: Mapping[int, Spread], smaller_is_better: bool) -> str:
    """Return the verdict on a row from {epoch: value}; `ours` may lack epochs that were not trained."""
    pairs = [(published[epoch], ours[epoch]) for epoch in published if epoch in ours]
    if not pairs:
        return UNPUBLISHED
    if not smaller_is_better:
        return AGREES if all(median >= theirs for theirs, (median, _, _) in pairs) else DIFFERS
    apart = [(theirs, spread) for theirs, spread in pairs if not perplexity_agrees(theirs, spread)]
    if not apart:
        return AGREES
    return BETTER if all(median < theirs for theirs, (median, _, _) in apart) else DIFFERS


def perplexity_agrees(published: float, ours: Spread) -> bool:
    """Return whether `published` is in the spread of `ours`, or as far from 1 as its median within MAX_RATIO.

    A training that diverged makes the maximum infinite; then only the median counts.
    """
    median, low, high = ours
    if math.isfinite(high) and low <= published <= high:
        return True
    small, large = sorted((median - 1, published - 1))
    return large <= small * MAX_RATIO
