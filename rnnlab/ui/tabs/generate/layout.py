"""Layout of the Generate tab: give a trained model a prefix, and see how sure it is of each character that follows."""

from __future__ import annotations

from types import MethodType

import gradio as gr

from rnnlab.generation import Generation
from rnnlab.runs import Runner
from rnnlab.ui.components.event_options import QUIET
from rnnlab.ui.components.field_storage import remember
from rnnlab.ui.components.panel import panel
from rnnlab.ui.components.settings_form import setting_input
from rnnlab.ui.i18n import t
from rnnlab.ui.i18n.languages import LANGUAGES
from rnnlab.ui.session.state import SECRET, Visitor
from rnnlab.ui.tabs.generate.handlers import BEGINNINGS, MODELS, SETTINGS, on_generate, on_open, on_suit, on_upload
from rnnlab.ui.tabs.upload_tokens import keep_upload

# JavaScript: what was typed meanwhile stays.
SUIT = "(suited, prefix) => (suited && suited[0] === prefix ? suited[1] : prefix)"


def build_tab(app: gr.Blocks, runner: Runner, visitor: Visitor) -> None:
    with gr.Tab(t("generate.tab"), id="generate") as tab:
        with gr.Row(elem_classes="toolbar"):
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
            }  # fmt: skip
            inputs["seed"] = setting_input(Generation, "seed", info=False, scale=1, min_width=90, elem_id="song-seed")
            locked = gr.Checkbox(False, label=t("generate.lock"), elem_id="song-lock", scale=0, min_width=90)
            sing = gr.Button(t("generate.generate"), variant="primary", scale=1, min_width=120, elem_id="generate")
            upload = gr.UploadButton(
                t("generate.upload"), file_types=[".safetensors"], scale=1, min_width=120, elem_id="upload-model"
            )
        about = gr.Markdown(elem_id="about-model")
        suited = gr.BrowserState(None, storage_key="rnnlab_suited", secret=SECRET)  # a prefix, and the better one
        song = panel("song", "generate")
        with gr.Accordion(t("generate.advanced"), open=False), gr.Row(elem_classes="settings"):
            inputs |= {
                name: setting_input(Generation, name, min_width=220, elem_id=f"song-{name}")
                for name in ("top_k", "top_p")
            }
        gr.Markdown(t("generate.next"))

    saved, uploaded = visitor.runs["train"], visitor.model
    arguments = [saved, uploaded, model, locked, *(inputs[name] for name in SETTINGS)]
    growing = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": 8}
    gr.on(
        [sing.click, inputs["prefix"].submit], MethodType(on_generate, runner), arguments,
        [song, inputs["seed"]], trigger_mode="always_last", **growing,
    )  # fmt: skip
    inputs["seed"].input(None, None, locked, js="() => true", **QUIET)  # who types a seed wants that one
    kept = upload.upload(
        MethodType(on_upload, visitor.upload_memory),
        [uploaded, upload],
        [uploaded, model, about],
        api_visibility="private",
    )
    keep_upload(kept, visitor, "model", about)
    suits = (MethodType(on_suit, runner), [saved, model, inputs["prefix"]], suited)
    opened = tab.select(MethodType(on_open, runner), [saved, visitor.offered], [visitor.offered, model], **QUIET)
    # Not at any change of the model: what a reload puts back stays as it was.
    for asked in (opened.then(*suits, **QUIET), model.input(*suits, **QUIET)):
        asked.then(None, [suited, inputs["prefix"]], inputs["prefix"], js=SUIT, **QUIET)
    first = {language: (row.songs, BEGINNINGS[row.songs]) for language, row in LANGUAGES.items()}
    shown = [model, inputs["prefix"], *(inputs[name] for name in SETTINGS if name != "prefix"), locked, about]
    remember(app, "generate", shown, first)
