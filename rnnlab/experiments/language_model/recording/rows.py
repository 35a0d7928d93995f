"""The rows of a run's curve as one more file of a recording, as a page draws them without training anything."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from rnnlab.checkpoints import Checkpoint
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


def without_weights(recording: Recording) -> Checkpoint:
    """Return settings, vocabulary and curve of a recorded run as a checkpoint that has no weights.

    Raises InvalidInput if the recording has no rows, or damaged ones.
    """
    index, rows = recording.index, rows_of(recording)
    history = [{key: value for key, value in row.items() if key != "kind"} for row in rows if row["kind"] == "epoch"]
    config = index.config_at(len(history) + 1, 1)
    return Checkpoint(config, index.vocab, {}, len(history), tuple(history), index.text_digest)
