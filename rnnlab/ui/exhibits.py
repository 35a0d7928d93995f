"""What the panels of the Layers tab are told: plain data, of arrays only the corner that fits on a page."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnlab.inspection import (
    Batches,
    BatchesConfig,
    LayersConfig,
    LayersInspection,
    TensorShape,
    counts_by_model,
    lookup,
    padding,
    two_products,
)

STEPS_SHOWN, UNITS_SHOWN = 8, 4
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def layers_value(config: LayersConfig, seen: LayersInspection) -> dict[str, Any]:
    """The drawing: every tensor and parameter, the count, and the lines of Python."""
    return {
        "model": config.model,
        "layers": config.num_layers,
        "directions": config.num_directions,
        "gates": config.gates,
        "steps": config.num_steps,
        "tensors": [shape_row(tensor) for tensor in seen.tensors],
        "parameters": [shape_row(parameter) for parameter in seen.parameters],
        "total": seen.total,
        "terms": [{"first": t.first, "last": t.last, "text": t.text, "values": t.values} for t in seen.terms],
        "counts": counts_by_model(config),
        "lines": list(seen.lines),
    }


def shape_row(tensor: TensorShape) -> dict[str, Any]:
    row = {
        "name": tensor.name,
        "letters": tensor.letters,
        "shape": list(tensor.shape),
        "values": tensor.values,
        "role": tensor.role,
    }
    return row if tensor.layer is None else {**row, "layer": tensor.layer, "reverse": tensor.reverse}


def stepping_value(config: LayersConfig, seen: LayersInspection) -> dict[str, Any]:
    """The first sequence's outputs, both ways: the first steps, and the first units of each direction."""
    per_direction = UNITS_SHOWN // config.num_directions
    units = [
        direction * config.hidden_size + unit
        for direction in range(config.num_directions)
        for unit in range(min(per_direction, config.hidden_size))
    ]
    both = (seen.stepping.whole, seen.stepping.stepped)
    whole, stepped = ((array[0] if config.batch_first else array[:, 0])[:STEPS_SHOWN, units] for array in both)
    return {
        "model": config.model,
        "axis": 1 if config.batch_first else 0,
        "rows": config.batch_size,
        "steps": config.num_steps,
        "units": units,
        "hidden_size": config.hidden_size,
        "whole": whole.tolist(),
        "stepped": stepped.tolist(),
        "gap": np.abs(whole - stepped).tolist(),
        "difference": written(seen.stepping.difference),
        "steppable": seen.stepping.steppable,
        "other_difference": written(seen.other_difference),
    }


def products_value(seed: int) -> dict[str, Any]:
    """All of the two products and the one."""
    seen = two_products(seed=seed)
    return {**plain(seen), "difference": written(seen.difference)}


def lookup_value(seed: int) -> dict[str, Any]:
    """An embedding's lookup with all its numbers, and what a padding row gets."""
    seen = lookup(seed=seed)
    return {**plain(seen), "difference": written(seen.difference), "padding": plain(padding(seed=seed))}


def batches_value(config: BatchesConfig, seen: Batches) -> dict[str, Any]:
    """The text with its ids, and where each row of each minibatch begins in it."""
    return {
        "tokens": list(seen.tokens),
        "vocab": list(seen.vocab[:40]),
        "vocab_size": len(seen.vocab),
        "ids": seen.ids.tolist(),
        "steps": config.num_steps,
        "starts": {sampling: inputs[:, :, 0].tolist() for sampling, inputs in seen.inputs.items()},
    }


def plain(data: object) -> dict[str, Any]:
    """The fields of a dataclass of arrays and numbers, as JSON takes them."""
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in vars(data).items()}


def written(difference: float) -> str:
    """A difference as one writes it by hand.

    >>> [written(x) for x in (0.0, 5.96e-8, 0.7659)]
    ['0', '6.0 × 10⁻⁸', '0.766']
    """
    if difference == 0 or difference >= 1e-3:
        return f"{difference:.3g}"
    digits, exponent = f"{difference:.1e}".split("e")
    return f"{digits} × 10{str(int(exponent)).translate(SUPERSCRIPTS)}"
