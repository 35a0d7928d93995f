"""Payload of the surprise panel: the text of a run, and how unexpected each token was after the chosen epoch.

`tabs/train/surprise_panel.js` draws it. A run's id is a secret of its visitor: it grants access to the beginning of
the run's text, as to its songs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.experiments.language_model.recording import Tick
from rnnlab.experiments.language_model.surprise_at import PARTS, Surprise, SurpriseText, Windows, instead
from rnnlab.limits import MAX_HEADER_COUNT, MAX_REPLAY_SECONDS
from rnnlab.runs import Run, Runner
from rnnlab.ui.tabs.train.replaying import replayed_row
from rnnlab.ui.tabs.train.surprise_subject import Subject, subject_of_curve, subject_of_run
from rnnlab.validation import Choice, Integer

WINDOW = 3000  # tokens of each part that are sent at once
UNITS = 10  # of a bit: bits are sent as whole numbers


def surprise_value(
    subject: Subject, epoch: int | None, starts: dict[str, int], *, with_text: bool = True
) -> dict[str, Any]:
    """Return what the panel draws: a window of each part with its bits.

    epoch: None for the last one. starts: the first token of each part's window. Raises InvalidInput.
    """
    wanted = subject.now if epoch is None else Integer(0, MAX_HEADER_COUNT).require("epoch", epoch)
    windows = _windows(subject.text, starts)
    return _value(subject, subject.surprise(wanted, windows), wanted, windows, with_text)


def exact_value(subject: Subject, epoch: int, starts: dict[str, int], with_text: bool, tick: Tick) -> dict[str, Any]:
    """Return `surprise_value` of an epoch that is trained anew. Raises InvalidInput, and what `tick` raises."""
    windows = _windows(subject.text, starts)
    return _value(subject, subject.exact_surprise(epoch, windows, tick), epoch, windows, with_text)


def _value(subject: Subject, surprise: Surprise, wanted: int, windows: Windows, with_text: bool) -> dict[str, Any]:
    text = subject.text
    return {
        "epoch": surprise.epoch,
        "wanted": wanted,
        "now": subject.now,
        "live": subject.live,
        "has_model": subject.has_model,
        "source": surprise.source,
        "replay": subject.replay(surprise, wanted),
        "replay_seconds": MAX_REPLAY_SECONDS,
        "vocab_size": len(text.vocab),
        "words": text.vocab.spacing != "none",
        "parts": {
            part: _window(text, surprise, part, windows[part], with_text) if part in windows else None for part in PARTS
        },
    }


def _windows(text: SurpriseText, starts: dict[str, int]) -> dict[str, range]:
    """Return WINDOW tokens of each part from its start on, or from the nearest start of a window."""
    found = {}
    for part in text.ids:
        total = text.shown(part)
        start = max(0, min(starts.get(part, 0), total - 1)) // WINDOW * WINDOW
        found[part] = range(start, min(start + WINDOW, total))
    return found


def _window(text: SurpriseText, surprise: Surprise, part: str, window: range, with_text: bool) -> dict[str, Any]:
    shown = slice(window.start, window.stop)
    mean = surprise.mean_bits(part, shown)
    return {
        "start": window.start,
        "window": WINDOW,
        "shown": text.shown(part),
        "total": len(text.ids[part]),
        "mean_bits": None if math.isnan(mean) else mean,
        "tenths": in_tenths(surprise.bits[part][shown]),
    } | ({"pieces": text.pieces[part][shown]} if with_text else {})


def in_tenths(bits: NDArray[np.float32]) -> list[int | None]:
    """Return bits as whole tenths; None for NaN."""
    return [None if math.isnan(value) else round(value * UNITS) for value in bits.tolist()]


def expected_value(subject: Subject, epoch: int | None, part: str, place: int) -> dict[str, Any] | None:
    """Return what was expected at a place of a part, and after which epoch; None where no weights are kept.

    Raises InvalidInput.
    """
    Choice(PARTS).check("part", part)
    if not subject.has_model:
        return None
    unread = dict.fromkeys(subject.text.ids, range(0))  # one place is read by itself
    surprise = subject.surprise(subject.now if epoch is None else epoch, unread)
    model, of = subject.model(surprise)
    found = instead(model, subject.text, surprise, part, place)
    return {
        "epoch": of,
        "part": part,
        "place": place,
        "token": found.token,
        "bits": found.bits,
        "likeliest": [list(pair) for pair in found.likeliest],
    }


@dataclass(frozen=True)
class TrainSurprise:
    """The payloads that `rnnlab.ui.server.surprise_routes` asks for."""

    runner: Runner

    def of_run(self, run: Run, epoch: int | None, starts: dict[str, int], with_text: bool) -> dict[str, Any] | None:
        """Return `surprise_value` of a run; None for a lesson. Raises InvalidInput."""
        subject = subject_of_run(self.runner, run)
        return None if subject is None else surprise_value(subject, epoch, starts, with_text=with_text)

    def exact_of_run(
        self, run: Run, epoch: int | None, starts: dict[str, int], with_text: bool, tick: Tick
    ) -> dict[str, Any] | None:
        """Return `exact_value` of a run; None for a lesson. Raises InvalidInput, and what `tick` raises."""
        subject = subject_of_run(self.runner, run)
        wanted = Integer(0, MAX_HEADER_COUNT).require("epoch", -1 if epoch is None else epoch)
        return None if subject is None else exact_value(subject, wanted, starts, with_text, tick)

    def songs_of_run(self, run: Run, epoch: int | None, tick: Tick) -> dict[str, Any] | None:
        """Return `replayed_row` of a run. Raises InvalidInput, and what `tick` raises."""
        wanted = Integer(0, MAX_HEADER_COUNT).require("epoch", -1 if epoch is None else epoch)
        return replayed_row(run, wanted, tick)

    def of_curve(self, name: str, epoch: int | None, starts: dict[str, int], with_text: bool) -> dict[str, Any]:
        """Return `surprise_value` of a shipped model or a recipe's recorded run. Raises InvalidInput."""
        return surprise_value(subject_of_curve(name), epoch, starts, with_text=with_text)

    def expected_of_run(self, run: Run, epoch: int | None, part: str, place: int) -> dict[str, Any] | None:
        """Return `expected_value` of a run; None for a lesson. Raises InvalidInput."""
        subject = subject_of_run(self.runner, run)
        return None if subject is None else expected_value(subject, epoch, part, place)

    def expected_of_curve(self, name: str, epoch: int | None, part: str, place: int) -> dict[str, Any] | None:
        """Return `expected_value` of a shipped model; None for a recipe's recorded run. Raises InvalidInput."""
        return expected_value(subject_of_curve(name), epoch, part, place)
