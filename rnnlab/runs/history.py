"""What has happened in a run: an append-only list of plain rows that any number of viewers read."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from rnnlab.experiments.event import plain

Row = dict[str, Any]

KEPT_SONGS = 100  # epochs whose samples stay in the log: a page shows the last ones


class History:
    """Rows by number. One thread at a time appends, any thread reads; a row never changes its number."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self._rows: list[Row] = []
        self._sung: deque[int] = deque()
        self.nbytes = 0  # about what it takes in memory
        for row in rows:
            self.append(row)

    def append(self, row: Row) -> None:
        row = plain_row(row)
        self._rows.append(row)
        self.nbytes += footprint(row)
        if row.get("samples"):
            self._sung.append(len(self._rows) - 1)
            if len(self._sung) > KEPT_SONGS:
                self._forget_samples(self._sung.popleft())

    def since(self, cursor: int) -> tuple[tuple[Row, ...], int]:
        """The rows from number `cursor` on, and the next cursor. One beyond the log starts again from nothing."""
        start = cursor if 0 <= cursor <= len(self._rows) else 0
        rows = tuple(self._rows[start:])
        return rows, start + len(rows)

    def last(self, kind: str) -> Row | None:
        """The latest row of this kind."""
        return next((row for row in reversed(self._rows) if row.get("kind") == kind), None)

    def _forget_samples(self, number: int) -> None:
        """In a new row, for the old one may just be read."""
        old = self._rows[number]
        self._rows[number] = new = {**old, "samples": []}
        self.nbytes += footprint(new) - footprint(old)


def plain_row(row: Row) -> Row:
    """`row` as JSON takes it."""
    return {name: plain(value) for name, value in row.items()}


def footprint(value: object) -> int:
    """About how many bytes a piece of JSON takes in Python's memory."""
    if isinstance(value, Mapping):
        return 64 + sum(48 + footprint(item) for item in value.values())
    if isinstance(value, list):
        return 56 + sum(8 + footprint(item) for item in value)
    return 50 + 2 * len(value) if isinstance(value, str) else 24
