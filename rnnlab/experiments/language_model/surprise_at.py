"""The text itself, and how unexpected each of its tokens was to a run's network after an epoch.

Training text and held-out text stand beside each other: the first goes pale while the network learns it, the second
shows what it has learned for a text that it has not read.

    text = SurpriseText(corpus)
    surprise = surprise_at(recording, text, 7)
    surprise.bits["held_out"]           # (N,), the first NaN
    instead(model, text, surprise, "held_out", 12).likeliest

Shapes: N tokens of a part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from rnnlab import limits
from rnnlab.experiments.language_model.recording import Recording, measured_parts, model_at
from rnnlab.inspection.expected import expected_at
from rnnlab.inspection.surprise import surprisal
from rnnlab.models import LanguageModel
from rnnlab.text import Corpus, TokenWriter
from rnnlab.validation import Choice, Integer, InvalidInput

PARTS = ("training", "held_out")
Windows = Mapping[str, range]  # by part, the tokens that are wanted
SOURCES = ("recorded", "rounded", "exact", "final")  # how bits were got, see `Surprise.source`
PIECE_BYTES = 70  # of a short string, and of its place in a tuple
MAX_BITS = 25.4  # of a token; more is shown as that, as recorded bytes do


class SurpriseText:
    """The beginnings of a run's training text and held-out text, as far as their surprise is shown."""

    def __init__(self, corpus: Corpus) -> None:
        self.vocab = corpus.vocab
        # by part; without held-out text "training" alone. Copies: a part of a tensor keeps all of it in memory
        self.ids: Mapping[str, Tensor] = {part: ids.clone() for part, ids in measured_parts(corpus).items()}

    @property
    def nbytes(self) -> int:
        """About the bytes that this takes, with the pieces of text that are shown."""
        return sum(ids.nbytes + PIECE_BYTES * self.shown(part) for part, ids in self.ids.items())

    def shown(self, part: str) -> int:
        """Return how many tokens of a part are shown; 0 if there is no such part."""
        most = limits.MAX_SURPRISE_TOKENS if part == "training" else limits.MAX_SURPRISE_TOKENS // 4
        return min(most, len(self.ids.get(part, ())))

    @cached_property
    def pieces(self) -> dict[str, tuple[str, ...]]:
        """The shown tokens of each part, each as what it adds to the text: a word with the space before it."""
        return {part: self._written(ids[: self.shown(part)]) for part, ids in self.ids.items()}

    def _written(self, ids: Tensor) -> tuple[str, ...]:
        return tuple(map(TokenWriter(self.vocab.spacing).write, self.vocab.decode(ids.tolist())))


@dataclass(frozen=True)
class Surprise:
    """How unexpected each shown token was."""

    epoch: int  # after which; 0: before training
    # "recorded" while it trained, to 0.05 bits; from weights "rounded" to half precision; from the "exact" weights of a
    # replay; from those of the "final" model, where nothing else is kept
    source: str
    # by part, (N,), at most MAX_BITS; the first of a part is NaN, and so are those that were not asked for
    bits: Mapping[str, NDArray[np.float32]]
    read: Mapping[str, int]  # by part, the tokens that were read: rows are cut by it (`inspection.surprise.rows_of`)

    def mean_bits(self, part: str, of: slice = slice(None)) -> float:
        """Return the mean over the tokens `of` a part, or all that are shown; NaN if none was predicted."""
        bits = self.bits[part][of]
        known = bits[~np.isnan(bits)]
        return float(known.mean(dtype=np.float64)) if len(known) else float("nan")


@dataclass(frozen=True)
class Instead:
    """What a network expected at a place."""

    token: str  # that stands there
    bits: float  # by which it was unexpected, at most MAX_BITS
    likeliest: tuple[tuple[str, float], ...]  # tokens with their probabilities, the likeliest first


def measure_surprise(
    model: LanguageModel, text: SurpriseText, epoch: int, source: str, windows: Windows | None = None
) -> Surprise:
    """Read the shown text with a model, or of it only what has to be read for `windows`."""
    bits = {
        part: surprisal(model, ids[: text.shown(part)], None if windows is None else windows[part]).numpy()
        for part, ids in text.ids.items()
    }
    return Surprise(
        epoch,
        Choice(SOURCES).check("source", source),
        {part: np.minimum(values, MAX_BITS) for part, values in bits.items()},  # NaN stays NaN
        {part: text.shown(part) for part in bits},
    )


def surprise_at(recording: Recording, text: SurpriseText, epoch: int, windows: Windows | None = None) -> Surprise:
    """Return the surprise after `epoch` as recorded, or from its kept weights; else after the nearest epoch of which
    either is kept. Raises InvalidInput if there is none.

    windows: all that is wanted; see `measure_surprise`.
    """
    nearest = nearest_epoch(recording, epoch)
    bits = {}
    if nearest in recording.surprised:
        recorded = recording.epoch(nearest)
        bits = {part: recorded.bits(part) for part in recorded.surprise}
    if {part: len(values) for part, values in bits.items()} != {part: len(ids) for part, ids in text.ids.items()}:
        return measure_surprise(model_at(recording, nearest), text, nearest, "rounded", windows)
    shown = {part: values[: text.shown(part)] for part, values in bits.items()}
    return Surprise(nearest, "recorded", shown, {part: len(values) for part, values in bits.items()})


def nearest_epoch(recording: Recording, epoch: int) -> int:
    """Return the epoch nearest to `epoch`, the earlier of two, whose weights or surprise are kept.

    Raises InvalidInput if there is none.
    """
    known = {*recording.weighted, *recording.surprised}
    if not known:
        raise InvalidInput("epoch_not_recorded", "epoch", value=epoch)
    return min(sorted(known), key=lambda other: abs(other - epoch))


def nearest_model(recording: Recording, epoch: int) -> tuple[LanguageModel, int]:
    """Return the model after the epoch nearest to `epoch` whose weights are kept, and it. Raises InvalidInput."""
    nearest = min(recording.weighted, key=lambda other: abs(other - epoch), default=epoch)
    return model_at(recording, nearest), nearest


def instead(model: LanguageModel, text: SurpriseText, surprise: Surprise, part: str, place: int) -> Instead:
    """Return what `model` expected at a place of a part, after what `surprise` was measured after.

    place: from 1, for before the first token nothing was read. Raises InvalidInput.
    """
    Choice(tuple(surprise.bits)).check("part", part)
    Integer(1, len(surprise.bits[part]) - 1).check("place", place)
    found = expected_at(model, text.ids[part][: surprise.read[part]], place)
    tokens = text.vocab.decode([int(text.ids[part][place]), *found.ids])
    return Instead(tokens[0], min(found.bits, MAX_BITS), tuple(zip(tokens[1:], found.probabilities, strict=True)))
