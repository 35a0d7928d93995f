"""Layout of the Generate tab: give a model a prefix, and see the probability of each next character.

Below the song are the bars of the next character, and panels that are closed at first: the same beginning at several
temperatures, what followed a few typed characters in the model's text, an acrostic, and "who wrote this?".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MethodType

import gradio as gr
from gradio.components import Component
from gradio.events import Dependency

from rnnlab.generation import TEMPERATURES, Generation
from rnnlab.runs import Runner
from rnnlab.ui.components.event_options import QUIET, REFUSING
from rnnlab.ui.components.field_storage import remember
from rnnlab.ui.components.panel import panel
from rnnlab.ui.components.settings_form import setting_input, submits_of, upload_button
from rnnlab.ui.i18n import t
from rnnlab.ui.i18n.languages import LANGUAGES
from rnnlab.ui.session.state import SECRET, Visitor
from rnnlab.ui.tabs.generate.acrostic_layout import HEADS, build_acrostic, connect_acrostic
from rnnlab.ui.tabs.generate.followers import on_followers
from rnnlab.ui.tabs.generate.handlers import (
    BEGINNINGS,
    SETTINGS,
    on_first_song,
    on_generate,
    on_open,
    on_suit,
    on_upload,
)
from rnnlab.ui.tabs.generate.temperatures import BESIDE, on_moved, on_temperatures
from rnnlab.ui.tabs.generate.who_layout import build_who, connect_who
from rnnlab.ui.tabs.generate.writers import MODELS
from rnnlab.ui.tabs.upload_tokens import keep_upload

# JavaScript: takes the suited prefix unless the visitor has typed another one meanwhile.
SUIT = "(suited, prefix) => (suited && suited[0] === prefix ? suited[1] : prefix)"
# JavaScript: tells in the place of the seed's lock whether the page has a song, or had one before it was left.
HAS_SONG = (
    "(...given) => { const stored = sessionStorage.getItem('rnnlab_song');"
    " given[3] = Boolean(stored || document.querySelector('#song .line')); return given; }"
)

# JavaScript: asks for the columns whose handles were moved, by the seed of the columns that stand there.
MOVED = (
    "(...given) => { const { list, seed } = rnnlab.movedTemperatures; given[3] = true; given[4] = list;"
    f" given[{5 + BESIDE.index('seed')}] = seed; return given; }}"
)


@dataclass(frozen=True)
class Toolbar:
    """The components above the song."""

    model: gr.Dropdown
    inputs: Mapping[str, Component]  # by setting
    locked: gr.Checkbox  # whether the seed stays
    generate: gr.Button
    upload: gr.UploadButton


@dataclass(frozen=True)
class Temperatures:
    """The components of the columns."""

    temperatures: gr.Textbox
    write: gr.Button
    columns: gr.HTML


@dataclass(frozen=True)
class Followers:
    """The components of the table of what followed."""

    context: gr.Textbox
    table: gr.HTML


def build_tab(app: gr.Blocks, runner: Runner, visitor: Visitor) -> None:
    """Build the Generate tab inside `gr.Tabs`."""
    with gr.Tab(t("generate.tab"), id="generate") as tab:
        with gr.Row(elem_classes="toolbar"):
            toolbar = _toolbar()
        about = gr.Markdown(elem_id="about-model")
        suited = gr.BrowserState(None, storage_key="rnnlab_suited", secret=SECRET)  # a prefix, and the better one
        song = panel("song", "generate")
        panel("next-character", "generate", file="next_panel")
        panel("song-foot", "generate", file="foot")
        beside = _temperatures()
        typed = _followers()
        verse = build_acrostic()
        who = build_who()
        with gr.Accordion(t("generate.advanced"), open=False, elem_id="song-advanced"), gr.Row(elem_classes="settings"):
            inputs = dict(toolbar.inputs) | {
                name: setting_input(Generation, name, min_width=220, elem_id=f"song-{name}")
                for name in ("top_k", "top_p")
            }
        gr.Markdown(t("generate.next"))

    settings = [inputs[name] for name in SETTINGS]
    _connect_generation(runner, visitor, toolbar, settings, song)
    _connect_temperatures(runner, visitor, toolbar, inputs, beside)
    _connect_followers(runner, visitor, toolbar, typed)
    connect_who(runner, who, _arguments(visitor, toolbar, [])[:3])
    connect_acrostic(runner, verse, _arguments(visitor, toolbar, []), toolbar.inputs)
    on_file = MethodType(on_upload, visitor.upload_memory)
    uploaded = [visitor.model, toolbar.model, about]
    kept = toolbar.upload.upload(on_file, [visitor.model, toolbar.upload], uploaded, api_visibility="private")
    keep_upload(kept, visitor, "model", about)
    opened = _connect_prefix(tab, runner, visitor, toolbar, suited)
    opened.then(
        MethodType(on_first_song, runner), _arguments(visitor, toolbar, settings), song, js=HAS_SONG,
        show_progress="hidden", api_visibility="private", concurrency_limit=8,
    )  # fmt: skip
    first = {language: (row.songs, BEGINNINGS[row.songs]) for language, row in LANGUAGES.items()}
    others = [inputs[name] for name in SETTINGS if name != "prefix"]
    remember(app, "generate", [toolbar.model, inputs["prefix"], *others, toolbar.locked, about], first)
    remember(app, "generate_below", [beside.temperatures, typed.context])
    heads = {language: (HEADS[row.songs],) for language, row in LANGUAGES.items()}
    remember(app, "acrostic", list(verse.inputs.values()), heads)


def _toolbar() -> Toolbar:
    names = [(t(f"generate.model.{name}"), name) for name in MODELS]
    model = gr.Dropdown(
        names, value="lyrics-zh", label=t("generate.model"), scale=3, min_width=200, interactive=True,
        elem_id="song-model",
    )  # fmt: skip
    inputs = {
        "prefix": setting_input(
            Generation, "prefix", info=False, scale=3, min_width=180, value=BEGINNINGS["lyrics-zh"],
            placeholder=t("generate.prefix_placeholder"), max_lines=4,
        ),
        "temperature": setting_input(Generation, "temperature", info=False, scale=1, min_width=90),
        "length": setting_input(Generation, "length", info=False, scale=1, min_width=90),
        "seed": setting_input(Generation, "seed", info=False, scale=1, min_width=90, elem_id="song-seed"),
    }  # fmt: skip
    return Toolbar(
        model,
        inputs,
        gr.Checkbox(False, label=t("generate.lock"), elem_id="song-lock", scale=0, min_width=90),
        gr.Button(t("generate.generate"), variant="primary", scale=1, min_width=120, elem_id="generate"),
        upload_button("generate.upload", [".safetensors"], scale=1, min_width=120, elem_id="upload-model"),
    )


def _temperatures() -> Temperatures:
    with gr.Accordion(t("generate.beside"), open=False, elem_id="beside"):
        with gr.Row(elem_classes="toolbar"):
            temperatures = gr.Textbox(
                ", ".join(f"{value:g}" for value in TEMPERATURES), label=t("fields.temperatures"), max_lines=1,
                elem_id="set-temperatures", interactive=True,
            )  # fmt: skip
            write = gr.Button(t("generate.beside.write"), scale=0, min_width=200, elem_id="write-beside")
        return Temperatures(temperatures, write, panel("columns", "generate", file="temperatures"))


def _followers() -> Followers:
    with gr.Accordion(t("generate.followers"), open=False, elem_id="followers"):
        context = gr.Textbox(
            "", label=t("fields.context"), placeholder=t("generate.followers.placeholder"), max_lines=1,
            elem_id="set-context", interactive=True,
        )  # fmt: skip
        return Followers(context, panel("followed", "generate", file="followers"))


def _arguments(visitor: Visitor, toolbar: Toolbar, settings: list[Component]) -> list[Component]:
    return [visitor.runs["train"], visitor.model, toolbar.model, toolbar.locked, *settings]


def _connect_generation(
    runner: Runner, visitor: Visitor, toolbar: Toolbar, settings: list[Component], song: gr.HTML
) -> None:
    """Let the button and the Enter key generate; a seed that the visitor types is locked."""
    prefix, seed, arguments = toolbar.inputs["prefix"], toolbar.inputs["seed"], _arguments(visitor, toolbar, settings)
    gr.on(
        [toolbar.generate.click, *submits_of([prefix])], MethodType(on_generate, runner), arguments, [song, seed],
        trigger_mode="always_last", show_progress="hidden", api_visibility="private", concurrency_limit=8,
    )  # fmt: skip
    assert isinstance(seed, gr.Number)
    seed.input(None, None, toolbar.locked, js="() => true", **QUIET)


def _connect_temperatures(
    runner: Runner, visitor: Visitor, toolbar: Toolbar, inputs: Mapping[str, Component], beside: Temperatures
) -> None:
    """Let the button and the Enter key write the columns, with the settings of the song but its temperature."""
    arguments = [*_arguments(visitor, toolbar, []), beside.temperatures, *(inputs[name] for name in BESIDE)]
    gr.on(
        [beside.write.click, beside.temperatures.submit], MethodType(on_temperatures, runner),
        arguments, [beside.columns, inputs["seed"]],
        trigger_mode="always_last", show_progress="hidden", api_visibility="private", concurrency_limit=8,
    )  # fmt: skip
    moved = beside.columns.submit(
        MethodType(on_moved, runner), arguments, beside.columns, js=MOVED, trigger_mode="always_last",
        show_progress="hidden", api_visibility="private", concurrency_limit=8,
    )  # fmt: skip
    moved.then(None, None, beside.temperatures, js="() => rnnlab.movedTemperatures.all", **QUIET)


def _connect_followers(runner: Runner, visitor: Visitor, toolbar: Toolbar, typed: Followers) -> None:
    """Show what followed as it is typed, and anew for another model."""
    arguments = [visitor.runs["train"], visitor.model, toolbar.model, typed.context]
    gr.on(
        [typed.context.change, typed.context.submit, toolbar.model.input], MethodType(on_followers, runner),
        arguments, typed.table, trigger_mode="always_last", **REFUSING,
    )  # fmt: skip


def _connect_prefix(
    tab: gr.Tab, runner: Runner, visitor: Visitor, toolbar: Toolbar, suited: gr.BrowserState
) -> Dependency:
    """Choose the trained model when the tab opens, and a prefix that suits a chosen model; return the tab's last event.

    A prefix is not suited at every change of the model: what a reload restores stays as it was.
    """
    saved, model, prefix = visitor.runs["train"], toolbar.model, toolbar.inputs["prefix"]
    suit = MethodType(on_suit, runner)
    offered = "(saved, before) => [rnnlab.drive.offered('generate', saved), before]"  # a link may have chosen
    opened = tab.select(
        MethodType(on_open, runner), [saved, visitor.offered], [visitor.offered, model], js=offered, **QUIET
    )
    chosen = model.input(suit, [saved, model, prefix], suited, **QUIET)
    chosen.then(None, [suited, prefix], prefix, js=SUIT, **QUIET)
    asked = opened.then(suit, [saved, model, prefix], suited, **QUIET)
    return asked.then(None, [suited, prefix], prefix, js=SUIT, **QUIET)
