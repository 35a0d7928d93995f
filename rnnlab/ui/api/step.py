"""`/step`: one step of the hello lesson's cell, with every number."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import asdict, fields
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.experiments.event import plain
from rnnlab.experiments.hello import MODULES, Config, Finished, NetworkState, preset, pytorch_line, run
from rnnlab.inspection import FORMULA, walk
from rnnlab.runs import Runner
from rnnlab.ui.api.signature import may_be_null, parameter, signed, type_of
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.validation import Integer

OF_THE_RECIPE = ("loss", "learning_rate", "epochs")
INTERVAL = 0.2  # seconds between two rows; a call that was cancelled ends at the next one
MOST_KEPT = 256  # looks, of some kilobytes each

Answer = dict[str, Any]


class Looks:
    """Trains, and keeps what was asked for lately: whoever steps through a word asks for the same weights each time."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[Config, int], NetworkState] = OrderedDict()  # what was asked for last is last
        self._lock = threading.Lock()

    def until(self, config: Config, epoch: int) -> Iterator[NetworkState]:
        """The looks of a training until `epoch`, or to its end; the last one alone where it is kept."""
        with self._lock:
            look = self._kept.get((config, epoch))
        if look is not None:
            yield look
        else:
            for look in _looks(config, epoch):
                yield look
        with self._lock:
            self._kept[config, epoch] = look
            self._kept.move_to_end((config, epoch))
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)


def take_step(looks: Looks, request: gr.Request, epoch: int | None, position: int, *values: Any) -> Iterator[Answer]:
    """Train the hello lesson and show one step of its cell with every number that it computes.

    `position` is the character, from 1. `epoch` shows the weights before that epoch's update; `epochs` + 1, or null,
    the trained ones. The other arguments are the run's settings; null for loss, learning_rate or epochs takes the
    tutorial's recipe for the module. Returns the tensors as lists (x_t, h_prev, weight_ih, weight_hh, bias_ih,
    bias_hh, from_x = W_ih x_t, from_h = W_hh h_prev, sum, h_t, probabilities = softmax(h_t)), the `predicted`, `target`
    and input `character`, the `vocabulary` that numbers the components, the `word` that all steps predict, its `loss`,
    the `formula` and the line of PyTorch (`code`). That is the last row, and what `predict` returns; a training that
    takes longer tells the `epoch`, `word` and `loss` a few times a second before. Cancelling the call ends it.
    """
    with refusals_shown(request, program=True):
        given = {item.name: value for item, value in zip(fields(Config), values, strict=True) if value is not None}
        config = preset(given.pop("module", MODULES[0])).config(**given)
        last = config.epochs + 1
        epoch = last if epoch is None else Integer(1, last).check("epoch", epoch)
        position = Integer(1, len(config.source)).check("position", position)
    told = time.monotonic()
    for look in looks.until(config, epoch):
        if time.monotonic() - told > INTERVAL:
            told = time.monotonic()
            yield {"epoch": look.epoch, "word": look.predicted, "loss": look.loss}
    yield _answer(config, look, epoch, position)


def _looks(config: Config, epoch: int) -> Iterator[NetworkState]:
    """Train until `epoch`, or to the end."""
    for event in run(config):
        if isinstance(event, NetworkState):
            yield event
            if event.epoch == epoch and not isinstance(event, Finished):
                return


def _answer(config: Config, look: NetworkState, epoch: int, position: int) -> Answer:
    trace = walk(look.weights, config.ids(config.source))[position - 1]
    return plain(asdict(trace)) | {
        "epoch": epoch,
        "position": position,
        "character": config.source[position - 1],
        "predicted": config.vocabulary[trace.predicted],
        "target": config.target[position - 1],
        "vocabulary": config.vocabulary,
        "word": look.predicted,
        "loss": look.loss,
        "formula": FORMULA,
        "code": pytorch_line(config, position),
    }


def build_endpoint(runner: Runner) -> None:
    settings = [
        may_be_null(item) if item.name in OF_THE_RECIPE else parameter(item.name, type_of(item), item.default)
        for item in fields(Config)
    ]
    own = signed(take_step, {"epoch": (int | None, None), "position": (int, 1)}, settings, Answer)
    gr.api(MethodType(own, Looks()), api_name="step", concurrency_limit=4)
