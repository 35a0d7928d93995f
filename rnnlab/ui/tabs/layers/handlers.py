"""Handlers of the Layers tab: inspect another layer, other products, another text."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import gradio as gr

from rnnlab.inspection import BatchesConfig, LayersConfig, batches_of_text, inspect_layers
from rnnlab.ui.components.settings_form import given_values
from rnnlab.ui.tabs.layers.payload import (
    LOOKUP_SIZES,
    PRODUCT_SIZES,
    batches_value,
    gradients_value,
    layers_value,
    lookup_value,
    products_value,
    refused,
    stepping_value,
)
from rnnlab.ui.tabs.layers.timed import timed_gradients
from rnnlab.validation import Integer, InvalidInput

SETTINGS = tuple(item.name for item in fields(LayersConfig))
CUTTING = tuple(item.name for item in fields(BatchesConfig))
OWN, NUMBERS = "own", "numbers"
GRADIENTS = "gradients"

# The sizes of the two parts that draw every number, with the largest that fits on a page.
SMALL = {"products": PRODUCT_SIZES, "lookup": LOOKUP_SIZES}
SMALL_VALUES = {"products": products_value, "lookup": lookup_value}


def on_layer(*values: Any) -> tuple[Any, ...]:
    """Return the panels of another layer: its drawing and its steps. An empty field changes nothing."""
    if None in values:
        return (gr.skip(),) * 2
    try:
        config = LayersConfig(**given_values(LayersConfig, SETTINGS, values))
    except InvalidInput as error:  # shown in the panel, over its old picture
        return (refused(error, f"layers-{error.field}"),) * 2
    seen = inspect_layers(config)
    return layers_value(config, seen), stepping_value(config, seen)


def on_gradients(part: str, *values: Any) -> Any:
    """Return the panel of the gradients; compute nothing while another part is shown."""
    if part != GRADIENTS or None in values:
        return gr.skip()
    given = given_values(LayersConfig, SETTINGS, values)
    given["implementation"] = "scratch"  # which every cell has; all implementations are compared
    try:
        return gradients_value(timed_gradients(LayersConfig(**given)))
    except InvalidInput as error:
        return refused(error, f"layers-{error.field}")


def on_small(part: str, *values: Any) -> Any:
    """Return the panel of a part of SMALL from its sizes and its seed."""
    if None in values:
        return gr.skip()
    given: dict[str, Any] = dict(zip((*SMALL[part], "seed"), values, strict=True))
    try:
        for name, high in SMALL[part].items():
            Integer(1, high).check(name, given[name])
        return SMALL_VALUES[part](LayersConfig(**given))
    except InvalidInput as error:
        return refused(error, f"{part}-{error.field}")


def on_text(*values: Any) -> Any:
    """Return the panel of another text, or of other minibatches."""
    given = given_values(BatchesConfig, CUTTING, values)
    if None in values or (given["corpus"] == OWN and not str(given["text"]).strip()):
        return gr.skip()
    try:
        config = BatchesConfig(**given)
        return batches_value(config, batches_of_text(config))
    except InvalidInput as error:
        return refused(error, f"cut-{error.field}")


def on_corpus(corpus: str) -> list[dict[str, Any]]:
    """Show the field of one's own text for that choice, and the tokenizer unless numbers are cut."""
    return [gr.update(visible=corpus == OWN), gr.update(visible=corpus != NUMBERS)]
