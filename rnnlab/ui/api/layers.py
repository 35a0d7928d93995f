"""`/layers`: every shape and parameter count of a recurrent layer."""

from __future__ import annotations

from dataclasses import fields
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.inspection import LayersConfig, counts_by_model, inspect_layers
from rnnlab.runs import Runner
from rnnlab.ui.api.signature import settings_of, signed
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.ui.tabs.layers.payload import shape_row
from rnnlab.ui.tabs.layers.timed import timed_gradients
from rnnlab.validation import InvalidInput


def describe_layer(runner: Runner, request: gr.Request, *values: Any) -> dict[str, Any]:
    """Make an RNN, GRU or LSTM layer, run it on random numbers, and return the shape of every tensor.

    Returns `tensors` (input, h_0, c_0, output, h_n, c_n) and `parameters`, each with its `name`, `shape`, what the
    dimensions mean (`letters`: B batch, T time, I input, H hidden, L layers, D directions, G gates) and how many
    `values` it holds; `parameter_count`, as `formula`, and for each model of the same sizes (`counts`);
    `stepping_difference`, the largest between the whole sequence at once and one element at a time (`steppable`: false
    for two directions, where that cannot agree); `implementation_difference`, the largest between the implementation
    from scratch and torch.nn (null where torch.nn has no such layer); and the two lines of Python (`lines`).

    `gradients` compares gradients written by hand, autograd's and those of torch.nn (`ways`): the `milliseconds` of a
    forward and a backward pass, and for each two ways, as `by_hand-torch`, the largest difference of each output and
    gradient (`differences`). It is null for a layer too large to be held that often.
    """
    with refusals_shown(request, program=True):
        config = LayersConfig(**{item.name: value for item, value in zip(fields(LayersConfig), values, strict=True)})
    found = inspect_layers(config)
    return {
        "tensors": [shape_row(tensor) for tensor in found.tensors],
        "parameters": [shape_row(parameter) for parameter in found.parameters],
        "parameter_count": found.total,
        "formula": " + ".join(term.text for term in found.terms),
        "counts": counts_by_model(config),
        "stepping_difference": found.stepping.difference,
        "steppable": found.stepping.steppable,
        "implementation_difference": found.other_difference,
        "lines": list(found.lines),
        "gradients": _gradients(config),
    }


def _gradients(config: LayersConfig) -> dict[str, Any] | None:
    """Compare the gradients of the layer in every way; None for a layer too large for that."""
    try:
        found = timed_gradients(config)
    except InvalidInput:
        return None
    return {
        "ways": [run.way for run in found.runs],
        "milliseconds": {run.way: run.milliseconds for run in found.runs},
        "differences": {"-".join(pair): tensors for pair, tensors in found.differences.items()},
    }


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    own = signed(describe_layer, {}, settings_of(LayersConfig), dict)
    gr.api(MethodType(own, runner), api_name="layers", concurrency_limit=8)
