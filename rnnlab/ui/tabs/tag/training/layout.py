"""Layout of the second part of the Tagging tab: train a tagger on shipped sentences or on a file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MethodType
from typing import Any

import gradio as gr
from gradio.components import Component

from rnnlab.experiments.tagging import PRESETS, Config
from rnnlab.limits import MAX_TREEBANKS_READ_AT_ONCE
from rnnlab.runs import Runner
from rnnlab.ui.components.event_options import QUIET, REFUSING
from rnnlab.ui.components.form_restore import chosen_by_hand, connect_form
from rnnlab.ui.components.panel import panel
from rnnlab.ui.components.settings_form import setting_input, upload_button
from rnnlab.ui.i18n import t
from rnnlab.ui.session.restore import RestoredRun
from rnnlab.ui.session.state import Visitor
from rnnlab.ui.session.uploads import Uploads
from rnnlab.ui.tabs.lesson import lesson_of
from rnnlab.ui.tabs.tag.training.handlers import on_preset, on_stop, on_train, on_upload
from rnnlab.ui.tabs.tag.training.payload import (
    ADVANCED,
    IDS,
    IN_REACH,
    SETTINGS,
    VIEW,
)
from rnnlab.ui.tabs.upload_tokens import keep_upload

SMALL: dict[str, Any] = {"scale": 1, "min_width": 90}


def build() -> dict[str, Any]:
    """Make the components, by name."""
    parts: dict[str, Any] = {}
    with gr.Row(elem_classes="toolbar"):
        recipes = [(t(f"tag.recipe.{name}"), name) for name in PRESETS]
        parts["preset"] = gr.Dropdown(
            recipes, value="toy-en", label=t("tag.recipe"), scale=3, min_width=180, interactive=True,
            elem_id="tag-preset",
        )  # fmt: skip
        parts |= {name: _input(name, info=False, scale=1, min_width=100) for name in IN_REACH}
        parts["upload"] = upload_button("tag.upload", [".conllu", ".txt"], elem_id="tag-upload", scale=1, min_width=150)
        parts["stop"] = gr.Button(
            t("tag.stop"), variant="stop", elem_id="tag-stop", elem_classes="while-going", **SMALL
        )
        parts["use"] = gr.Button(t("tag.use"), elem_id="tag-use", elem_classes="when-ended", **SMALL)
        parts["start"] = gr.Button(t("tag.train"), variant="primary", elem_id="tag-start", scale=1, min_width=110)
    parts["about"] = gr.Markdown(t("tag.own_hint"), visible=False, elem_id="tag-about")
    parts["panel"] = panel("tag", "tag/training", "lessons/tag")
    with gr.Accordion(t("tag.advanced"), open=False, elem_id="tag-advanced"):
        parts |= _advanced()
    gr.Markdown(t("tag.next_train"))
    return parts


def _advanced() -> dict[str, Component]:
    parts: dict[str, Component] = {}
    for title, names in ADVANCED.items():
        gr.Markdown(t(f"tag.{title}"), elem_classes="section")
        with gr.Row(elem_classes="settings"):
            parts |= {name: _input(name, min_width=220) for name in names}
            if title == "advanced_model":
                parts["beside"] = gr.Checkbox(
                    label=t("tag.beside"), info=t("tag.beside_help"), interactive=True, elem_id="tag-beside"
                )
    return parts


def _input(name: str, **look: Any) -> Component:
    if name == "bidirectional":  # the shared label warns that such a language model reads the answer
        look["label"] = t("tag.bidirectional")
    return setting_input(Config, name, elem_id=IDS[name], **look)


def connect(uploads: Uploads, runner: Runner, visitor: Visitor, parts: Mapping[str, Any]) -> RestoredRun:
    """Connect the components of `build` with the handlers."""
    saved, uploaded = visitor.runs[VIEW.name], visitor.tagged
    settings = [parts[name] for name in SETTINGS]
    shown = [*settings, parts["beside"], parts["about"]]
    by_hand = chosen_by_hand(VIEW.name, IDS["corpus"])
    parts["preset"].change(on_preset, parts["preset"], shown, js=by_hand, **REFUSING)
    chosen = [uploaded, parts["preset"], parts["about"]]
    kept = parts["upload"].upload(
        MethodType(on_upload, uploads),
        [uploaded, parts["upload"]],
        chosen,
        concurrency_limit=MAX_TREEBANKS_READ_AT_ONCE,
        api_visibility="private",
    )
    keep_upload(kept, visitor, "tagged", parts["about"])
    arguments = [saved, uploaded, parts["preset"], parts["beside"], *settings]
    parts["start"].click(MethodType(on_train, runner), arguments, [parts["panel"], saved], **REFUSING)
    parts["stop"].click(MethodType(on_stop, runner), saved, None, **QUIET)
    connect_form(VIEW.name, parts["panel"], {"corpus": parts["preset"]} | {name: parts[name] for name in SETTINGS})
    return RestoredRun(saved, parts["panel"], partial(lesson_of, VIEW))
