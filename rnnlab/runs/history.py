"""Keep the history of a run: an append-only list of plain rows that any number of viewers read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rnnlab import limits
from rnnlab.experiments.event import Event, plain
from rnnlab.experiments.language_model.events import without_samples

Row = dict[str, Any]
EventToRow = Callable[[Event], Row | None]  # None leaves the event out of the history


class History:
    """Rows by number. One thread at a time appends, any thread reads; a row never changes its number."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self._rows: list[Row] = []
        self._sampled: deque[int] = deque()  # numbers of the rows with samples
        self.nbytes = 0  # estimated
        for row in rows:
            self.append(row)

    def append(self, row: Row) -> None:
        """Add a row at the end; drop the samples of the oldest sampled row when there are too many."""
        row = plain_row(row)
        self._rows.append(row)
        self.nbytes += json_nbytes(row)
        if row.get("samples") and row.get("kind") != "untrained":  # those of epoch 0 stay, to compare with
            self._sampled.append(len(self._rows) - 1)
            if len(self._sampled) > limits.MAX_SAMPLED_EPOCHS:
                self._drop_samples(self._sampled.popleft())

    def since(self, cursor: int) -> tuple[tuple[Row, ...], int]:
        """Return the rows from number `cursor` on (beyond the last row: all rows), and the next cursor."""
        start = cursor if 0 <= cursor <= len(self._rows) else 0
        rows = tuple(self._rows[start:])
        return rows, start + len(rows)

    def last(self, kind: str) -> Row | None:
        """Return the latest row of this kind."""
        return next((row for row in reversed(self._rows) if row.get("kind") == kind), None)

    def _drop_samples(self, number: int) -> None:
        """Replace row `number` by one without samples: a reader may hold the old one."""
        old = self._rows[number]
        self._rows[number] = new = without_samples(old)
        self.nbytes += json_nbytes(new) - json_nbytes(old)


def plain_row(row: Row) -> Row:
    """Return `row` with values that JSON can write."""
    return {name: plain(value) for name, value in row.items()}


def json_nbytes(value: object) -> int:
    """Estimate how many bytes a piece of JSON takes in Python's memory."""
    if isinstance(value, Mapping):
        return 64 + sum(48 + json_nbytes(item) for item in value.values())
    if isinstance(value, list | tuple):
        return 56 + sum(8 + json_nbytes(item) for item in value)
    return 50 + 2 * len(value) if isinstance(value, str) else 24
