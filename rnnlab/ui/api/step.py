"""`/step`: one step of the cell of the hello lesson, with every number."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import fields
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.experiments.event import plain
from rnnlab.experiments.hello import MODULES, Config, Finished, NetworkState, preset, pytorch_line, run
from rnnlab.experiments.hello.why import find_weight, weight_update
from rnnlab.inspection import FORMULA, CellTrace, WordTrace, trace_word
from rnnlab.inspection.word_trace import OUTPUT_FORMULA, products, sums
from rnnlab.limits import MAX_CACHED_LOOKS
from rnnlab.runs import Runner
from rnnlab.ui.api.signature import may_be_null, parameter, signed, type_of
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.ui.tabs.hello.handlers import RECIPE_SETTINGS
from rnnlab.validation import Integer

INTERVAL = 0.2  # seconds between two rows; a call that was cancelled ends at the next one

Answer = dict[str, Any]


class LookCache:
    """Trains, and caches the latest results.

    A client that steps through a word requests the same weights each time.
    """

    def __init__(self, most: int = MAX_CACHED_LOOKS) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[Config, int], NetworkState] = OrderedDict()  # the last one was requested last
        self._lock = threading.Lock()

    def until(self, config: Config, epoch: int) -> Iterator[NetworkState]:
        """Yield the looks of a training until `epoch`, or to its end; only the last one if it is in the cache."""
        with self._lock:
            last = self._kept.get((config, epoch))
        if last is not None:
            yield last
        else:
            for last in _looks(config, epoch):
                yield last
        assert last is not None  # a training has a look at least at its end
        with self._lock:
            self._kept[config, epoch] = last
            self._kept.move_to_end((config, epoch))
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)


def take_step(
    looks: LookCache, request: gr.Request, epoch: int | None, position: int, weight: str | None, *values: Any
) -> Iterator[Answer]:
    """Train the hello lesson and show one step of its cell with every number that it computes.

    `position` is the character, from 1. `epoch` shows the weights before that epoch's update; `epochs` + 1, or null,
    the trained ones. The other arguments are the run's settings; null for loss, learning_rate, epochs or output takes
    the recipe of the module. Returns the tensors as lists (x_t, h_prev, weight_ih, weight_hh, bias_ih, bias_hh, of a
    linear output weight_out and bias_out, the products from_x = W_ih x_t and from_h = W_hh h_prev, the `sum` before the
    activations with its blocks of rows one below the other, h_t, the `logits`, probabilities = softmax(logits)), the
    `quantities` of the cell by letter with formula, code, parts, sum and values, the `predicted`, `target` and input
    `character`, the `vocabulary` that numbers the logits, the `word` that all steps predict, its `loss`, the `formula`
    and the line of PyTorch (`code`).

    With `weight`, such as weight_hh[1,2], `why` explains that number's update at the end of the epoch: its gradient as
    `terms`, one per step, each (own + later) · slope · times · by; the `gradient`, `sgd_step` and, with Adam, `m`, `v`,
    `m_hat`, `v_hat` and `step`, which is null after the last update. That is the last row, and what `predict` returns;
    a training that takes longer yields the `epoch`, `word` and `loss` a few times a second before. Cancelling the call
    ends it.
    """
    with refusals_shown(request, program=True):
        given = {item.name: value for item, value in zip(fields(Config), values, strict=True) if value is not None}
        config = preset(given.pop("module", MODULES[0])).config(**given)
        last = config.epochs + 1
        until = Integer(1, last).check("epoch", last if epoch is None else epoch)
        step = Integer(1, len(config.source)).check("position", position)
        assert until is not None  # the rules are not optional
        assert step is not None
    sent = time.monotonic()
    for look in looks.until(config, until):
        if time.monotonic() - sent > INTERVAL:
            sent = time.monotonic()
            yield {"epoch": look.epoch, "word": look.predicted, "loss": look.loss}
    with refusals_shown(request, program=True):
        answer = _answer(config, look, until, step)
        if weight is not None:
            find_weight(look, weight)
            answer["why"] = plain(weight_update(config, look, weight).to_dict())
    yield answer


def _looks(config: Config, epoch: int) -> Iterator[NetworkState]:
    """Train until `epoch`, or to the end; yield a look per epoch."""
    for event in run(config):
        if isinstance(event, NetworkState):
            yield event
            if event.epoch == epoch and not isinstance(event, Finished):
                return


def _answer(config: Config, look: NetworkState, epoch: int, position: int) -> Answer:
    read = trace_word(config.equations, look.arrays, config.ids(config.source))
    trace, predicted = read.steps[position - 1], read.predicted[position - 1]
    return plain({**look.arrays, **_tensors(read, position)}) | {
        "epoch": epoch,
        "position": position,
        "character": config.source[position - 1],
        "predicted": config.vocabulary[predicted],
        "target": config.target[position - 1],
        "vocabulary": config.vocabulary,
        "word": look.predicted,
        "loss": look.loss,
        "quantities": {letter: plain(vars(quantity)) for letter, quantity in trace.quantities.items()},
        "formula": _formula(config, trace),
        "code": pytorch_line(config, position),
    }


def _tensors(read: WordTrace, position: int) -> dict[str, Any]:
    """Return the tensors of one step, by their names in the answer."""
    trace = read.steps[position - 1]
    return {
        "x_t": trace.vectors["x_t"],
        **{f"{name}_prev": trace.vectors[f"{name}_{{t-1}}"] for name in "hc" if f"{name}_{{t-1}}" in trace.vectors},
        "from_x": products(trace, "x"),
        "from_h": products(trace, "h"),
        "sum": sums(trace),
        "h_t": trace.h_t,
        "logits": read.logits[position - 1],
        "probabilities": read.probabilities[position - 1],
    }


def _formula(config: Config, trace: CellTrace) -> str:
    """Return the equations of a step, one per line."""
    lines = [FORMULA] if config.model == "rnn" else [quantity.formula for quantity in trace.quantities.values()]
    return "\n".join([*lines, *([OUTPUT_FORMULA] if config.output == "linear" else [])])


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; it needs no runner, because its trainings take a moment."""
    settings = [
        may_be_null(item) if item.name in RECIPE_SETTINGS else parameter(item.name, type_of(item), item.default)
        for item in fields(Config)
    ]
    own = signed(
        take_step, {"epoch": (int | None, None), "position": (int, 1), "weight": (str | None, None)}, settings, Answer
    )
    gr.api(MethodType(own, LookCache()), api_name="step", concurrency_limit=4)
