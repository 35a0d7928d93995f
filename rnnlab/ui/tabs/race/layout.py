"""Layout of the Race tab: who runs, on which text, to which finish line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from types import MethodType
from typing import Any

import gradio as gr
from gradio.components import Component

from rnnlab.experiments.race import PRESETS, Config
from rnnlab.resources import CORPORA
from rnnlab.runs import Runner
from rnnlab.text import SUFFIXES
from rnnlab.ui.components.event_options import QUIET, REFUSING, changes_of
from rnnlab.ui.components.form_restore import chosen_anew, connect_form
from rnnlab.ui.components.panel import panel
from rnnlab.ui.components.settings_form import setting_input, upload_button
from rnnlab.ui.i18n import t
from rnnlab.ui.session.restore import RestoredRun
from rnnlab.ui.session.state import Visitor
from rnnlab.ui.tabs.lesson import lesson_of
from rnnlab.ui.tabs.lesson_tab import LessonHandlers
from rnnlab.ui.tabs.own_text import OWN, on_upload
from rnnlab.ui.tabs.race.handlers import (
    SENT,
    on_another_corpus,
    on_corpus,
    on_own_text,
    on_pause,
    on_race,
    on_resume,
)
from rnnlab.ui.tabs.race.payload import ADVANCED, VIEW
from rnnlab.ui.tabs.upload_tokens import keep_upload


@dataclass(frozen=True)
class OwnText:
    """The components for a text of the visitor's own, which Train has, too."""

    row: gr.Row
    upload: gr.UploadButton
    about: gr.HTML  # describes the text


OFFERED = ("models", "implementations", "optimizers")  # of the presets, those that the lanes alone make


def build_tab(app: gr.Blocks, runner: Runner, visitor: Visitor) -> RestoredRun:
    """Build the Race tab inside `gr.Tabs`."""
    with gr.Tab(t("race.tab"), id="race"):
        with gr.Row(elem_classes="toolbar"):
            inputs = _in_reach()
            small: dict[str, Any] = {"scale": 1, "min_width": 90}
            buttons = {
                "pause": gr.Button(t("race.pause"), elem_id="race-pause", elem_classes="while-running", **small),
                "resume": gr.Button(t("race.resume"), elem_id="race-resume", elem_classes="while-paused", **small),
                "stop": gr.Button(
                    t("race.stop"), variant="stop", elem_id="race-stop", elem_classes="while-going", **small
                ),
                "start": gr.Button(t("race.start"), variant="primary", elem_id="race-start", **small),
            }
        own = _own_text()
        shown = panel("race", "race", "lessons/race")
        with gr.Accordion(t("race.advanced"), open=False, elem_id="race-advanced"), gr.Row(elem_classes="settings"):
            inputs |= {
                name: setting_input(Config, name, elem_id=VIEW.elem_id(name), min_width=220) for name in ADVANCED
            }
        gr.Markdown(t("race.next"))

    handlers, saved = LessonHandlers(VIEW, runner), visitor.runs["race"]
    given = [saved, visitor.text, visitor.shared["pasted"], *(inputs[name] for name in VIEW.settings)]
    buttons["start"].click(MethodType(on_race, runner), given, [shown, saved], **REFUSING)
    buttons["stop"].click(handlers.on_stop, saved, None, **QUIET)
    for name, handler in {"pause": on_pause, "resume": on_resume}.items():
        buttons[name].click(MethodType(handler, runner), saved, None, **REFUSING)
    _connect_own_text(own, visitor, inputs)
    connect_form("race", shown, {name: inputs[name] for name in VIEW.settings})
    return RestoredRun(saved, shown, partial(lesson_of, VIEW))


def _in_reach() -> dict[str, Component]:
    """Make the fields above the panel; into that of the lanes one can also write."""
    lanes = [(t(f"race.preset.{name}"), PRESETS[name].config().lanes) for name in OFFERED]
    corpora = [(t(f"choices.corpus.{name}"), name) for name in (*CORPORA, OWN)]
    look: dict[str, Any] = {"interactive": True, "min_width": 130}
    return {
        "lanes": gr.Dropdown(
            lanes, value=Config.lanes, label=t("fields.lanes"), allow_custom_value=True, elem_id="race-lanes", scale=6,
            **look,
        ),
        "corpus": gr.Dropdown(
            corpora, value=Config.corpus, label=t("fields.corpus"), elem_id="race-corpus", scale=4, **look
        ),
        "epochs": _number("epochs", 2),
        "target_perplexity": _number("target_perplexity", 3),
    }  # fmt: skip


def _own_text() -> OwnText:
    with gr.Row(visible=False, elem_id="race-own") as row:
        upload = upload_button("train.upload", SUFFIXES, elem_id="race-upload-text", scale=0, min_width=150)
        about = gr.HTML(elem_id="race-about-text")
    return OwnText(row, upload, about)


def _connect_own_text(own: OwnText, visitor: Visitor, inputs: dict[str, Component]) -> None:
    """Take an upload in place of the text in Train, and describe the text that Train has."""
    pasted, about, corpus = visitor.shared["pasted"], visitor.abouts["text"], inputs["corpus"]
    on_file = MethodType(on_upload, visitor.upload_memory)
    uploaded = own.upload.upload(
        on_file, [visitor.text, own.upload], [visitor.text, about, pasted], api_visibility="private"
    )
    keep_upload(uploaded, visitor, "text", about)
    described = [pasted, pasted, about]
    sent = f"(pasted, _, about) => [String(pasted?.length ?? 0), (pasted ?? '').slice(0, {SENT}), about]"
    gr.on(
        changes_of([corpus, pasted, about]), on_own_text, described, own.about, js=sent, trigger_mode="always_last",
        **QUIET,
    )  # fmt: skip
    on_change = changes_of([corpus])[0]
    on_change(on_corpus, corpus, own.row, **QUIET)
    anew = chosen_anew("race", "race-corpus")
    corpus.input(on_another_corpus, corpus, inputs["max_tokens"], js=anew, **QUIET)  # type: ignore[attr-defined]


def _number(name: str, scale: int) -> Component:
    return setting_input(Config, name, info=False, elem_id=VIEW.elem_id(name), scale=scale, min_width=90)
