"""The section Gradient: how far back a prediction reaches, and how that falls with the lag in several networks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rnnlab.experiments.language_model.gradient_curves import (
    LensCurve,
    cells_at_start,
    forget_biases_at_start,
    measured_curves,
)
from rnnlab.experiments.language_model.looks.gradient import lens_at, of_letter, own_curve, start_curve
from rnnlab.experiments.language_model.looks.options import states_in, whole
from rnnlab.figures import LagLine, gradient_lens_figure
from rnnlab.figures.theme import DARK_COLORS
from rnnlab.ui.i18n import words
from rnnlab.ui.i18n.languages import FALLBACK, language_of_tag
from rnnlab.ui.tabs.inside.opened import Opened
from rnnlab.ui.tabs.inside.other_cells import curves_alike, others_value
from rnnlab.validation import Choice

LETTERS = ("c", "h")  # of an LSTM's states
VIEWS = ("training", "cells", "bias")
TABLE_LAGS = (0, 5, 10, 20, 30, 50)

Words = Mapping[str, str]
Check = Callable[[], None]


def answer(opened: Opened, query: Mapping[str, str], check: Check = lambda: None) -> dict[str, Any]:
    """Return the norms at a place, and with `view` in the query the figure of one of VIEWS. Raises InvalidInput.

    The gradients are those to the top layer; `letter` says to which state of an LSTM.
    check: called before each curve; it raises where nobody waits any more.
    """
    letter = Choice(LETTERS).check("letter", query.get("letter") or LETTERS[0])
    own = [name for name in states_in(opened.text) if name.startswith(f"l{opened.text.config.num_layers - 1}.")]
    state = next((name for name in own if name.endswith(letter)), own[0])
    last = len(opened.text.ids) - 1
    found = lens_at(opened.text, state, whole(query, "place", 1, last, last))
    view = query.get("view")
    return found | {"picture": picture(opened, letter, view, query.get("lang", ""), check) if view else None}


def picture(opened: Opened, letter: str, view: str, tag: str, check: Check = lambda: None) -> dict[str, Any]:
    """Return a figure in the language of `tag`, and its numbers at TABLE_LAGS. Raises InvalidInput.

    "training": the network now and before its training, beside the other cells where they were trained alike, else
    over RNN, GRU and LSTM that were measured in advance;
    "cells": the three cells with its settings, before training; "bias": its settings as an LSTM, before training, by
    forget bias.
    """
    language = language_of_tag(tag) or FALLBACK
    texts = words(language)
    of_view = {"training": _training, "cells": _cells, "bias": _biases}
    lines = list(of_view[Choice(VIEWS).check("view", view)](opened, letter, texts, check))
    labels = {name: texts[f"inside_gradient.figure.{name}"] for name in ("lag", "norm", "here", "under", "beyond")}
    figure = gradient_lens_figure(lines, labels)
    return {
        "view": view,
        "about": "alike" if any(line.uid.startswith("alike") for line in lines) else view,
        "others": others_value(opened, language) if view == "training" else None,
        "figure": json.loads(figure.to_json(remove_uids=False)),
        "dark_colors": dict(DARK_COLORS),
        "lags": list(TABLE_LAGS),
        "rows": [[line.name, [_at(line, lag) for lag in TABLE_LAGS]] for line in lines],
    }


def _training(opened: Opened, letter: str, texts: Words, check: Check) -> Iterator[LagLine]:
    epoch = opened.network.epoch
    others = curves_alike(opened, epoch)
    for curve in () if others else measured_curves():
        name = _filled(texts, "measured", curve, letter)
        yield _line(f"measured-{curve.model}-{curve.epoch}", name, curve, letter, thin=True)
    check()
    for curve in [*(curves_alike(opened, 0) if others and epoch else ()), *others]:
        yield _line(f"alike-{curve.model}-{curve.epoch}", _filled(texts, "alike", curve, letter), curve, letter)
    check()
    if epoch:
        start = start_curve(opened.text)
        yield _line("own-0", _filled(texts, "own", start, letter), start, letter)
    check()
    now = own_curve(opened.text, epoch)
    yield _line("own", _filled(texts, "own", now, letter), now, letter)


def _cells(opened: Opened, letter: str, texts: Words, check: Check) -> Iterator[LagLine]:
    for curve in cells_at_start(opened.text.config, len(opened.text.vocab), opened.text.ids.tolist(), check):
        yield _line(f"start-{curve.model}", _filled(texts, "cell", curve, letter), curve, letter)


def _biases(opened: Opened, letter: str, texts: Words, check: Check) -> Iterator[LagLine]:
    ids = opened.text.ids.tolist()
    for curve in forget_biases_at_start(opened.text.config, len(opened.text.vocab), ids, check):
        yield _line(f"bias-{curve.forget_bias:g}", _filled(texts, "bias", curve, letter), curve, letter)


def _filled(texts: Words, name: str, curve: LensCurve, letter: str) -> str:
    """Return the name of a line; that of an LSTM says to which of its states the gradient is."""
    cell = curve.model.upper()
    state = letter if curve.c else ""
    bias = "" if curve.forget_bias is None else f"{curve.forget_bias:g}"
    return texts[f"inside_gradient.line.{name}"].format(cell=f"{cell} {state}".strip(), epoch=curve.epoch, bias=bias)


def _line(uid: str, name: str, curve: LensCurve, letter: str, *, thin: bool = False) -> LagLine:
    points = list(enumerate(of_letter(curve, letter)))
    return LagLine(uid, name, curve.model, points, "solid" if curve.epoch else "dot", thin)


def _at(line: LagLine, lag: int) -> float | None:
    found = dict(line.points)
    return found.get(lag)
