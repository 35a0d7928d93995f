"""The rows of a run's curve as one more file of a recording, as a page draws them without training anything."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from rnnlab.experiments.language_model.recording.recording import Recording
from rnnlab.validation import InvalidInput

ROWS = "rows.json"  # the rows of `curve.CurveRows`, in their order


def add_rows(recording: Recording, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write the rows of the run's curve into a recording in a folder. Raises OSError."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows)
    recording.files.write(ROWS, f"[\n{lines}\n]\n".encode())


def rows_of(recording: Recording) -> list[dict[str, Any]]:
    """Return the rows of the run's curve. Raises InvalidInput if the recording has none, or damaged ones."""
    try:
        rows = json.loads(recording.files.read(ROWS))
        if not (isinstance(rows, list) and all(isinstance(row["kind"], str) for row in rows)):
            raise ValueError(ROWS)
    except OSError:
        raise InvalidInput("recording_missing", "recording") from None
    except (KeyError, TypeError, ValueError, RecursionError):
        raise InvalidInput("recording_damaged", ROWS) from None
    return rows
