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
    Finished,
    NetworkState,
    Started,
    pytorch_line,
    run,
    smallest_loss,
)
from rnnlab.figures import HelloCurve, hello_figure
from rnnlab.inspection import StepTrace, walk
from rnnlab.limits import MAX_WALKED_EPOCHS
from rnnlab.runs import Row
from rnnlab.ui.tabs.lesson import View

DECIMALS = 8  # of the numbers in the payload

# The settings on the page; the first few stay in reach, the rest are under "Advanced".
IN_REACH = ("source", "target", "module", "implementation")
ADVANCED = ("learning_rate", "loss", "epochs", "seed")
SETTINGS = IN_REACH + ADVANCED
VECTORS = ("x_t", "h_prev", "from_x", "from_h", "sum", "h_t", "probabilities")
WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


@dataclass(frozen=True)
class StartedWithLines(Event):
    """The run's constants, and the line of Python for each step."""

    started: Started
    lines: tuple[str, ...]


@dataclass(frozen=True)
class WalkedEpoch(Event):
    """An epoch, with every step of the cell through the word."""

    look: NetworkState
    steps: tuple[StepTrace, ...]


def run_with_walks(config: Config) -> Iterator[Event]:
    """Run the experiment; MAX_WALKED_EPOCHS epochs at most, and the end, have every number of the cell."""
    every = math.ceil(config.epochs / MAX_WALKED_EPOCHS)
    for event in run(config):
        if isinstance(event, Started):
            yield StartedWithLines(event, tuple(pytorch_line(config, k + 1) for k in range(len(config.source))))
        elif isinstance(event, NetworkState) and (isinstance(event, Finished) or (event.epoch - 1) % every == 0):
            yield WalkedEpoch(event, walk(event.weights, config.ids(config.source)))
        else:
            yield event


def record(event: Event) -> Row:
    """Return an event's row; an epoch without its steps has only the loss and the predicted word."""
    match event:
        case StartedWithLines():
            return {**row(event.started), "lines": event.lines}
        case WalkedEpoch():
            steps = [_vectors(step) for step in event.steps]
            return {**row(event.look), **_rounded(event.look, WEIGHTS), "steps": steps}
    return {name: value for name, value in row(event).items() if name not in WEIGHTS}


def _vectors(step: StepTrace) -> dict[str, Any]:
    return {**_rounded(step, VECTORS), "predicted": step.predicted}


def _rounded(holder: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: np.round(getattr(holder, name), DECIMALS).tolist() for name in names}


def figures(config: Config, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return the empty curve; the panel fills it from the rows."""
    return {"curve": hello_figure(HelloCurve(epochs=config.epochs, smallest=smallest_loss(config)), labels)}


VIEW = View("hello", Config, run_with_walks, figures, record, {name: f"hello-{name}" for name in SETTINGS})
