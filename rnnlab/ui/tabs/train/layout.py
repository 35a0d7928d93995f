"""Layout of the Train tab: choose a recipe, press the button, watch the perplexity fall and the model begin to sing."""

from __future__ import annotations

from types import MethodType

import gradio as gr
from gradio.components import Component

from rnnlab.experiments.language_model import PRESETS, Config
from rnnlab.resources import SHIPPED_CORPORA
from rnnlab.runs import Runner
from rnnlab.text import SUFFIXES
from rnnlab.ui.components.event_options import QUIET, REFUSING
from rnnlab.ui.components.field_storage import remember
from rnnlab.ui.components.form_restore import chosen_anew, chosen_by_hand, connect_form
from rnnlab.ui.components.panel import panel
from rnnlab.ui.components.settings_form import setting_input
from rnnlab.ui.i18n import t
from rnnlab.ui.session.restore import RestoredRun
from rnnlab.ui.session.state import Visitor
from rnnlab.ui.tabs.train.handlers import (
    ADVANCED,
    IN_REACH,
    SETTINGS,
    on_another_corpus,
    on_apply,
    on_corpus,
    on_more,
    on_pause,
    on_preset,
    on_resume,
    on_stop,
    on_train,
    on_upload,
)
from rnnlab.ui.tabs.train.runs import OWN, training_of
from rnnlab.ui.tabs.upload_tokens import keep_upload


def build_tab(app: gr.Blocks, runner: Runner, visitor: Visitor) -> RestoredRun:
    with gr.Tab(t("train.tab"), id="train"):
        with gr.Row(elem_classes="toolbar"):
            parts = _what_to_train() | _buttons()
        with gr.Row(visible=False) as parts["own"]:
            parts |= _text_of_ones_own()
        live = panel("live", "train", "curves/lyrics-zh")
        with gr.Accordion(t("train.advanced"), open=False, elem_id="advanced"):
            parts |= _advanced()
        gr.Markdown(t("train.next"))

    settings = [parts[name] for name in SETTINGS]
    saved, text = visitor.runs["train"], visitor.text
    chosen = [parts["recipe"], parts["corpus"]]
    parts["recipe"].change(on_preset, chosen, settings, js=chosen_by_hand("train", "recipe"), **REFUSING)
    parts["corpus"].change(on_corpus, parts["corpus"], parts["own"], **QUIET)
    asked = [parts["corpus"], parts["recipe"]]
    anew = chosen_anew("train", "corpus")
    parts["corpus"].input(on_another_corpus, asked, parts["max_tokens"], js=anew, **QUIET)
    uploaded = parts["upload"].upload(
        MethodType(on_upload, visitor.upload_memory),
        [text, parts["upload"]],
        [text, parts["about_upload"], parts["pasted"]],
        api_visibility="private",
    )
    keep_upload(uploaded, visitor, "text", parts["about_upload"])
    remember(app, "own-text", [parts["pasted"], parts["about_upload"], parts["more_epochs"]])
    start = [saved, text, parts["corpus"], parts["pasted"], *settings]
    parts["train"].click(MethodType(on_train, runner), start, [live, saved], **REFUSING)
    parts["stop"].click(MethodType(on_stop, runner), saved, None, **REFUSING)
    parts["pause"].click(MethodType(on_pause, runner), saved, None, **REFUSING)
    parts["resume"].click(MethodType(on_resume, runner), saved, None, **REFUSING)
    parts["apply"].click(MethodType(on_apply, runner), [saved, parts["learning_rate"]], None, **REFUSING)
    parts["more"].click(MethodType(on_more, runner), [saved, parts["more_epochs"]], live, **REFUSING)
    connect_form("train", live, {name: parts[name] for name in ("recipe", "corpus", *SETTINGS)})
    return RestoredRun(saved, live, training_of)


def _what_to_train() -> dict[str, Component]:
    recipes = [(t(f"presets.{name}"), name) for name in PRESETS]
    corpora = [(t(f"choices.corpus.{name}"), name) for name in (*SHIPPED_CORPORA, OWN)]
    return {
        "recipe": gr.Dropdown(
            recipes, value="quick", label=t("train.preset"), scale=3, min_width=180, interactive=True, elem_id="recipe"
        ),
        "corpus": gr.Dropdown(
            corpora, value="lyrics-zh", label=t("fields.corpus"), scale=2, min_width=130, interactive=True,
            elem_id="corpus",
        ),
    } | {name: setting_input(Config, name, info=False, scale=1, min_width=100) for name in IN_REACH}  # fmt: skip


def _buttons() -> dict[str, Component]:
    """Train, and what makes sense while it trains, waits or has ended (style.css shows those by the class)."""
    small = {"scale": 1, "min_width": 90}
    ended = {**small, "elem_classes": "when-ended"}
    return {
        "train": gr.Button(t("train.train"), variant="primary", scale=2, min_width=120, elem_id="train"),
        "apply": gr.Button(t("train.apply"), elem_id="apply", elem_classes="while-going", **small),
        "pause": gr.Button(t("train.pause"), elem_id="pause", elem_classes="while-running", **small),
        "resume": gr.Button(t("train.resume"), elem_id="resume", elem_classes="while-paused", **small),
        "stop": gr.Button(t("train.stop"), variant="stop", elem_id="stop", elem_classes="while-going", **small),
        "more_epochs": gr.Number(20, label=t("train.more_epochs"), interactive=True, elem_id="more-epochs", **ended),
        "more": gr.Button(t("train.more"), elem_id="more", **ended),
    }


def _text_of_ones_own() -> dict[str, Component]:
    parts = {
        "pasted": gr.Textbox(
            label=t("train.own_text"), placeholder=t("train.own_placeholder"), lines=3, max_lines=3, scale=4,
            elem_id="own-text",
        )
    }  # fmt: skip
    with gr.Column(scale=1, min_width=200):
        parts["upload"] = gr.UploadButton(t("train.upload"), file_types=list(SUFFIXES), elem_id="upload-text")
        parts["about_upload"] = gr.HTML(elem_id="about-text")
    return parts


def _advanced() -> dict[str, Component]:
    parts = {}
    for section, names in ADVANCED.items():
        gr.Markdown(t(f"train.advanced_{section}"), elem_classes="section")
        with gr.Row(elem_classes="settings"):
            parts |= {name: setting_input(Config, name, min_width=220) for name in names}
    return parts
