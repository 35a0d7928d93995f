"""`/layers`: every shape and parameter count of a recurrent layer, or an example of the tutorials."""

from __future__ import annotations

from dataclasses import fields
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.inspection import EXAMPLES, PARTS, PackedConfig, inspect_layers, plain_gradients, plain_part, plain_shapes
from rnnlab.limits import MAX_ANSWERED_NUMBERS
from rnnlab.runs import Runner
from rnnlab.ui.api.signature import parameter, settings_of, signed
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.ui.tabs.layers.timed import timed_gradients
from rnnlab.validation import Choice, InvalidInput


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

    `packed` is the same layer on sequences of unequal `lengths`: the padded batch, the packed `data` with its
    `batch_sizes`, and for each implementation the outputs at each sequence's own end (`runs`), with the largest
    difference to each sequence alone. `dropout` has the numbers between layers in training mode, their `masks`, and
    the largest difference to the layers run one by one. Both are null for sequences of too many numbers.

    `example` names an example of the tutorials, whose settings are taken in place of the other arguments; the answer
    then has its `tutorial`, `section`, `part` and `settings`, and for a part without a layer (products, lookup,
    batches) that part's numbers alone.
    """
    with refusals_shown(request, program=True):
        *given, example = values
        config = PackedConfig(**{item.name: value for item, value in zip(fields(PackedConfig), given, strict=True)})
        if not example:
            return _layer(config)
        chosen = EXAMPLES[Choice(tuple(EXAMPLES)).check("example", example)]
    about: dict[str, Any] = {"tutorial": chosen.tutorial, "section": chosen.section, "part": chosen.part}
    about["settings"] = chosen.config().to_strings()
    if PARTS[chosen.part] is PackedConfig:
        return {"example": about, **_layer(PackedConfig(**chosen.settings))}
    return {"example": about, chosen.part: plain_part(chosen.part, chosen.config())}


def _layer(config: PackedConfig) -> dict[str, Any]:
    """Return everything about a layer."""
    found = inspect_layers(config)
    return {
        **plain_shapes(config, found),
        "stepping_difference": found.stepping.difference,
        "steppable": found.stepping.steppable,
        "last": {name: state.tolist() for name, state in found.stepping.last.items()},
        "implementation_difference": found.other_difference,
        "gradients": _gradients(config),
        "packed": plain_part("packed", config) if _is_short(config) else None,
        "dropout": plain_part("dropout", config) if _is_short(config) else None,
    }


def _is_short(config: PackedConfig) -> bool:
    """Return whether the numbers of the layer's sequences are few enough for an answer."""
    width = max(config.input_size, config.num_directions * config.hidden_size)
    return config.batch_size * config.num_steps * width * config.num_layers <= MAX_ANSWERED_NUMBERS


def _gradients(config: PackedConfig) -> dict[str, Any] | None:
    """Compare the gradients of the layer in every way; None for a layer too large for that."""
    try:
        return plain_gradients(timed_gradients(config))
    except InvalidInput:
        return None


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    own = signed(describe_layer, {}, [*settings_of(PackedConfig), parameter("example", str, "")], dict)
    gr.api(MethodType(own, runner), api_name="layers", concurrency_limit=8)
