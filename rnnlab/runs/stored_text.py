"""The visitor's own text of a stored run: a file beside it, written once and never changed."""

from __future__ import annotations

from pathlib import Path

from rnnlab.limits import MAX_TEXT_CHARACTERS
from rnnlab.text.corpus import digest_of
from rnnlab.validation import InvalidInput

KIND = "txt"  # the file has the run's key as its name


def read_stored_text(path: Path, digest: object, field: str) -> str:
    """Return the text if it has that digest. Raises InvalidInput if it has another, or if there is none."""
    if not path.is_file():  # a pipe might never end
        raise InvalidInput("stored_text", field)
    try:
        with path.open("rb") as file:
            text = file.read(4 * MAX_TEXT_CHARACTERS + 1).decode("utf-8")
    except (OSError, ValueError):
        raise InvalidInput("stored_text", field) from None
    if not text.strip() or digest_of(text) != digest:
        raise InvalidInput("stored_text", field)
    return text
