"""Serialize the rows of a training's history, and read them back.

The saved rows fit the checkpoint beside them: rows of minibatches that the checkpoint lacks are left out, because they
are trained anew. The checkpoint's history holds the rows of whole epochs already, so only their numbers are written.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any

from rnnlab.checkpoints.files import are_places, is_number
from rnnlab.experiments.language_model import Baselines, Epoch, EpochDiverged, Finished, Started, Untrained
from rnnlab.runs.history import Row
from rnnlab.runs.resume_point import Place
from rnnlab.validation import InvalidInput

FIELDS = {
    "start": {item.name for item in fields(Started)},
    "untrained": {item.name for item in fields(Untrained)},
    "baselines": {item.name for item in fields(Baselines)},
    "step": {"x", "y"},
    "changed": {"epoch", "step", "learning_rate", "before"},
    "diverged": {item.name for item in fields(EpochDiverged)},
    "recording_dropped": set(),
    "recording_ended": {"reason"},
    "finished": {item.name for item in fields(Finished)},
}
OPTIONAL = {"before"} | {  # older rows lack them
    item.name
    for event in (Started, Untrained, Epoch, Finished)
    for item in fields(event)
    if item.default is not MISSING
}
EPOCH_FIELDS = {item.name for item in fields(Epoch)}
NEVER_NONE = {"x", "epoch", "first_epoch", "step", "kept_epoch", "learning_rate"}  # these numbers are always there
TEXTS = {"device", "device_trouble", "reason"}
ROUNDED = 5e-5  # of the x of a minibatch, at most
LISTS = {"samples", "missing"}  # of texts
MAX_TEXT = 200  # characters, exclusive


def to_stored(rows: Iterable[Row], place: Place, ended: bool = False) -> list[Row | int]:
    """Return the rows up to `place`, without repeated epochs; whole epochs as numbers.

    Of a run that has `ended` also the rows after `place`: they show where it was stopped or diverged.

    >>> to_stored([{"kind": "step", "x": 1.0}, {"kind": "epoch", "epoch": 1}, {"kind": "step", "x": 1.5}], (1, 0))
    [{'kind': 'step', 'x': 1.0}, 1]
    """
    stored: list[Row | int] = []
    epoch, steps = place
    last_x = math.inf if ended else float(epoch)
    for row in rows:
        match row:
            case {"kind": "start", "first_epoch": first}:
                last_x = max(last_x, epoch + steps / row.get("steps", math.inf) + ROUNDED)
                stored = [other for other in stored if isinstance(other, int) or other.get("x", 0) <= first - 1]
                if not any(isinstance(other, dict) and other["kind"] == "start" for other in stored):
                    stored.append(row)
            case {"kind": "untrained"} if row not in stored:
                stored.append(row)
            case {"kind": "baselines"}:  # the same each time, if a run was interrupted and its text counted again
                if not any(isinstance(other, dict) and other["kind"] == "baselines" for other in stored):
                    stored.append(row)
            case {"kind": "recording_dropped" | "recording_ended"} if row not in stored:
                stored.append(row)
            case {"kind": "step", "x": x} if x <= last_x:
                stored.append(row)
            case {"kind": "epoch", "epoch": number} if number <= epoch:
                stored.append(number)
            case {"kind": "changed", "epoch": number}:
                known = number <= last_x or (number == epoch + 1 and row["step"] <= steps + 1)
                stored.append(row if known else {**row, "epoch": epoch + 1, "step": steps + 1})
            case {"kind": "diverged", "kept_epoch": number} | {"kind": "finished", "epoch": number} if number <= epoch:
                stored.append(row)
    return stored


def from_stored(stored: Any, history: Sequence[Mapping[str, Any]], field: str) -> list[Row]:
    """Return the rows that `to_stored` was given, with the checkpoint's `history`. Raises InvalidInput."""
    if not (isinstance(stored, list) and all(map(_is_row, stored)) and _is_history(history)):
        raise InvalidInput("stored_run", field)
    numbers = [row for row in stored if isinstance(row, int)]
    # An epoch may end while the run is saved: it is in the checkpoint, and not in the rows yet.
    stored = stored + [number for number in (len(history),) if number == len(numbers) + 1]
    if [row for row in stored if isinstance(row, int)] != list(range(1, len(history) + 1)):
        raise InvalidInput("stored_run", field)
    return [{"kind": "epoch", **history[row - 1]} if isinstance(row, int) else row for row in stored]


def _is_history(history: Sequence[Mapping[str, Any]]) -> bool:
    return all(
        EPOCH_FIELDS - OPTIONAL <= row.keys() <= EPOCH_FIELDS
        and row["epoch"] == number
        and _are_plain({**row, "samples": []})
        for number, row in enumerate(history, start=1)
    ) and all(isinstance(row["samples"], list) for row in history)


def _is_row(row: Any) -> bool:
    if isinstance(row, dict):
        kind = row.get("kind")
        if not isinstance(kind, str) or kind not in FIELDS:
            return False
        known, given = FIELDS[kind], row.keys() - {"kind"}
        return known - OPTIONAL <= given <= known and _are_plain(row)
    return type(row) is int


def _are_plain(row: Mapping[str, Any]) -> bool:
    return all(name == "kind" or _is_plain(name, value) for name, value in row.items())


def _is_plain(name: str, value: Any) -> bool:
    if name in TEXTS:
        return isinstance(value, str) and len(value) < MAX_TEXT
    if name == "copied_runs":
        return are_places(value)
    if name in LISTS:
        return isinstance(value, list) and all(isinstance(text, str) for text in value)
    if value is None:
        return name not in NEVER_NONE
    return is_number(value)
