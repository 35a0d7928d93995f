"""Layout of the Layers tab: inspect a recurrent layer. Change a size and every shape follows.

The tab has six parts, of which a switch shows one; `frontend/styles/page.css` hides the others, and the controls that
have no effect on the part shown.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import gradio as gr
from gradio.components import Component

from rnnlab.inspection import BatchesConfig, LayersConfig, batches_of_text, inspect_layers
from rnnlab.runs import Runner
from rnnlab.ui.components.event_options import REFUSING
from rnnlab.ui.components.field_storage import remember
from rnnlab.ui.components.panel import panel
from rnnlab.ui.components.settings_form import setting_input
from rnnlab.ui.i18n import t
from rnnlab.ui.i18n.languages import FALLBACK, LANGUAGES
from rnnlab.ui.session.state import Visitor
from rnnlab.ui.tabs.layers.handlers import (
    CUTTING,
    GRADIENTS,
    SETTINGS,
    SMALL,
    SMALL_VALUES,
    on_corpus,
    on_gradients,
    on_layer,
    on_small,
    on_text,
)
from rnnlab.ui.tabs.layers.payload import (
    LOOKUP_SIZES,
    PRODUCT_SIZES,
    batches_value,
    layers_value,
    stepping_value,
)
from rnnlab.validation import Config

PARTS = ("shapes", "stepping", "products", "lookup", "batches", GRADIENTS)
SWITCHES = ("bidirectional", "batch_first", "bias")

# The parts that depend on a setting of the layer.
AFFECTED_PARTS = {
    **dict.fromkeys(SETTINGS, ("shapes", "stepping", GRADIENTS)),
    "implementation": ("shapes", "stepping"),
    "seed": ("stepping", GRADIENTS),
}
INITIAL_SIZES: dict[str, dict[str, Any]] = {"products": PRODUCT_SIZES | {"batch_size": 3}, "lookup": LOOKUP_SIZES}
# Text first: the ids of the numbers equal their tokens.
CUT_FIRST = {language: row.songs for language, row in LANGUAGES.items()}


def build_tab(app: gr.Blocks, runner: Runner, visitor: Visitor) -> None:
    """Build the tab into `app` and connect its events."""
    config = LayersConfig()
    seen = inspect_layers(config)
    with gr.Tab(t("layers.tab"), id="layers"):
        part = gr.Radio(
            [(t(f"layers.{part}"), part) for part in PARTS], value=PARTS[0], label=t("layers.parts"),
            interactive=True, elem_id="layers-part", elem_classes="switch", container=False,
        )  # fmt: skip
        inputs = _controls()
        with _part("shapes"):
            drawing = panel("layers", "layers", layers_value(config, seen))
            gr.Markdown(t("layers.next"))
        with _part("stepping"):
            stepping = panel("stepping", "layers", stepping_value(config, seen), "stepping_panel")
        small = {name: _small_part(name) for name in SMALL}
        with _part("batches"):
            cutting = _cutting_controls()
            text = BatchesConfig(corpus=CUT_FIRST[FALLBACK])
            batches = panel("batches", "layers", batches_value(text, batches_of_text(text)), "batches_panel")
        with _part(GRADIENTS):
            gradients = panel("gradients", "layers", None, "gradients_panel")

    follow = {**REFUSING, "trigger_mode": "always_last"}
    arguments = [inputs[name] for name in SETTINGS]
    changes = [component.change for component in arguments]
    gr.on(changes, on_layer, arguments, [drawing, stepping], **follow)
    gr.on([part.change, *changes], on_gradients, [part, *arguments], gradients, **follow)
    for name, (shown, sizes) in small.items():
        gr.on([component.change for component in sizes], partial(on_small, name), sizes, shown, **follow)
    cuts = [cutting[name] for name in CUTTING]
    gr.on([component.change for component in cuts], on_text, cuts, batches, **follow)
    own = [cutting["text"], cutting["tokenizer"]]
    cutting["corpus"].change(on_corpus, cutting["corpus"], own, queue=False, **follow)
    remember(app, "layers", [part, *arguments, *(size for _, sizes in small.values() for size in sizes)])
    first = {
        language: [corpus if name == "corpus" else None for name in CUTTING] for language, corpus in CUT_FIRST.items()
    }
    remember(app, "cuts", cuts, first)


def _small_part(name: str) -> tuple[gr.HTML, list[Any]]:
    """Build one of SMALL; return its panel and the components of its sizes."""
    with _part(name):
        with gr.Row(elem_classes=["toolbar", "small-sizes"]):
            sizes = [
                _input(LayersConfig, size, f"{name}-{size}", size, value=value)
                for size, value in INITIAL_SIZES[name].items()
            ]
            sizes.append(_input(LayersConfig, "seed", f"{name}-seed", "seed"))
        return panel(name, "layers", SMALL_VALUES[name](LayersConfig(**INITIAL_SIZES[name])), f"{name}_panel"), sizes


def _part(*names: str) -> gr.Column:
    """Make a column that is shown with the parts `names`."""
    return gr.Column(elem_classes=_of(*names))


def _of(*names: str) -> list[str]:
    """Return the classes with which the style sheet shows an element in the parts `names`."""
    return ["part", *(f"of-{name}" for name in names)]


def _controls() -> dict[str, Any]:
    """Build the components of the layer's arguments and of its input's sizes, then the switches."""
    parts: dict[str, Any] = {}
    with gr.Row(elem_classes=["toolbar", "layer-controls"]):
        for name in SETTINGS:
            if name not in SWITCHES:
                parts[name] = _layer_input(name)
    with gr.Row(elem_classes=["switches", "layer-controls"]):
        parts |= {name: _layer_input(name, scale=0, min_width=240) for name in SWITCHES}
    return parts


def _layer_input(name: str, **look: Any) -> Component:
    """Make the component of a setting of the layer, shown with the parts that depend on it."""
    return _input(LayersConfig, name, f"layers-{name}", name, elem_classes=_of(*AFFECTED_PARTS[name]), **look)


def _cutting_controls() -> dict[str, Any]:
    """Build the components of the text and of how it is cut."""
    parts: dict[str, Any] = {}
    with gr.Row(elem_classes="toolbar"):
        parts["corpus"] = _input(
            BatchesConfig, "corpus", "cut-corpus", "batches.corpus", scale=2, value=CUT_FIRST[FALLBACK]
        )
        parts["tokenizer"] = _input(BatchesConfig, "tokenizer", "cut-tokenizer", "batches.tokenizer", scale=2)
        for name in ("batch_size", "num_steps", "seed"):
            parts[name] = _input(BatchesConfig, name, f"cut-{name}", name)
        parts["random_offset"] = _input(
            BatchesConfig, "random_offset", "cut-random_offset", "batches.random_offset", scale=0, min_width=160
        )
    parts["text"] = gr.Textbox(
        "", label=t("layers.batches.own"), placeholder=t("layers.batches.own_placeholder"), lines=2, visible=False,
        elem_id="cut-text",
    )  # fmt: skip
    return parts


def _input(config: type[Config], name: str, elem_id: str, word: str, **look: Any) -> Component:
    """Make a setting's component; its label names its letter in the shapes."""
    look = {"scale": 1, "min_width": 90, **look}
    return setting_input(config, name, info=False, label=t(f"layers.{word}"), elem_id=elem_id, **look)
