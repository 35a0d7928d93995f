"""Let a writer write an acrostic, by default with lines as long as those of the text that it has learned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from rnnlab.experiments.language_model.writer import Writer
from rnnlab.generation import Acrostic, AcrosticLine, acrostic, line_ends
from rnnlab.generation.acrostic import MAX_LINE
from rnnlab.generation.acrostic_places import is_han

QUARTILES = (25, 75)  # percent of the text's lines, between which the lines of an acrostic are
UNKNOWN_BANDS = {"han": (5, 10), "words": (5, 9), "letters": (20, 40)}  # where the text is not known


@dataclass(frozen=True)
class WrittenAcrostic:
    """An acrostic whose lines come one after the other."""

    how: Acrostic  # with the lengths that were filled in
    lines: Iterator[AcrosticLine]


def write_acrostic(writer: Writer, how: Acrostic) -> WrittenAcrostic:
    """Return the acrostic that `writer` writes by `how`. Raises InvalidInput."""
    filled = banded(writer, how)
    return WrittenAcrostic(filled, acrostic(writer.decoder(), writer.vocab, filled))


def banded(writer: Writer, how: Acrostic) -> Acrostic:
    """Return `how` with the lengths that it leaves open: the quartiles of the text's lines, which both are counted in.

    A given length moves the other one if the band would hold none. Raises InvalidInput for a text without line ends.
    """
    low, high = line_band(writer)
    low = min(low, how.max_line or MAX_LINE) if how.min_line is None else how.min_line
    high = max(high, low) if how.max_line is None else how.max_line
    return replace(how, min_line=low, max_line=high)


def line_band(writer: Writer) -> tuple[int, int]:
    """Return the lower and upper quartile of the lengths, in tokens, of the lines of the learned text."""
    ends = line_ends(writer.vocab)
    if writer.learned is not None and writer.learned.corpus.vocab.tokens == writer.vocab.tokens:
        ids = writer.learned.corpus.train_ids.numpy()
        places = np.flatnonzero(np.isin(ids, ends))
        lengths = np.diff(places, prepend=-1) - 1
        lengths = lengths[lengths > 0]
        if len(lengths):
            low, high = np.percentile(lengths, QUARTILES, method="nearest")
            return int(min(low, MAX_LINE)), int(min(high, MAX_LINE))
    kind = "words" if writer.vocab.has_words else "han" if is_han(writer.vocab) else "letters"
    return UNKNOWN_BANDS[kind]


def acrostic_row(line: AcrosticLine) -> dict[str, Any]:
    """Return a line as plain data for JSON, with its price in bits."""
    return {**asdict(line), "bits": line.bits}
