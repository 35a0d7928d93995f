"""Layout of the Layers tab: inspect a recurrent layer. Change a size and every shape follows.

The tab has eight parts, of which a switch shows one; `frontend/styles/page.css` hides the others, and the controls that
have no effect on the part shown.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import gradio as gr
from gradio.components import Component

from rnnlab.inspection import (
    EXAMPLES,
    PARTS,
    BatchesConfig,
    EmbeddingConfig,
    LayersConfig,
    PackedConfig,
    batches_of_text,
    inspect_layers,
)
from rnnlab.runs import Runner
from rnnlab.ui.components.event_options import QUIET, REFUSING, changes_of
from rnnlab.ui.components.field_storage import remember
from rnnlab.ui.components.panel import panel
from rnnlab.ui.components.settings_form import setting_input
from rnnlab.ui.i18n import t
from rnnlab.ui.i18n.languages import FALLBACK, LANGUAGES
from rnnlab.ui.session.state import Visitor
from rnnlab.ui.tabs.layers.handlers import (
    AFFECTED_PARTS,
    COMPUTED_PARTS,
    CUTTING,
    DEFAULT_DROPOUT,
    SETTINGS,
    SMALL,
    SMALL_SETTINGS,
    SMALL_VALUES,
    on_corpus,
    on_example,
    on_layer,
    on_model,
    on_shown,
    on_small,
    on_text,
)
from rnnlab.ui.tabs.layers.payload import batches_value, layers_value, stepping_value
from rnnlab.validation import Config

SWITCHES = ("bidirectional", "batch_first", "bias", "one_generator")
INITIAL: dict[str, Any] = {"dropout": DEFAULT_DROPOUT}  # what a field shows first, if not its default
HIDDEN = ("nonlinearity",)  # until a cell is chosen that has one
EMBEDDING_OPTIONS = ("max_norm", "norm_type", "scale_grad_by_freq")
MAX_NORM = 1.0  # shown first, so that the part of an embedding's options shows something
# Text first: the ids of the numbers equal their tokens.
CUT_FIRST = {language: row.songs for language, row in LANGUAGES.items()}


def build_tab(app: gr.Blocks, runner: Runner, visitor: Visitor) -> None:
    """Build the tab into `app` and connect its events."""
    config = LayersConfig()
    seen = inspect_layers(config)
    with gr.Tab(t("layers.tab"), id="layers"):
        with gr.Row(elem_classes="layers-head"):
            example = _example()
            part = gr.Radio(
                [(t(f"layers.{part}"), part) for part in PARTS], value=next(iter(PARTS)), label=t("layers.parts"),
                interactive=True, elem_id="layers-part", elem_classes="switch", container=False, scale=5,
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
        computed = []
        for name in COMPUTED_PARTS:
            with _part(name):
                computed.append(panel(name, "layers", None, f"{name}_panel"))

    follow = {**REFUSING, "trigger_mode": "always_last"}
    arguments = [inputs[name] for name in SETTINGS]
    changes = changes_of(arguments)
    gr.on(changes, on_layer, arguments, [drawing, stepping], **follow)
    gr.on([part.change, *changes], on_shown, [part, *arguments], computed, **follow)
    inputs["model"].change(on_model, inputs["model"], inputs["nonlinearity"], **QUIET)
    for name, (shown, sizes) in small.items():
        gr.on(changes_of(sizes), partial(on_small, name), sizes, shown, **follow)
    cuts = [cutting[name] for name in CUTTING]
    gr.on(changes_of(cuts), on_text, cuts, batches, **follow)
    own = [cutting["text"], cutting["tokenizer"], cutting["numbers"]]
    cutting["corpus"].change(on_corpus, cutting["corpus"], own, **QUIET)
    sizes = [size for _, sizes in small.values() for size in sizes]
    example.input(on_example, example, [part, *arguments, *sizes, *cuts], **QUIET)
    remember(app, "layers", [part, *arguments, *sizes])
    first = {
        language: [corpus if name == "corpus" else None for name in CUTTING] for language, corpus in CUT_FIRST.items()
    }
    remember(app, "cuts", cuts, first)


def _example() -> gr.Dropdown:
    """Make the choice of a tutorial's example, which sets all fields of its part."""
    examples = [(t(f"layers.example.{name}"), name) for name in EXAMPLES]
    return gr.Dropdown(
        [(t("layers.examples"), ""), *examples], value="", label=t("layers.examples"), interactive=True,
        elem_id="layers-example", container=False, scale=1, min_width=220,
    )  # fmt: skip


def _small_part(name: str) -> tuple[list[gr.HTML], list[Any]]:
    """Build one of SMALL; return its panels and the components of its settings."""
    config = SMALL[name]
    parts: dict[str, Any] = {}
    with _part(name):
        with gr.Row(elem_classes=["toolbar", "small-sizes"]):
            parts |= {size: _small_input(name, size) for size in SMALL_SETTINGS[name] if size not in EMBEDDING_OPTIONS}
        values = SMALL_VALUES[name](config())
        panels = [panel(name, "layers", values[0], f"{name}_panel")]
        if name == "lookup":
            with gr.Accordion(t("layers.options"), open=False, elem_id="lookup-options"):
                with gr.Row(elem_classes=["toolbar", "small-sizes"]):
                    parts |= {option: _small_input(name, option) for option in EMBEDDING_OPTIONS}
                first = SMALL_VALUES[name](EmbeddingConfig(max_norm=MAX_NORM))[1]
                panels.append(panel("embedding-options", "layers", first, "options_panel"))
    return panels, [parts[setting] for setting in SMALL_SETTINGS[name]]


def _small_input(part: str, name: str) -> Component:
    """Make the component of a setting of one of SMALL."""
    look = {"value": f"{MAX_NORM:g}"} if name == "max_norm" else {}
    return _input(SMALL[part], name, f"{part}-{name}", name, **look)


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
    look |= {"value": INITIAL[name]} if name in INITIAL else {}
    look |= {"visible": False} if name in HIDDEN else {}
    look |= {"placeholder": "5 4 2"} if name == "lengths" else {}
    return _input(PackedConfig, name, f"layers-{name}", name, elem_classes=_of(*AFFECTED_PARTS[name]), **look)


def _cutting_controls() -> dict[str, Any]:
    """Build the components of the text and of how it is cut."""
    parts: dict[str, Any] = {}
    with gr.Row(elem_classes="toolbar"):
        parts["corpus"] = _input(
            BatchesConfig, "corpus", "cut-corpus", "batches.corpus", scale=2, value=CUT_FIRST[FALLBACK]
        )
        parts["tokenizer"] = _input(BatchesConfig, "tokenizer", "cut-tokenizer", "batches.tokenizer", scale=2)
        parts["numbers"] = _input(BatchesConfig, "numbers", "cut-numbers", "batches.numbers", visible=False)
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
