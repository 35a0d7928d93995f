"""Handlers of the Layers tab: inspect another layer, other products, another text, an example of a tutorial."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import gradio as gr

from rnnlab.inspection import (
    EXAMPLES,
    PARTS,
    BatchesConfig,
    EmbeddingConfig,
    PackedConfig,
    ProductsConfig,
    batches_of_text,
    inspect_dropout,
    inspect_layers,
    inspect_packed,
)
from rnnlab.recurrent import cell_spec
from rnnlab.ui.components.settings_form import given_values, shown_values
from rnnlab.ui.tabs.layers.payload import (
    batches_value,
    gradients_value,
    layers_value,
    lookup_value,
    options_value,
    products_value,
    refused,
    stepping_value,
)
from rnnlab.ui.tabs.layers.sequences_payload import dropout_value, packed_value
from rnnlab.ui.tabs.layers.timed import timed_gradients
from rnnlab.validation import Config, InvalidInput

SETTINGS = tuple(item.name for item in fields(PackedConfig))
CUTTING = tuple(item.name for item in fields(BatchesConfig))
OWN, NUMBERS = "own", "numbers"
GRADIENTS, PACKED, DROPOUT = "gradients", "packed", "dropout"

# The parts that depend on a setting of the layer.
AFFECTED_PARTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(SETTINGS, ("shapes", "stepping", GRADIENTS, PACKED, DROPOUT)),
    "implementation": ("shapes", "stepping", DROPOUT),
    "batch_first": ("shapes", "stepping", GRADIENTS),
    "seed": ("stepping", GRADIENTS, PACKED, DROPOUT),
    "one_generator": ("stepping",),
    "dropout": (DROPOUT,),
    "lengths": (PACKED,),
}
DEFAULT_DROPOUT = 0.5  # on the page, in the part that shows it

# The parts with settings of their own, apart from the layer's.
SMALL: Mapping[str, type[Config]] = {"products": ProductsConfig, "lookup": EmbeddingConfig}
SMALL_VALUES: Mapping[str, Callable[[Any], tuple[dict[str, Any], ...]]] = {
    "products": lambda config: (products_value(config),),
    "lookup": lambda config: (lookup_value(config), options_value(config)),
}
SMALL_SETTINGS = {part: tuple(item.name for item in fields(config)) for part, config in SMALL.items()}


def layer_config(values: Sequence[Any], *parts: str, **fixed: Any) -> PackedConfig:
    """Return the layer of the fields' values; a setting that affects none of `parts` has its default."""
    given = given_values(PackedConfig, SETTINGS, values)
    shown = {name: value for name, value in given.items() if set(AFFECTED_PARTS[name]) & set(parts)}
    if "nonlinearity" not in cell_spec(shown["model"]).options:
        del shown["nonlinearity"]  # its field is hidden, and may hold what was chosen for a plain RNN
    return PackedConfig(**{**shown, **fixed})


def on_layer(*values: Any) -> tuple[Any, ...]:
    """Return the panels of another layer: its drawing and its steps. An empty field changes nothing."""
    if None in values:
        return (gr.skip(),) * 2
    try:
        config = layer_config(values, "shapes", "stepping")
    except InvalidInput as error:  # shown in the panel, over its old picture
        return (refused(error, f"layers-{error.field}"),) * 2
    seen = inspect_layers(config)
    return layers_value(config, seen), stepping_value(config, seen)


def on_shown(part: str, *values: Any) -> list[Any]:
    """Return the panels of COMPUTED_PARTS; that of the part shown is computed, and no other."""
    panels = [gr.skip() for _ in COMPUTED_PARTS]
    if part not in tuple(COMPUTED_PARTS) or None in values:  # a tuple: what was sent may be any JSON
        return panels
    place = tuple(COMPUTED_PARTS).index(part)
    try:
        panels[place] = COMPUTED_PARTS[part](values)
    except InvalidInput as error:
        panels[place] = refused(error, f"layers-{error.field}")
    return panels


def _gradients(values: Sequence[Any]) -> dict[str, Any]:
    # From scratch: every cell has it, and all implementations are compared.
    return gradients_value(timed_gradients(layer_config(values, GRADIENTS, implementation="scratch")))


def _packed(values: Sequence[Any]) -> dict[str, Any]:
    config = layer_config(values, PACKED, implementation="scratch")
    return packed_value(config, inspect_packed(config))


def _dropout(values: Sequence[Any]) -> dict[str, Any]:
    config = layer_config(values, DROPOUT)
    return dropout_value(config, inspect_dropout(config))


COMPUTED_PARTS: Mapping[str, Callable[[Sequence[Any]], dict[str, Any]]] = {
    GRADIENTS: _gradients,
    PACKED: _packed,
    DROPOUT: _dropout,
}


def on_small(part: str, *values: Any) -> Any:
    """Return the panel of a part of SMALL from its settings, or its panels if it has several."""
    panels = len(SMALL_VALUES[part](SMALL[part]()))
    found: tuple[Any, ...] = (gr.skip(),) * panels
    if None not in values:
        try:
            found = SMALL_VALUES[part](SMALL[part](**given_values(SMALL[part], SMALL_SETTINGS[part], values)))
        except InvalidInput as error:
            found = (refused(error, f"{part}-{error.field}"),) * panels
    return found[0] if panels == 1 else found  # Gradio takes a tuple for the value of a single panel


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
    """Show the field of one's own text for that choice, the tokenizer for texts, and how many numbers for numbers."""
    own, numbers = corpus == OWN, corpus == NUMBERS
    return [gr.update(visible=own), gr.update(visible=not numbers), gr.update(visible=numbers)]


def on_model(model: str) -> dict[str, Any]:
    """Show the choice of the nonlinearity for a cell that has one."""
    return gr.update(visible="nonlinearity" in cell_spec(model).options)


def on_example(name: str) -> list[Any]:
    """Return the part that shows an example, and what every field shows: those of that part are set, no others.

    The fields are those of SETTINGS, of the parts of SMALL, and of CUTTING.
    """
    groups: list[tuple[type[Config], tuple[str, ...]]] = [(PackedConfig, SETTINGS)]
    groups += [(SMALL[part], SMALL_SETTINGS[part]) for part in SMALL]
    groups += [(BatchesConfig, CUTTING)]
    if name not in tuple(EXAMPLES):  # a tuple: what was sent may be any JSON
        return [gr.skip() for _ in range(1 + sum(len(names) for _, names in groups))]
    example = EXAMPLES[name]
    values: list[Any] = [example.part]
    for config, names in groups:
        own = PARTS[example.part] is config
        values += shown_values(example.config(), names) if own else [gr.skip() for _ in names]
    if PARTS[example.part] is PackedConfig and example.part != DROPOUT:
        values[1 + SETTINGS.index("dropout")] = gr.skip()
    return values
