"""The look at gradients: how far back the prediction of one token reaches, and how that falls with the lag."""

from __future__ import annotations

from typing import Any

from rnnlab.experiments.language_model.gradient_curves import (
    MAX_CURVE_TOKENS,
    LensCurve,
    curve_at_start,
    lens_curve,
    measured_curves,
)
from rnnlab.experiments.language_model.inspected import InspectedText
from rnnlab.experiments.language_model.looks.options import Query, state_of, whole
from rnnlab.inspection.gradient_lens import MAX_LAGS, gradient_norms, noted_history

OPTIONS = ("state", "place")


def answer(inspected: InspectedText, query: Query) -> dict[str, Any]:
    """Return the norms at one place by lag, and the curves by lag, as plain data.

    The place, from 1, is that of the predicted token, by default the last one of the text.
    """
    state = state_of(inspected, query)
    last = len(inspected.ids) - 1
    place = whole(query, "place", 1, last, last)
    return {
        **lens_at(inspected, state, place),
        "curve": _states_of(own_curve(inspected)),
        "start": _states_of(start_curve(inspected)),
        "measured": [curve.to_dict() for curve in measured_curves()],
    }


def lens_at(inspected: InspectedText, state: str, place: int) -> dict[str, Any]:
    """Return the norm of the gradient of the prediction at `place` to `state` after each earlier token.

    norms[k] is that after token place − 1 − k, at most MAX_LAGS of them. `bits` is how unexpected the token was.
    """
    layer = int(state.removeprefix("l").partition(".")[0])
    first = max(0, place - MAX_LAGS)
    history = noted_history(inspected.model, inspected.reading, first, place + 1)
    found = gradient_norms(inspected.model, history, [place - first], layer=layer)[state]
    return {
        "state": state,
        "place": place,
        "token": inspected.pieces[place],
        "bits": float(inspected.reading.surprisal[place]),
        "norms": found[0, : min(place, MAX_LAGS)].tolist(),
    }


def own_curve(inspected: InspectedText, epoch: int = -1) -> LensCurve:
    """Return the curve of the network that has read the text, on the first MAX_CURVE_TOKENS of its tokens.

    epoch: of the network, where it is known.
    """
    history = noted_history(inspected.model, inspected.reading, 0, MAX_CURVE_TOKENS)
    return lens_curve(inspected.model, inspected.config, history.ids, epoch, history=history)


def start_curve(inspected: InspectedText) -> LensCurve:
    """Return the same of the network before its training, made anew from the seed."""
    return curve_at_start(inspected.config, len(inspected.vocab), inspected.ids.tolist())


def _states_of(curve: LensCurve) -> dict[str, list[float]]:
    return {"h": list(curve.h), "c": list(curve.c)}


def of_letter(curve: LensCurve, letter: str) -> tuple[float, ...]:
    """Return a curve to the cell, "c", where the network has one, else to the hidden state."""
    return curve.c if curve.c and letter == "c" else curve.h
