"""Cut the places of a text into blocks, so that numbers for each place and each token of the vocabulary stay few."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlab import limits


def blocks_of_rows(rows: int, vocab_size: int) -> Iterator[slice]:
    """Yield slices of `rows` rows with at most MAX_LOGITS_AT_ONCE numbers each, but with one row at least.

    >>> [(part.start, part.stop) for part in blocks_of_rows(5, limits.MAX_LOGITS_AT_ONCE // 2)]
    [(0, 2), (2, 4), (4, 5)]
    """
    step = max(1, limits.MAX_LOGITS_AT_ONCE // vocab_size)
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))
