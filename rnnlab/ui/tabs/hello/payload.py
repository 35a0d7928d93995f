"""Payload of the RNNCell tab: each epoch of the run, with every number of the cell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnlab.experiments.event import Event, row
from rnnlab.experiments.hello import (
    Config,
    Epoch,
    Finished,
    NetworkState,
    Started,
    pytorch_line,
    run,
    smallest_loss,
)
from rnnlab.figures import HelloCurve, hello_figure
from rnnlab.inspection import WordGradients, backward, lines_of, trace_word
from rnnlab.inspection.weight_gradient import WEIGHTS
from rnnlab.inspection.word_trace import OUTPUT_CODE, OUTPUT_FORMULA, products, sums
from rnnlab.limits import MAX_WALKED_EPOCHS, MAX_WALKED_NUMBERS
from rnnlab.runs import Row
from rnnlab.ui.tabs.lesson import View

DECIMALS = 8  # of the numbers in the payload
DIGITS = 7  # significant ones of those that may be very small: derivatives and Adam's running means

# The settings on the page; the first few stay in reach, the rest are under "Advanced".
IN_REACH = ("source", "target", "module", "implementation")
ADVANCED = ("learning_rate", "loss", "epochs", "seed", "output", "hidden_size", "reset_after", "optimizer")
SETTINGS = IN_REACH + ADVANCED


@dataclass(frozen=True)
class StartedWithLines(Event):
    """The run's constants, the line of Python for each step, and the cell's equations."""

    started: Started
    lines: tuple[str, ...]
    equations: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class WalkedEpoch(Event):
    """An epoch, with every step of the cell through the word, forward and backward."""

    look: NetworkState
    walk: WordGradients


def run_with_walks(config: Config) -> Iterator[Event]:
    """Run the experiment; MAX_WALKED_EPOCHS epochs at most, and the end, have every number of the cell."""
    every = 1
    for event in run(config):
        if isinstance(event, Started):
            every = math.ceil(config.epochs / walks_of(config, event.parameters))
            lines = tuple(pytorch_line(config, k + 1) for k in range(len(config.source)))
            yield StartedWithLines(event, lines, tuple(equations_of(config)))
        elif isinstance(event, NetworkState) and (isinstance(event, Finished) or (event.epoch - 1) % every == 0):
            read = trace_word(config.equations, event.arrays, config.ids(config.source))
            yield WalkedEpoch(event, backward(read, config.ids(config.target), config.loss_scale))
        else:
            yield event


def walks_of(config: Config, parameters: int) -> int:
    """Return how many epochs of a run have every number, so that all of them have MAX_WALKED_NUMBERS at most."""
    size, lines = config.units, lines_of(config.equations)
    assert lines is not None  # all cells of the lesson have lines
    step = size * (3 * len(lines.blocks) + 4 * len(lines.lines) + 3) + 4 * len(config.vocabulary)
    return max(1, min(MAX_WALKED_EPOCHS, MAX_WALKED_NUMBERS // (3 * parameters + len(config.source) * step)))


def equations_of(config: Config) -> Iterator[dict[str, Any]]:
    """Yield the equations of the cell and of the output: formula, code, and which parts each sum has.

    `block` is the place of a quantity's rows in the weights; -1 of one without rows of its own.
    """
    lines = lines_of(config.equations)
    assert lines is not None  # all cells of the lesson have lines
    for line in lines.lines:
        by = next((part for part in line.parts if part.kind == "h"), None)
        yield {
            "letter": line.letter,
            "formula": line.formula,
            "code": line.code,
            "activation": line.activation,
            "block": by.block if by else -1,
            "times": by.times.name if by and by.times else "",
            "by": by.by.name if by and by.by else "",
            "upstream": line.upstream,
        }
    if config.output == "linear":
        output = {"letter": "s", "formula": OUTPUT_FORMULA, "code": OUTPUT_CODE, "activation": "", "block": -1}
        yield {**output, "times": "", "by": "h_t", "upstream": "p_t - y_t"}


def record(event: Event) -> Row:
    """Return an event's row; an epoch without its steps has only the loss and the predicted word."""
    match event:
        case StartedWithLines():
            return {**row(event.started), "lines": event.lines, "equations": event.equations}
        case WalkedEpoch():
            weights = {name: _rounded(array) for name, array in event.look.arrays.items()}
            steps = [_step(event.walk, t) for t in range(len(event.walk.steps))]
            return {**_bare(event.look), **weights, **_moments(event.look), "steps": steps}
    return _bare(event)


def _bare(event: Event) -> Row:
    """Return the row of an event without the numbers of the network."""
    return {name: value for name, value in row(event).items() if name not in (*WEIGHTS, "m", "v")}


def _moments(look: NetworkState) -> dict[str, list[float]]:
    """Return Adam's running means after the epoch; empty with SGD, and after the last update."""
    m, v = (look.m, look.v) if isinstance(look, Epoch) else (np.empty(0), np.empty(0))
    return {"m": _significant(m), "v": _significant(v)}


def _step(walk: WordGradients, t: int) -> dict[str, Any]:
    """Return every number of one step that the panel shows, forward and backward."""
    read, trace, back = walk.trace, walk.trace.steps[t], walk.steps[t]
    return {
        "x_t": _rounded(trace.vectors["x_t"]),
        "h_prev": _rounded(trace.vectors["h_{t-1}"]),
        "c_prev": _rounded(trace.vectors.get("c_{t-1}", np.empty(0))),
        "from_x": _rounded(products(trace, "x")),
        "from_h": _rounded(products(trace, "h")),
        "sum": _rounded(sums(trace)),
        "values": {letter: _rounded(quantity.values) for letter, quantity in trace.quantities.items()},
        "h_t": _rounded(trace.h_t),
        "logits": _rounded(read.logits[t]),
        "probabilities": _rounded(read.probabilities[t]),
        "predicted": read.predicted[t],
        "d_logits": _significant(back.logits),
        "own": {letter: _significant(found.own) for letter, found in back.quantities.items()},
        "later": {letter: _significant(found.later) for letter, found in back.quantities.items()},
        "slope": {letter: _significant(found.slope) for letter, found in back.quantities.items()},
    }


def _rounded(array: np.ndarray) -> list[Any]:
    return np.round(array, DECIMALS).tolist()


def _significant(array: np.ndarray) -> list[float]:
    """Round to DIGITS significant digits."""
    with np.errstate(all="ignore"):
        size = np.floor(np.log10(np.abs(array), where=array != 0, out=np.zeros(array.shape)))
        scale = 10.0 ** (DIGITS - 1 - size)
        rounded = np.round(array * scale) / scale
    return np.where(np.isfinite(rounded), rounded, array).tolist()


def figures(config: Config, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return the empty curve; the panel fills it from the rows."""
    return {"curve": hello_figure(HelloCurve(epochs=config.epochs, smallest=smallest_loss(config) or None), labels)}


VIEW = View("hello", Config, run_with_walks, figures, record, {name: f"hello-{name}" for name in SETTINGS})
