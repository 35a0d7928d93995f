"""Return what a part of the Layers tab shows as plain data: lists, numbers and texts, for JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from rnnlab.inspection.embedding_options import embedding_options
from rnnlab.inspection.gradients import GradientComparison, compare_gradients
from rnnlab.inspection.layer_dropout import inspect_dropout
from rnnlab.inspection.layers import LayersInspection, TensorShape, inspect_layers
from rnnlab.inspection.matrix_identities import PADDED_IDS, lookup, padding, two_products
from rnnlab.inspection.minibatches import batches_of_text
from rnnlab.inspection.packed import inspect_packed
from rnnlab.inspection.parameter_counts import LayersConfig, counts_by_model


def plain_part(part: str, config: Any) -> dict[str, Any]:
    """Compute a part, a key of PARTS, with the settings that this table names for it. Raises InvalidInput."""
    return _PARTS[part](config)


def plain_data(value: Any) -> Any:
    """Return a dataclass, array, tuple or mapping as dicts, lists, numbers and texts."""
    if is_dataclass(value):
        return {item.name: plain_data(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {name: plain_data(item) for name, item in value.items()}
    return [plain_data(item) for item in value] if isinstance(value, list | tuple) else value


def shape_row(tensor: TensorShape) -> dict[str, Any]:
    """Return a tensor's description; a parameter has its layer and direction as well."""
    row = {
        "name": tensor.name,
        "letters": tensor.letters,
        "shape": list(tensor.shape),
        "values": tensor.values,
        "role": tensor.role,
    }
    return row if tensor.layer is None else {**row, "layer": tensor.layer, "reverse": tensor.reverse}


def plain_shapes(config: LayersConfig, seen: LayersInspection) -> dict[str, Any]:
    """Return the tensors, the parameters with their count, and the two lines of Python."""
    return {
        "tensors": [shape_row(tensor) for tensor in seen.tensors],
        "parameters": [shape_row(parameter) for parameter in seen.parameters],
        "parameter_count": seen.total,
        "formula": " + ".join(term.text for term in seen.terms),
        "counts": counts_by_model(config),
        "lines": list(seen.lines),
    }


def plain_gradients(found: GradientComparison) -> dict[str, Any]:
    """Return the milliseconds of each way, and of each two ways the largest difference of every tensor."""
    return {
        "ways": [run.way for run in found.runs],
        "milliseconds": {run.way: run.milliseconds for run in found.runs},
        "differences": {"-".join(pair): tensors for pair, tensors in found.differences.items()},
    }


def _stepping(config: LayersConfig) -> dict[str, Any]:
    seen = inspect_layers(config)
    return {**plain_data(seen.stepping), "implementation_difference": seen.other_difference}


def _products(config: Any) -> dict[str, Any]:
    return plain_data(two_products(config.batch_size, config.input_size, config.hidden_size, config.seed))


def _lookup(config: Any) -> dict[str, Any]:
    table = {"embeddings": config.input_size, "size": config.hidden_size, "seed": config.seed}
    padded = tuple(tuple(number % config.input_size for number in row) for row in PADDED_IDS)
    return {
        **plain_data(lookup(config.ids, **table)),
        "padding": plain_data(padding(padded, **table)),
        "options": plain_data(embedding_options(config)),
    }


_PARTS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "shapes": lambda config: plain_shapes(config, inspect_layers(config)),
    "stepping": _stepping,
    "products": _products,
    "lookup": _lookup,
    "batches": lambda config: plain_data(batches_of_text(config)),
    "gradients": lambda config: plain_gradients(compare_gradients(config)),
    "packed": lambda config: plain_data(inspect_packed(config)),
    "dropout": lambda config: plain_data(inspect_dropout(config)),
}
