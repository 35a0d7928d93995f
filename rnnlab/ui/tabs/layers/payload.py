"""Payloads of the panels of the Layers tab: plain data, and of arrays the part that fits on a page."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnlab.inspection import (
    PADDED_IDS,
    Batches,
    BatchesConfig,
    EmbeddingConfig,
    GradientComparison,
    LayersConfig,
    LayersInspection,
    ProductsConfig,
    counts_by_model,
    embedding_options,
    has_cell_state,
    lookup,
    padding,
    shape_row,
    two_products,
)
from rnnlab.recurrent import MODELS, cell_spec
from rnnlab.ui.i18n import message_of
from rnnlab.ui.i18n.languages import LANGUAGES
from rnnlab.validation import InvalidInput

STEPS_SHOWN, UNITS_SHOWN = 8, 4
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def layers_value(config: LayersConfig, seen: LayersInspection) -> dict[str, Any]:
    """Return the payload of the drawing: every tensor and parameter, the count, and the lines of Python."""
    return {
        "model": config.model,
        "layers": config.num_layers,
        "directions": config.num_directions,
        "gates": config.gates,
        "gate_names": list(cell_spec(config.model).gates),
        "colors": {model: _colors(model) for model in MODELS},
        "steps": config.num_steps,
        "tensors": [shape_row(tensor) for tensor in seen.tensors],
        "parameters": [shape_row(parameter) for parameter in seen.parameters],
        "total": seen.total,
        "terms": [{"first": t.first, "last": t.last, "text": t.text, "values": t.values} for t in seen.terms],
        "counts": counts_by_model(config),
        "lines": list(seen.lines),
    }


def _colors(model: str) -> list[str]:
    """Return the colour of a model on a light page and on a dark one."""
    spec = cell_spec(model)
    return [spec.color, spec.dark_color or spec.color]


def units_shown(config: LayersConfig, most: int) -> list[int]:
    """Return the columns of an output (…, D·H) that a panel shows: the first units of each direction."""
    first = range(min(most // config.num_directions, config.hidden_size))
    return [direction * config.hidden_size + unit for direction in range(config.num_directions) for unit in first]


def stepping_value(config: LayersConfig, seen: LayersInspection) -> dict[str, Any]:
    """Return the first sequence's outputs in both ways: first steps, first units of each direction."""
    units = units_shown(config, UNITS_SHOWN)
    both = (seen.stepping.whole, seen.stepping.stepped)
    whole, stepped = ((array[0] if config.batch_first else array[:, 0])[:STEPS_SHOWN, units] for array in both)
    return {
        "model": config.model,
        "state": "(h, c)" if has_cell_state(config) else "h",
        "axis": 1 if config.batch_first else 0,
        "rows": config.batch_size,
        "steps": config.num_steps,
        "units": units,
        "hidden_size": config.hidden_size,
        "whole": whole.tolist(),
        "stepped": stepped.tolist(),
        "gap": np.abs(whole - stepped).tolist(),
        "difference": written(seen.stepping.difference),
        "last": {
            name: state[-config.num_directions :, 0].flatten()[units].tolist()
            for name, state in seen.stepping.last.items()
        },
        "steppable": seen.stepping.steppable,
        "other_difference": None if seen.other_difference is None else written(seen.other_difference),
    }


def gradients_value(found: GradientComparison) -> dict[str, Any]:
    """Return each tensor's number of largest magnitude in every way, and the differences between the ways."""
    first = found.runs[0]
    rows = []
    for name, tensor in first.tensors.items():
        place = np.unravel_index(np.abs(tensor).argmax(), tensor.shape)
        rows.append(
            {
                "name": name,
                "shape": list(tensor.shape),
                "gradient": name in first.gradients,
                "values": [written_value(float(run.tensors[name][place])) for run in found.runs],
                "differences": [written(pair[name]) for pair in found.differences.values()],
            }
        )
    return {
        "ways": [run.way for run in found.runs],
        "milliseconds": [f"{run.milliseconds:.3g}" for run in found.runs],
        "pairs": [list(pair) for pair in found.differences],
        "largest": [written(found.difference(*pair)) for pair in found.differences],
        "rows": rows,
    }


def products_value(config: ProductsConfig) -> dict[str, Any]:
    """Return every number of the two products and the one."""
    seen = two_products(config.batch_size, config.input_size, config.hidden_size, config.seed)
    return {**plain(seen), "difference": written(seen.difference)}


def lookup_value(config: EmbeddingConfig) -> dict[str, Any]:
    """Return every number of a lookup and of padding. W has I rows of H numbers."""
    table = {"embeddings": config.input_size, "size": config.hidden_size, "seed": config.seed}
    seen = lookup(config.ids, **table)
    padded = padding(tuple(tuple(number % config.input_size for number in row) for row in PADDED_IDS), **table)
    return {**plain(seen), "difference": written(seen.difference), "padding": plain(padded)}


def options_value(config: EmbeddingConfig) -> dict[str, Any]:
    """Return the weight of an embedding before and after a lookup with its options, and the gradient."""
    given = {"max_norm": config.max_norm, "norm_type": config.norm_type, "by_freq": config.scale_grad_by_freq}
    return {**plain(embedding_options(config)), **given}


def batches_value(config: BatchesConfig, seen: Batches) -> dict[str, Any]:
    """Return the text with its ids, and the position of each row of each minibatch."""
    return {
        "tokens": list(seen.tokens),
        "vocab": list(seen.vocab[:40]),
        "vocab_size": len(seen.vocab),
        "ids": seen.ids.tolist(),
        "steps": config.num_steps,
        "starts": {sampling: inputs[:, :, 0].tolist() for sampling, inputs in seen.inputs.items()},
    }


def refused(error: InvalidInput, elem_id: str) -> dict[str, Any]:
    """Return an error's message for a panel, which dims its picture and marks the component `elem_id`."""
    return {"refused": {language: message_of(error, language) for language in LANGUAGES}, "field": elem_id}


def plain(data: object) -> dict[str, Any]:
    """Return the fields of a dataclass of arrays and numbers as JSON values."""
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in vars(data).items()}


def written(difference: float) -> str:
    """Write a difference with two or three digits, as one would by hand.

    >>> [written(x) for x in (0.0, 5.96e-8, 0.7659)]
    ['0', '6.0 × 10⁻⁸', '0.766']
    """
    if difference == 0 or difference >= 1e-3:
        return f"{difference:.3g}"
    digits, exponent = f"{difference:.1e}".split("e")
    return f"{digits} × 10{str(int(exponent)).translate(SUPERSCRIPTS)}"


def written_value(value: float) -> str:
    """Write a number with the seven digits of a float.

    >>> [written_value(x) for x in (0.0, -0.012345678, 1.2345678e-6)]
    ['0', '−0.01234568', '1.234568 × 10⁻⁶']
    """
    text, _, exponent = f"{value:.7g}".partition("e")
    power = f" × 10{str(int(exponent)).translate(SUPERSCRIPTS)}" if exponent else ""
    return text.replace("-", "−") + power
