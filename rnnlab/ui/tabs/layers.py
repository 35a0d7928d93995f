"""Layers: a recurrent module taken apart. Change a size and see every shape follow."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import gradio as gr
from gradio.components import Component

from rnnlab.inspection import BatchesConfig, LayersConfig, batches_of_text, inspect_layers
from rnnlab.runs import Runner
from rnnlab.ui.exhibits import batches_value, layers_value, lookup_value, products_value, stepping_value
from rnnlab.ui.panels import panel
from rnnlab.ui.refusals import refusals_shown
from rnnlab.ui.settings import given_values, setting_input
from rnnlab.ui.words import t
from rnnlab.validation import Config

SETTINGS = tuple(item.name for item in fields(LayersConfig))
SWITCHES = ("bidirectional", "batch_first", "bias")
CUTTING = tuple(item.name for item in fields(BatchesConfig) if item.name != "seed")
OWN = "own"


def on_layer(request: gr.Request, *values: Any) -> tuple[Any, ...]:
    """Draw another layer, and let the exhibits have its numbers. An emptied field is one being typed in: wait."""
    if None in values:
        return (gr.skip(),) * 4
    with refusals_shown(request):
        config = LayersConfig(**given_values(LayersConfig, SETTINGS, values))
    seen = inspect_layers(config)
    return (
        layers_value(config, seen),
        stepping_value(config, seen),
        products_value(config.seed),
        lookup_value(config.seed),
    )


def on_text(seed: float | None, request: gr.Request, *values: Any) -> Any:
    """Cut another text, or cut it otherwise."""
    given = given_values(BatchesConfig, CUTTING, values)
    if None in values or seed is None or (given["corpus"] == OWN and not given["text"].strip()):
        return gr.skip()
    with refusals_shown(request):
        config = BatchesConfig(**given, seed=seed)
        return batches_value(config, batches_of_text(config))


def on_corpus(corpus: str) -> dict[str, Any]:
    """Show the place for one's own text when it is wanted."""
    return gr.update(visible=corpus == OWN)


def build_tab(app: gr.Blocks, runner: Runner, session: gr.State) -> None:
    config = LayersConfig()
    seen = inspect_layers(config)
    with gr.Tab(t("layers.tab"), id="layers"):
        inputs = _controls()
        drawing = panel("layers", layers_value(config, seen))
        gr.Markdown(t("layers.next"))
        with gr.Tabs(elem_id="exhibits"):
            with gr.Tab(t("layers.stepping")):
                stepping = panel("stepping", stepping_value(config, seen))
            with gr.Tab(t("layers.products")):
                products = panel("products", products_value(config.seed))
            with gr.Tab(t("layers.lookup")):
                lookup = panel("lookup", lookup_value(config.seed))
            with gr.Tab(t("layers.batches")):
                cutting = _cutting_controls()
                batches = panel("batches", batches_value(BatchesConfig(), batches_of_text(BatchesConfig())))

    # What can refuse goes through the queue: outside of it Gradio answers an error with status 500 and no message.
    follow = {"trigger_mode": "always_last", "show_progress": "hidden", "api_visibility": "private"}
    arguments = [inputs[name] for name in SETTINGS]
    changes = [component.change for component in arguments]
    gr.on(changes, on_layer, arguments, [drawing, stepping, products, lookup], concurrency_limit=None, **follow)
    cuts = [inputs["seed"], *(cutting[name] for name in CUTTING)]
    gr.on([component.change for component in cuts], on_text, cuts, batches, concurrency_limit=None, **follow)
    cutting["corpus"].change(on_corpus, cutting["corpus"], cutting["text"], queue=False, **follow)


def _controls() -> dict[str, Component]:
    """The module's own arguments and the sizes of what it is fed, and the switches in a line below."""
    parts = {}
    with gr.Row(elem_classes="toolbar"):
        for name in SETTINGS:
            if name not in SWITCHES:
                parts[name] = _input(LayersConfig, name, f"layers-{name}", name)
    with gr.Row(elem_classes="switches"):
        parts |= {name: _input(LayersConfig, name, f"layers-{name}", name, scale=0, min_width=240) for name in SWITCHES}
    return parts


def _cutting_controls() -> dict[str, Component]:
    parts = {}
    with gr.Row(elem_classes="toolbar"):
        for name in ("corpus", "tokenizer"):
            parts[name] = _input(BatchesConfig, name, f"cut-{name}", f"batches.{name}")
        for name in ("batch_size", "num_steps"):
            parts[name] = _input(BatchesConfig, name, f"cut-{name}", name)
    parts["random_offset"] = _input(BatchesConfig, "random_offset", "cut-random_offset", "batches.random_offset")
    parts["text"] = gr.Textbox(
        "", label=t("layers.batches.own"), placeholder=t("layers.batches.own_placeholder"), lines=2, visible=False,
        elem_id="cut-text",
    )  # fmt: skip
    return parts


def _input(config: type[Config], name: str, elem_id: str, word: str, **look: Any) -> Component:
    """A setting's component; its label says which letter of the shapes it is."""
    look = {"scale": 1, "min_width": 90, **look}
    return setting_input(config, name, info=False, label=t(f"layers.{word}"), elem_id=elem_id, **look)
