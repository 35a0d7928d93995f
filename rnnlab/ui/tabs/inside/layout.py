"""Layout of the tab: a network, a text, and what the network does at each character of it."""

from __future__ import annotations

from types import MethodType
from typing import Any, NamedTuple

import gradio as gr

from rnnlab.limits import MAX_INSPECTED_CHARACTERS
from rnnlab.runs import Runner
from rnnlab.ui.components.event_options import REFUSING
from rnnlab.ui.components.field_storage import remember
from rnnlab.ui.components.panel import panel
from rnnlab.ui.components.settings_form import upload_button
from rnnlab.ui.i18n import t
from rnnlab.ui.i18n.languages import LANGUAGES
from rnnlab.ui.session.state import SECRET, Visitor
from rnnlab.ui.tabs.generate.handlers import on_upload
from rnnlab.ui.tabs.inside.handlers import on_beginning, on_open, on_select, on_song
from rnnlab.ui.tabs.inside.sections import SECTIONS
from rnnlab.ui.tabs.inside.texts import BEGINNING, SONG
from rnnlab.ui.tabs.networks import NETWORKS, TRAINED
from rnnlab.ui.tabs.upload_tokens import keep_upload

# JavaScript: sends where the Train tab stands as the value of the component that is the last but one of the inputs.
MOMENT = """async (...given) => {
  const { reference, epoch, now } = (await import(rnnlab.module("tabs/train/time_travel.js"))).travel;
  return [...given.slice(0, -2), `${reference} ${epoch} ${now}`, ...given.slice(-1)];
}"""
FILLS = {SONG: on_song, BEGINNING: on_beginning}
# JavaScript: the same when the tab is selected; a link may have chosen the network.
SELECTED = f"""async (before, ...given) => {{
  const [saved, uploaded, model, ...others] = await ({MOMENT})(...given);
  return [before, model === "{TRAINED}" ? saved : rnnlab.drive.offered("inside", saved), uploaded, model, ...others];
}}"""
OPENING: dict[str, Any] = {**REFUSING, "concurrency_limit": 2, "concurrency_id": "inside", "js": MOMENT}


class Toolbar(NamedTuple):
    """The components above the panel."""

    model: gr.Dropdown
    text: gr.Textbox
    fills: dict[str, gr.Button]
    upload: gr.UploadButton
    open: gr.Button


def build_tab(app: gr.Blocks, runner: Runner, visitor: Visitor) -> None:
    """Build the tab inside `gr.Tabs`."""
    with gr.Tab(t("inside.tab"), id="inside") as tab:
        with gr.Row(elem_classes="toolbar", elem_id="inside-bar"):
            toolbar = _toolbar()
        filled = gr.BrowserState(None, storage_key="rnnlab_inside_filled", secret=SECRET)
        moment, shown, offered = gr.Textbox(visible=False), gr.State(None), gr.State(None)
        opened = panel("inside", "inside", parts=tuple(SECTIONS))

    inputs = [visitor.runs["train"], visitor.model, toolbar.model, toolbar.text, filled, moment, shown]
    outputs = [opened, toolbar.text, filled, shown]
    again = [toolbar.open.click, toolbar.text.submit, toolbar.model.input, opened.submit]
    gr.on(again, MethodType(on_open, runner), inputs, outputs, trigger_mode="always_last", **OPENING)
    for kind, button in toolbar.fills.items():
        button.click(MethodType(FILLS[kind], runner), inputs, outputs, **OPENING)
    tab.select(
        MethodType(on_select, runner), [offered, *inputs], [offered, toolbar.model, *outputs],
        trigger_mode="always_last", **OPENING | {"js": SELECTED},
    )  # fmt: skip
    on_file, about = MethodType(on_upload, visitor.upload_memory), visitor.abouts["model"]
    files = [visitor.model, toolbar.upload]
    kept = toolbar.upload.upload(on_file, files, [visitor.model, toolbar.model, about], api_visibility="private")
    keep_upload(kept, visitor, "model", about)  # the upload is that of the Generate tab
    kept.success(MethodType(on_open, runner), inputs, outputs, **OPENING)
    first = {language: [row.songs, ""] for language, row in LANGUAGES.items()}
    remember(app, "inside", [toolbar.model, toolbar.text], first)


def _toolbar() -> Toolbar:
    names = [(t(f"generate.model.{name}"), name) for name in NETWORKS]
    model = gr.Dropdown(
        names, value="lyrics-zh", label=t("generate.model"), scale=2, min_width=200, interactive=True,
        elem_id="inside-model",
    )  # fmt: skip
    text = gr.Textbox(
        "", label=t("inside.text"), placeholder=t("inside.placeholder"), lines=1, max_lines=2, scale=5, min_width=200,
        interactive=True, max_length=MAX_INSPECTED_CHARACTERS, elem_id="inside-text",
    )  # fmt: skip
    fills = {kind: gr.Button(t(f"inside.{kind}"), scale=0, min_width=120, elem_id=f"inside-{kind}") for kind in FILLS}
    return Toolbar(
        model,
        text,
        fills,
        upload_button("generate.upload", [".safetensors"], scale=0, min_width=110, elem_id="inside-upload"),
        gr.Button(t("inside.open"), variant="primary", scale=1, min_width=110, elem_id="inside-open"),
    )
