"""Compare our results with the published ones.

The smallest perplexity is 1, so the differences from 1 are compared: ours agrees if the median minus 1 is at most 1.25
times the published perplexity minus 1 at each published epoch. Shares (of a word, of the tags) agree if they are at
least as large as the published ones.
"""

from __future__ import annotations

from collections.abc import Mapping

AGREES, BETTER, DIFFERS, UNPUBLISHED = "agrees", "better", "differs", "no figure published"
ANOTHER_TEXT = "another text"  # not the one of the published results, so that a comparison is impossible
MAX_RATIO = 1.25


def verdict(published: Mapping[int, float], ours: Mapping[int, float], smaller_is_better: bool) -> str:
    """Return the verdict on a row from {epoch: value}; `ours` may lack epochs that were not trained.

    BETTER means better by more than MAX_RATIO at every epoch, which is impossible for shares.
    """
    pairs = [(published[epoch], ours[epoch]) for epoch in published if epoch in ours]
    if not pairs:
        return UNPUBLISHED
    if not smaller_is_better:
        return AGREES if all(mine >= theirs for theirs, mine in pairs) else DIFFERS
    if all((mine - 1) * MAX_RATIO < theirs - 1 for theirs, mine in pairs):
        return BETTER
    return AGREES if all(mine - 1 <= (theirs - 1) * MAX_RATIO for theirs, mine in pairs) else DIFFERS
