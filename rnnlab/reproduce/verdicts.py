"""Does a figure of ours agree with a published one?

A perplexity of 1 is certainty, so what is compared is the distance from it: ours agrees when our median is within a
factor 1.25 of the published perplexity minus one, at each published epoch, or better. Shares (of a word, of the
tags) agree when they are as large as what was published.
"""

from __future__ import annotations

from collections.abc import Mapping

AGREES, BETTER, DIFFERS, UNPUBLISHED = "agrees", "better", "differs", "no figure published"
ANOTHER_TEXT = "another text"  # than the published figures are of: nothing to compare
FACTOR = 1.25


def verdict(published: Mapping[int, float], ours: Mapping[int, float], smaller_is_better: bool) -> str:
    """The row's verdict from {epoch: figure}. `ours` may lack epochs that were not trained this time.

    `better`: better by more than the factor everywhere (no share can be).
    """
    pairs = [(published[epoch], ours[epoch]) for epoch in published if epoch in ours]
    if not pairs:
        return UNPUBLISHED
    if not smaller_is_better:
        return AGREES if all(mine >= theirs for theirs, mine in pairs) else DIFFERS
    if all((mine - 1) * FACTOR < theirs - 1 for theirs, mine in pairs):
        return BETTER
    return AGREES if all(mine - 1 <= (theirs - 1) * FACTOR for theirs, mine in pairs) else DIFFERS
