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

# What the two parts that draw every number are set by, with the largest size that fits on a page; and how they begin.
SMALL = {"products": PRODUCT_SIZES, "lookup": LOOKUP_SIZES}
SMALL_VALUES = {"products": products_value, "lookup": lookup_value}


def on_layer(*values: Any) -> tuple[Any, ...]:
    """Draw another layer, and step through it. An emptied field is one being typed in: wait."""
    if None in values:
        return (gr.skip(),) * 2
    try:
        config = LayersConfig(**given_values(LayersConfig, SETTINGS, values))
    except InvalidInput as error:  # it is said beside the picture, which stays: a box in a corner would soon be gone
        return (refused(error, f"layers-{error.field}"),) * 2
    seen = inspect_layers(config)
    return layers_value(config, seen), stepping_value(config, seen)


def on_gradients(part: str, *values: Any) -> Any:
    """Compare the gradients of the layer while that part is shown, for each takes a forward and a backward pass."""
    if part != GRADIENTS or None in values:
        return gr.skip()
    given = given_values(LayersConfig, SETTINGS, values) | {"implementation": "scratch"}  # every one is compared
    try:
        return gradients_value(timed_gradients(LayersConfig(**given)))
    except InvalidInput as error:
        return refused(error, f"layers-{error.field}")


def on_small(part: str, *values: Any) -> Any:
    """Draw every number of a part of SMALL: sizes up to what fits, and a seed."""
    if None in values:
        return gr.skip()
    given = dict(zip((*SMALL[part], "seed"), values, strict=True))
    try:
        sizes = {name: Integer(1, most).check(name, given[name]) for name, most in SMALL[part].items()}
        return SMALL_VALUES[part](LayersConfig(**sizes, seed=given["seed"]))
    except InvalidInput as error:
        return refused(error, f"{part}-{error.field}")


def on_text(*values: Any) -> Any:
    """Cut another text, or cut it otherwise."""
    given = given_values(BatchesConfig, CUTTING, values)
    if None in values or (given["corpus"] == OWN and not str(given["text"]).strip()):
        return gr.skip()
    try:
        config = BatchesConfig(**given)
        return batches_value(config, batches_of_text(config))
    except InvalidInput as error:
        return refused(error, f"cut-{error.field}")


def on_corpus(corpus: str) -> list[dict[str, Any]]:
    """Show the place for one's own text when it is wanted, and how to cut a text where there is one to cut."""
    return [gr.update(visible=corpus == OWN), gr.update(visible=corpus != NUMBERS)]
