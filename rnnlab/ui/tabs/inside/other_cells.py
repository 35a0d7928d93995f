"""RNN, GRU and LSTM trained like a visitor's own run: what it takes, and the training, beside the run's recording."""

from __future__ import annotations

import time
from typing import Any

from starlette.requests import Request

from rnnlab.experiments.language_model.gradient_curves import LensCurve
from rnnlab.experiments.language_model.other_cells import (
    OtherCells,
    other_curves,
    plan_other_cells,
    train_other_cells,
)
from rnnlab.experiments.language_model.recording import Recording, Tick
from rnnlab.limits import MAX_OTHER_CELLS_SECONDS
from rnnlab.ui.i18n import message_of, words
from rnnlab.ui.i18n.languages import Language
from rnnlab.ui.tabs.inside.opened import NOTHING_KEPT, Opened, opened_by
from rnnlab.ui.tabs.networks import TRAINED
from rnnlab.ui.tabs.train.replaying import BUSY, Replaying
from rnnlab.validation import InvalidInput


def others_value(opened: Opened, language: Language) -> dict[str, Any]:
    """Return what it takes to train the other cells like the opened network, or in words why that cannot be done."""
    replaying, texts = opened.network.replaying, words(language)
    if replaying is None:
        why = "not_recorded" if opened.network.name == TRAINED else "no_run"
        return {"reason": texts[f"inside_gradient.others.{why}"]}
    if not replaying.training.epoch:
        return {"reason": texts["inside_gradient.others.not_yet"]}
    try:
        plan = _plan(replaying)
    except InvalidInput as error:
        if error.code in NOTHING_KEPT:
            return {"reason": texts["inside_gradient.others.not_recorded"]}
        return {"reason": message_of(error, language)}
    return {
        "reason": "",
        "cells": [cell.upper() for cell in plan.cells],
        "trained": min(plan.trained),
        "epochs": plan.epochs,
        "last": plan.last,
        "seconds": plan.seconds,
        "most_seconds": MAX_OTHER_CELLS_SECONDS,
    }


def curves_alike(opened: Opened, epoch: int) -> list[LensCurve]:
    """Return the curves of the other cells after `epoch` on the opened text; none where they have not been trained."""
    recording = None if opened.network.replaying is None else opened.network.replaying.training.recording
    return [] if recording is None else other_curves(recording, opened.text.ids.tolist(), epoch)


def train_others(key: str, request: Request | None, tick: Tick) -> dict[str, Any] | None:
    """Train the other cells like the network that was opened under a key; None if nothing is kept under it.

    Raises InvalidInput, also where it takes much longer than was estimated, and what `tick` raises; the epochs that
    are whole by then stay recorded.
    """
    opened = opened_by(key)
    if opened is None:
        return None
    replaying, began = opened.network.replaying, time.monotonic()
    if replaying is None:
        raise InvalidInput("epoch_not_recorded", "epoch", value=opened.network.wanted)
    plan = _plan(replaying)

    def bounded(share: float) -> None:
        if time.monotonic() - began > BUSY * MAX_OTHER_CELLS_SECONDS:
            raise InvalidInput("other_cells_busy", "model", high=BUSY * MAX_OTHER_CELLS_SECONDS)
        tick(share)

    training = replaying.training
    train_other_cells(_recording_of(replaying), plan, replaying.text(), device=training.device, tick=bounded)
    return {"epochs": plan.epochs}


def _plan(replaying: Replaying) -> OtherCells:
    return plan_other_cells(_recording_of(replaying), replaying.training.epoch)


def _recording_of(replaying: Replaying) -> Recording:
    recording = replaying.training.recording
    assert recording is not None  # see `replaying_of`
    return recording
